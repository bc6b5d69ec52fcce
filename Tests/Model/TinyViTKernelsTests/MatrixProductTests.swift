import Testing

@testable import TinyViTKernels

@Suite struct MatrixProductTests {
  @Test(arguments: [1, 2, 3, 5, 6, 7, 13, 49, 131], [(16, 1), (48, 27), (64, 64), (96, 9), (112, 33), (160, 40)])
  func forwardAndBackwardAgreeWithTheReference(rows: Int, shape: (outputs: Int, inputs: Int)) {
    let (outputs, inputs) = shape
    let padded = (inputs + 15) / 16 * 16
    let x = testNumbers(rows * inputs, 1)
    let weight = testNumbers(outputs * inputs, 2)
    let bias = testNumbers(outputs, 3)
    let dy = testNumbers(rows * outputs, 4)

    let packed = Floats(zeros: panelSize(steps: inputs, columns: outputs))
    packPanels(
      steps: inputs, columns: outputs, from: Floats(weight).base, stepStride: 1, columnStride: inputs,
      into: packed.base)
    let y = Floats(zeros: rows * outputs)
    multiply(
      rows: rows, columns: outputs, steps: inputs, LeftOperand(Floats(x).base, rowStride: inputs),
      RightOperand(packed: packed.base, steps: inputs), into: y.base, resultStride: outputs,
      from: .bias(Floats(bias).base))
    expectClose(
      y.values, Reference.linear(rows: rows, inputs: inputs, outputs: outputs, x, weight: weight, bias: bias),
      tolerance: 1e-5)

    let expected = Reference.linearBackward(rows: rows, inputs: inputs, outputs: outputs, dy: dy, x, weight: weight)
    let transposed = Floats(zeros: panelSize(steps: outputs, columns: inputs))
    packPanels(
      steps: outputs, columns: inputs, from: Floats(weight).base, stepStride: inputs, columnStride: 1,
      into: transposed.base)
    let dx = Floats(zeros: rows * padded)
    multiply(
      rows: rows, columns: padded, steps: outputs, LeftOperand(Floats(dy).base, rowStride: outputs),
      RightOperand(packed: transposed.base, steps: outputs), into: dx.base, resultStride: padded, from: .zero)
    expectClose(dropPadding(dx.values, inputs, padded), expected.dx, tolerance: 1e-5)

    let paddedX = Floats(zeros: rows * padded)
    for t in 0..<rows { for i in 0..<inputs { paddedX.base[t * padded + i] = Float(x[t * inputs + i]) } }
    let dWeight = Floats(zeros: outputs * padded)
    addWeightGradient(
      rows: rows, outputs: outputs, inputs: padded, dy: Floats(dy).base, paddedX.base, into: dWeight.base)
    expectClose(dropPadding(dWeight.values, inputs, padded), expected.dWeight, tolerance: 1e-5)
    let dBias = Floats(zeros: outputs)
    addBiasGradient(rows: rows, outputs: outputs, dy: Floats(dy).base, into: dBias.base)
    expectClose(dBias.values, expected.dBias, tolerance: 1e-5)
  }

  private func dropPadding(_ values: [Float], _ width: Int, _ padded: Int) -> [Float] {
    values.enumerated().filter { $0.offset % padded < width }.map(\.element)
  }

  /// One chain of fused multiply-adds in the order of k, exactly, wherever rows and columns are cut.
  @Test func everyElementIsOneChain() {
    let (rows, columns, steps) = (11, 112, 70)
    let a = Floats(testNumbers(rows * steps, 5))
    let b = Floats(testNumbers(steps * columns, 6))
    let c = Floats(zeros: rows * columns)
    multiply(
      rows: rows, columns: columns, steps: steps, LeftOperand(a.base, rowStride: steps),
      RightOperand(rowMajor: b.base, stride: columns), into: c.base, resultStride: columns, from: .zero)
    for m in 0..<rows {
      for n in 0..<columns {
        var chain: Float = 0
        for k in 0..<steps { chain.addProduct(a.base[m * steps + k], b.base[k * columns + n]) }
        #expect(c.base[m * columns + n] == chain)
      }
    }
  }

  @Test func referenceGradientsAgreeWithCentralDifferences() {
    let (rows, inputs, outputs) = (3, 4, 5)
    let x = testNumbers(rows * inputs, 7)
    let weight = testNumbers(inputs * outputs, 8)
    let bias = testNumbers(outputs, 9)
    let dy = testNumbers(rows * outputs, 10)
    func value(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> Double {
      dot(dy, Reference.linear(rows: rows, inputs: inputs, outputs: outputs, x, weight: weight, bias: bias))
    }
    let gradient = Reference.linearBackward(rows: rows, inputs: inputs, outputs: outputs, dy: dy, x, weight: weight)
    expectGradient(gradient.dx, of: { value($0, weight, bias) }, at: x)
    expectGradient(gradient.dWeight, of: { value(x, $0, bias) }, at: weight)
    expectGradient(gradient.dBias, of: { value(x, weight, $0) }, at: bias)
  }
}
