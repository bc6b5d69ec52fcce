internal import VectorMath

// Operands of matrix products rounded to bfloat16, in the layouts of the two ways to multiply them.
//
// The order of a chain is that of VDPBF16PS: steps by twos, the second of two first (RoundedProduct.swift). A last single step is
// the first of two whose other is zero.
//   pairs                  32 bits hold steps 2p and 2p + 1: ⌈K/2⌉ words
//   reordered numbers      steps 1, 0, 3, 2, …, rounded numbers in single precision, which the product in single precision then
//                          takes in the order they stand in: 2 ⌈K/2⌉ words

/// How products over operands rounded to bfloat16 are computed. All of them have the same bits.
public enum BFloat16Method: CaseIterable, Sendable {
  /// By the product in single precision over reordered numbers: on machines without VDPBF16PS as quick as that.
  case singlePrecision
  /// Over pairs, with two multiply-adds in place of the instruction: what the next is compared with.
  case portablePairs
  /// Over pairs by VDPBF16PS; where this is compiled for a machine without, the same as `portablePairs`.
  case instruction

  /// Words, each as large as a float, that K steps take.
  public func words(steps: Int) -> Int {
    let pairs = (steps + 1) / 2
    return self == .singlePrecision ? 2 * pairs : pairs
  }

  /// Words that `roundPanels` needs for K steps and N columns.
  public func panelSize(steps: Int, columns: Int) -> Int {
    TinyViTKernels.panelSize(steps: words(steps: steps), columns: columns)
  }
}

/// Rounds rows of X [M, K] for a left operand.
/// - Parameters:
///   - stride: floats between rows of X.
///   - result: [M, words of K], overwritten.
public func roundRows(
  _ method: BFloat16Method, rows: Int, steps: Int, _ x: UnsafePointer<Float>, stride: Int,
  into result: UnsafeMutablePointer<Float>
) {
  let words = method.words(steps: steps)
  for row in 0..<rows {
    let from = x + row &* stride
    let to = result + row &* words
    var step = 0
    if method == .singlePrecision {
      while steps - step >= laneCount {
        storeLanes(swapNeighbours(roundToBFloat16(loadLanes(from + step))), to: to + step)
        step += laneCount
      }
    } else {
      while steps - step >= 2 * laneCount {
        let (low, high) = (loadLanes(from + step), loadLanes(from + (step + laneCount)))
        storeLanes(
          bfloat16Pairs(ofNeighbours: roundToBFloat16(low), roundToBFloat16(high)), to: to + step / 2)
        step += 2 * laneCount
      }
    }
    while step < steps {
      let even = roundToBFloat16(from[step])
      let odd = step + 1 < steps ? roundToBFloat16(from[step + 1]) : 0
      if method == .singlePrecision {
        to[step] = odd
        to[step + 1] = even
      } else {
        to[step / 2] = bfloat16Pair(even: even, odd: odd)
      }
      step += 2
    }
  }
}

/// Rounds a matrix [K, N] whose rows are the steps of a product: a right operand, or a left one by its strides.
/// - Parameters:
///   - stride: floats between rows of X.
///   - result: [words of K, N], overwritten.
/// - Precondition: N is a multiple of 16.
public func roundSteps(
  _ method: BFloat16Method, steps: Int, columns: Int, _ x: UnsafePointer<Float>, stride: Int,
  into result: UnsafeMutablePointer<Float>
) {
  precondition(columns % laneCount == 0, "\(columns) columns to round, expected a multiple of \(laneCount)")
  var to = result
  for step in Swift.stride(from: 0, to: steps, by: 2) {
    let first = x + step &* stride
    let second = first + stride
    let isWhole = step + 1 < steps
    for column in Swift.stride(from: 0, to: columns, by: laneCount) {
      let even = roundToBFloat16(loadLanes(first + column))
      let odd = isWhole ? roundToBFloat16(loadLanes(second + column)) : splat(0)
      if method == .singlePrecision {
        storeLanes(odd, to: to + column)
        storeLanes(even, to: to + (columns &+ column))
      } else {
        storeLanes(bfloat16Pairs(even: even, odd: odd), to: to + column)
      }
    }
    to += method == .singlePrecision ? 2 &* columns : columns
  }
}

/// Rounds the panels [K, 64] that `packPanels` made of a matrix [K, N].
/// - Parameter result: `method.panelSize` words, overwritten.
public func roundPanels(
  _ method: BFloat16Method, steps: Int, columns: Int, _ panels: UnsafePointer<Float>,
  into result: UnsafeMutablePointer<Float>
) {
  for panel in 0..<(columns + panelColumns - 1) / panelColumns {
    roundSteps(
      method, steps: steps, columns: panelColumns, panels + panel * panelColumns * steps, stride: panelColumns,
      into: result + panel * panelColumns * method.words(steps: steps))
  }
}
