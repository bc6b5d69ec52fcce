internal import VectorMath

// C = start + A · B over operands rounded to bfloat16, accumulated in single precision.
//
//   C[m, n] = (((start + a₁ b₁) + a₀ b₀) + a₃ b₃) + a₂ b₂ …      a_k = bf16(A[m, k]), b_k = bf16(B[k, n])
//
// Each product is exact and is added with one rounding, to nearest, ties to even; denormal numbers, wherever they come up, are
// zeros. That is the order and the arithmetic that Intel specifies of VDPBF16PS. Rounded are operands only: start values, sums and
// results are single precision.
//
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, VDPBF16PS and VCVTNEPS2BF16.

/// In which precision a layer takes the operands of its products.
public enum ProductArithmetic {
  /// As they are.
  case float32
  /// Rounded to bfloat16, with `roundingMemorySize` words for them, overwritten.
  case bfloat16(BFloat16Method, memory: UnsafeMutablePointer<Float>)

  /// B of a weight in panels, packed by `packPanels` or, for bfloat16, rounded by `roundPanels` after that.
  public func rightOperand(packed base: UnsafePointer<Float>, steps: Int) -> RightOperand {
    guard case .bfloat16(let method, _) = self else { return RightOperand(packed: base, steps: steps) }
    return RightOperand(packed: base, steps: method.words(steps: steps))
  }
}

/// Rows of X whose rounded copies are multiplied at a time: a multiple of a tile's 6.
private let roundedRows = 126

/// Rows (tokens) whose weight gradient is taken at a time, as in single precision. Even, so that it does not show in the bits.
private let roundedGradientRows = 128

/// Words of memory for the rounded operands of a layer from `inputs` to `outputs` channels, forward and backward.
public func roundingMemorySize(_ method: BFloat16Method, inputs: Int, outputs: Int) -> Int {
  // Operands are padded to whole lanes.
  let (inputs, outputs) = ((inputs + 15) / laneCount * laneCount, (outputs + 15) / laneCount * laneCount)
  return max(
    roundedRows * method.words(steps: max(inputs, outputs)),
    method.words(steps: roundedGradientRows) * (inputs + outputs))
}

/// Y = start + X · B with X [T, K] row-major: a layer forward, or its input gradient.
/// - Parameters:
///   - stride: floats between rows of X.
///   - b: as `arithmetic` takes it.
/// - Precondition: N is a multiple of 16; start is not `.matrix`; Y overlaps neither X nor B.
public func multiply(
  _ arithmetic: ProductArithmetic, rows: Int, columns: Int, steps: Int, _ x: UnsafePointer<Float>, stride: Int,
  _ b: RightOperand, into result: UnsafeMutablePointer<Float>, resultStride: Int, from start: ProductStart
) {
  guard case .bfloat16(let method, let memory) = arithmetic else {
    return multiply(
      rows: rows, columns: columns, steps: steps, LeftOperand(x, rowStride: stride), b, into: result,
      resultStride: resultStride, from: start)
  }
  let words = method.words(steps: steps)
  for row in Swift.stride(from: 0, to: rows, by: roundedRows) {
    let count = min(roundedRows, rows - row)
    roundRows(method, rows: count, steps: steps, x + row * stride, stride: stride, into: memory)
    multiplyRounded(
      method, rows: count, columns: columns, words: words, LeftOperand(memory, rowStride: words), b,
      into: result + row * resultStride, resultStride: resultStride, from: start)
  }
}

/// dW += dYᵀ · X with dY [T, O], X [T, I], dW [O, I], all dense row-major. Steps are rows; of an odd number the last
/// stands alone.
/// - Precondition: I, and in bfloat16 O, are multiples of 16.
public func addWeightGradient(
  _ arithmetic: ProductArithmetic, rows: Int, outputs: Int, inputs: Int, dy: UnsafePointer<Float>,
  _ x: UnsafePointer<Float>, into dWeight: UnsafeMutablePointer<Float>
) {
  guard case .bfloat16(let method, let memory) = arithmetic else {
    return addWeightGradient(rows: rows, outputs: outputs, inputs: inputs, dy: dy, x, into: dWeight)
  }
  for row in Swift.stride(from: 0, to: rows, by: roundedGradientRows) {
    let count = min(roundedGradientRows, rows - row)
    let words = method.words(steps: count)
    let left = memory
    let right = memory + words * outputs
    roundSteps(method, steps: count, columns: outputs, dy + row * outputs, stride: outputs, into: left)
    roundSteps(method, steps: count, columns: inputs, x + row * inputs, stride: inputs, into: right)
    multiplyRounded(
      method, rows: outputs, columns: inputs, words: words, LeftOperand(left, rowStride: 1, stepStride: outputs),
      RightOperand(rowMajor: right, stride: inputs), into: dWeight, resultStride: inputs, from: .result)
  }
}

/// C = start + A · B over rounded operands.
/// - Parameter words: those of the steps.
func multiplyRounded(
  _ method: BFloat16Method, rows: Int, columns: Int, words: Int, _ a: LeftOperand, _ b: RightOperand,
  into result: UnsafeMutablePointer<Float>, resultStride: Int, from start: ProductStart
) {
  flushingDenormals {
    switch method {
    case .singlePrecision: numbers(rows, columns, words, a, b, result, resultStride, start)
    case .portablePairs: portablePairs(rows, columns, words, a, b, result, resultStride, start)
    case .instruction: instruction(rows, columns, words, a, b, result, resultStride, start)
    }
  }
}

// Never inlined, because denormal numbers are flushed around them.

@inline(never)
private func numbers(
  _ rows: Int, _ columns: Int, _ words: Int, _ a: LeftOperand, _ b: RightOperand, _ result: UnsafeMutablePointer<Float>,
  _ resultStride: Int, _ start: ProductStart
) {
  multiply(SingleStep.self, rows, columns, words, a, b, into: result, resultStride, from: start)
}

@inline(never)
private func portablePairs(
  _ rows: Int, _ columns: Int, _ words: Int, _ a: LeftOperand, _ b: RightOperand, _ result: UnsafeMutablePointer<Float>,
  _ resultStride: Int, _ start: ProductStart
) {
  multiply(PairStep.self, rows, columns, words, a, b, into: result, resultStride, from: start)
}

@inline(never)
private func instruction(
  _ rows: Int, _ columns: Int, _ words: Int, _ a: LeftOperand, _ b: RightOperand, _ result: UnsafeMutablePointer<Float>,
  _ resultStride: Int, _ start: ProductStart
) {
  multiply(PairInstructionStep.self, rows, columns, words, a, b, into: result, resultStride, from: start)
}
