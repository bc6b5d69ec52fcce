import Testing

@testable import TinyViTKernels

@Suite struct WindowAttentionTests {
  @Test(arguments: [1, 2, 4, 5, 7], [1, 3])
  func agreesWithTheReference(side: Int, heads: Int) {
    let reference = Reference.Attention(side: side, heads: heads)
    let shape = AttentionShape(side: side, heads: heads)
    let tokens = side * side
    let qkv = testNumbers(tokens * 96 * heads, 100)
    let biases = testNumbers(heads * tokens, 101)
    let dOutput = testNumbers(tokens * 32 * heads, 102)
    let expanded = Floats(zeros: shape.biasSize)
    expandAttentionBias(shape, Floats(biases).base, into: expanded.base)
    let scratch = Floats(zeros: shape.scratchSize)

    let output = Floats(zeros: dOutput.count)
    attentionForward(
      shape, qkv: Floats(qkv).base, bias: expanded.base, scratch: scratch.base, into: output.base)
    expectClose(output.values, reference.forward(qkv, biases: biases), tolerance: 3e-6)

    let dqkv = Floats(zeros: qkv.count)
    let dExpanded = Floats(zeros: shape.biasSize)
    attentionBackward(
      shape, dOutput: Floats(dOutput).base, qkv: Floats(qkv).base, bias: expanded.base, scratch: scratch.base,
      into: dqkv.base, dBias: dExpanded.base)
    let dBiases = Floats(zeros: biases.count)
    foldAttentionBiasGradient(shape, dExpanded.base, addingTo: dBiases.base)
    let expected = reference.backward(dOutput: dOutput, qkv, biases: biases)
    expectClose(dqkv.values, expected.dqkv, tolerance: 1e-5)
    expectClose(dBiases.values, expected.dBiases, tolerance: 1e-5)
  }

  @Test func referenceGradientsAgreeWithCentralDifferences() {
    let reference = Reference.Attention(side: 2, heads: 2)
    let qkv = testNumbers(4 * 192, 110)
    let biases = testNumbers(8, 111)
    let dOutput = testNumbers(4 * 64, 112)
    let gradient = reference.backward(dOutput: dOutput, qkv, biases: biases)
    expectGradient(gradient.dqkv, of: { dot(dOutput, reference.forward($0, biases: biases)) }, at: qkv)
    expectGradient(gradient.dBiases, of: { dot(dOutput, reference.forward(qkv, biases: $0)) }, at: biases)
  }
}
