import Testing

@testable import TinyViTKernels

@Suite struct MeanPoolTests {
  @Test(arguments: [1, 3, 49]) func poolsAndSpreads(tokens: Int) {
    let channels = 32
    let x = testNumbers(tokens * channels, 120)
    let y = Floats(zeros: channels)
    meanPoolForward(tokens: tokens, channels: channels, Floats(x).base, into: y.base)
    let expected = (0..<channels).map { c in
      (0..<tokens).reduce(0) { $0 + x[$1 * channels + c] } / Double(tokens)
    }
    expectClose(y.values, expected, tolerance: 1e-6)
    let dx = Floats(zeros: x.count)
    meanPoolBackward(tokens: tokens, channels: channels, dy: Floats(expected).base, into: dx.base)
    expectClose(dx.values, x.indices.map { expected[$0 % channels] / Double(tokens) }, tolerance: 1e-6)
  }
}
