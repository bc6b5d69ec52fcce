internal import VectorMath

// M rows, K steps, N columns.
//
//   C[m, n] = start + Σ_k A[m, k] · B[k, n]
//
// Every element is one chain of fused multiply-adds over k in order, beginning with its start value. So its bits depend
// neither on the tile it falls into, nor on how rows and columns are cut, nor on the machine.
//
// With this one product (strides make transposed operands free):
//   forward          Y[t, o]  = b[o] + Σ_i X[t, i] · W[o, i]      A = X,  B = W packed transposed
//   input gradient   dX[t, i] = Σ_o dY[t, o] · W[o, i]            A = dY, B = W packed
//   weight gradient  dW[o, i] += Σ_t dY[t, o] · X[t, i]           A = dYᵀ by its strides, B = X as it lies
// Saved between forward and backward: X.

/// The left operand A [M, K] of a product, any two strides.
public struct LeftOperand {
  /// Element (0, 0).
  public var base: UnsafePointer<Float>
  /// Elements between A[m, k] and A[m + 1, k].
  public var rowStride: Int
  /// Elements between A[m, k] and A[m, k + 1].
  public var stepStride: Int

  /// An operand whose element (m, k) lies at base[m · rowStride + k · stepStride].
  public init(_ base: UnsafePointer<Float>, rowStride: Int, stepStride: Int = 1) {
    self.base = base
    self.rowStride = rowStride
    self.stepStride = stepStride
  }
}

/// The right operand B [K, N] of a product, in panels of `panelColumns`; the columns of a panel are consecutive.
public struct RightOperand {
  /// Element (0, 0).
  public var base: UnsafePointer<Float>
  /// Elements between B[k, n] and B[k + 1, n].
  public var stepStride: Int
  /// Elements between B[k, n] and B[k, n + panelColumns].
  public var panelStride: Int

  /// A matrix as it lies, row-major with the given stride.
  public init(rowMajor base: UnsafePointer<Float>, stride: Int) {
    self.base = base
    stepStride = stride
    panelStride = panelColumns
  }

  /// A matrix packed by `packPanels`.
  public init(packed base: UnsafePointer<Float>, steps: Int) {
    self.base = base
    stepStride = panelColumns
    panelStride = steps * panelColumns
  }
}

/// What a product's chains begin with.
public enum ProductStart {
  /// 0.
  case zero
  /// One number per column.
  case bias(UnsafePointer<Float>)
  /// What the result holds already: C += A · B.
  case result
  /// A matrix [M, N], whose rows are as far apart as those of the result.
  case matrix(UnsafePointer<Float>)
}

/// Columns of a panel: what a tile takes at a time. With more of them a tile that reads 16 columns would skip the rest of
/// each step, and the steps' distance would leave it a quarter of the sets of the first-level cache.
public var panelColumns: Int { lanesFillOneRegister ? Strip4.columns : Strip1.columns }

/// The floats that `packPanels` needs for K steps and N columns.
public func panelSize(steps: Int, columns: Int) -> Int {
  (columns + panelColumns - 1) / panelColumns * panelColumns * steps
}

/// Copies B into panels of P = `panelColumns`, each [K, P]; missing columns of the last panel become 0.
/// - Parameters:
///   - source: element (k, n) lies at source[k · stepStride + n · columnStride].
///   - packed: `panelSize(steps:columns:)` floats, overwritten.
public func packPanels(
  steps: Int, columns: Int, from source: UnsafePointer<Float>, stepStride: Int, columnStride: Int,
  into packed: UnsafeMutablePointer<Float>
) {
  var to = packed
  for panel in stride(from: 0, to: columns, by: panelColumns) {
    let width = min(panelColumns, columns - panel)
    let from = source + panel * columnStride
    var column = 0
    if stepStride == 1 && steps % laneCount == 0 {
      // Whole squares of 16 × 16 are transposed in registers.
      while width - column >= laneCount {
        for step in stride(from: 0, to: steps, by: laneCount) {
          transpose(
            from + (column &* columnStride &+ step), stride: columnStride,
            to: to + (step &* panelColumns &+ column), stride: panelColumns)
        }
        column += laneCount
      }
    }
    let copied = column
    for step in 0..<steps {
      for column in copied..<width { to[column] = from[step &* stepStride &+ column &* columnStride] }
      for column in width..<panelColumns { to[column] = 0 }
      to += panelColumns
    }
  }
}

/// C = start + A · B, see the head of this file. C [M, N] is row-major with `resultStride`.
/// - Precondition: N is a multiple of 16 (operands are padded to it); C overlaps neither A nor B.
public func multiply(
  rows: Int, columns: Int, steps: Int, _ a: LeftOperand, _ b: RightOperand, into result: UnsafeMutablePointer<Float>,
  resultStride: Int, from start: ProductStart
) {
  multiply(SingleStep.self, rows, columns, steps, a, b, into: result, resultStride, from: start)
}

/// The same by any kind of step, of which there are `steps` from left to right.
@inline(__always)
func multiply<Step: ProductStep>(
  _ step: Step.Type, _ rows: Int, _ columns: Int, _ steps: Int, _ a: LeftOperand, _ b: RightOperand,
  into result: UnsafeMutablePointer<Float>, _ resultStride: Int, from start: ProductStart
) {
  precondition(columns % laneCount == 0, "a product of \(columns) columns, expected a multiple of \(laneCount)")
  var column = 0
  while column < columns {
    let rest = min(columns, column / panelColumns * panelColumns + panelColumns) - column
    let right = b.base + (column / panelColumns * b.panelStride + column % panelColumns)
    // 24 registers of sums are the most that fit: 6 × 64 where 16 lanes are one register, 6 × 16 elsewhere.
    if rest >= Strip4.columns && lanesFillOneRegister {
      multiplyStrip(step, Strip4.self, rows, steps, a, right, b.stepStride, result, resultStride, start, column)
      column += Strip4.columns
    } else if rest >= Strip2.columns && lanesFillOneRegister {
      multiplyStrip(step, Strip2.self, rows, steps, a, right, b.stepStride, result, resultStride, start, column)
      column += Strip2.columns
    } else {
      multiplyStrip(step, Strip1.self, rows, steps, a, right, b.stepStride, result, resultStride, start, column)
      column += Strip1.columns
    }
  }
}

/// All rows of one strip of columns, six at a time.
@inline(__always)
private func multiplyStrip<Step: ProductStep, S: Strip>(
  _ step: Step.Type, _ strip: S.Type, _ rows: Int, _ steps: Int, _ a: LeftOperand, _ b: UnsafePointer<Float>,
  _ bStride: Int,
  _ result: UnsafeMutablePointer<Float>, _ resultStride: Int, _ start: ProductStart, _ column: Int
) {
  var row = 0
  while rows - row >= 6 {
    multiplyTile(step, InlineArray<6, S>.self, row, steps, a, b, bStride, result, resultStride, start, column)
    row += 6
  }
  if rows - row >= 4 {
    multiplyTile(step, InlineArray<4, S>.self, row, steps, a, b, bStride, result, resultStride, start, column)
    row += 4
  }
  if rows - row >= 2 {
    multiplyTile(step, InlineArray<2, S>.self, row, steps, a, b, bStride, result, resultStride, start, column)
    row += 2
  }
  if rows > row {
    multiplyTile(step, InlineArray<1, S>.self, row, steps, a, b, bStride, result, resultStride, start, column)
  }
}

/// R rows of one strip of columns: R · (strip) accumulators in registers. 6 × 64 uses 24 of the 32 registers, four hold
/// the row of B; at each step four loads and six broadcasts feed 24 multiply-adds.
@inline(__always)
private func multiplyTile<Step: ProductStep, let R: Int, S: Strip>(
  _ step: Step.Type, _ shape: InlineArray<R, S>.Type, _ row: Int, _ steps: Int, _ a: LeftOperand,
  _ b: UnsafePointer<Float>,
  _ bStride: Int,
  _ result: UnsafeMutablePointer<Float>, _ resultStride: Int, _ start: ProductStart, _ column: Int
) {
  let to = result + (row &* resultStride &+ column)
  var sums = InlineArray<R, S>(repeating: S())
  switch start {
  case .zero: break
  case .bias(let bias): for r in 0..<R { sums[r] = S(bias + column) }
  case .result: for r in 0..<R { sums[r] = S(to + r &* resultStride) }
  case .matrix(let matrix):
    let from = matrix + (row &* resultStride &+ column)
    for r in 0..<R { sums[r] = S(from + r &* resultStride) }
  }
  var left = a.base + row &* a.rowStride
  var right = b
  for _ in 0..<steps {
    let strip = S(right)
    for r in 0..<R { sums[r].add(step, left + r &* a.rowStride, strip) }
    left += a.stepStride
    right += bStride
  }
  for r in 0..<R { sums[r].store(to: to + r &* resultStride) }
}

/// Rows (tokens) whose weight gradient is taken at a time, so that a panel of them stays in the first-level cache.
private let gradientBlock = 128

/// dW += dYᵀ · X with dY [T, O], X [T, I], dW [O, I], all dense row-major; each element one chain over t in order.
/// - Precondition: I is a multiple of 16.
public func addWeightGradient(
  rows: Int, outputs: Int, inputs: Int, dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
  into dWeight: UnsafeMutablePointer<Float>
) {
  for row in stride(from: 0, to: rows, by: gradientBlock) {
    multiply(
      rows: outputs, columns: inputs, steps: min(gradientBlock, rows - row),
      LeftOperand(dy + row * outputs, rowStride: 1, stepStride: outputs),
      RightOperand(rowMajor: x + row * inputs, stride: inputs), into: dWeight, resultStride: inputs, from: .result)
  }
}

/// db[o] += Σ_t dY[t, o] in the order of t, dY [T, O] dense row-major.
/// - Precondition: O is a multiple of 16.
public func addBiasGradient(
  rows: Int, outputs: Int, dy: UnsafePointer<Float>, into dBias: UnsafeMutablePointer<Float>
) {
  precondition(outputs % laneCount == 0, "\(outputs) outputs, expected a multiple of \(laneCount)")
  for o in stride(from: 0, to: outputs, by: laneCount) {
    var total = loadLanes(dBias + o)
    for row in 0..<rows { total += loadLanes(dy + (row &* outputs &+ o)) }
    storeLanes(total, to: dBias + o)
  }
}
