import Testing

@testable import TinyViTKernels

@Suite struct GELUTests {
  /// The documented error bounds, over [−8, 8] in steps of 1/1000.
  @Test func errorsStayWithinTheirBounds() {
    let x = (-8000..<8000).map { Double(Float($0) / 1000) }
    let y = Floats(zeros: x.count)
    geluForward(count: x.count, Floats(x).base, into: y.base)
    let dx = Floats(zeros: x.count)
    geluBackward(count: x.count, dy: Floats(x.map { _ in 1 }).base, Floats(x).base, into: dx.base)
    for (i, x) in x.enumerated() {
      #expect(abs(Double(y.values[i]) - Reference.gelu(x)) <= 2e-7 * max(1, abs(x)) + 6e-8 * abs(x))
      let bound = abs(x) <= 5.3 ? 4e-7 : 2e-6
      #expect(abs(Double(dx.values[i]) - Reference.geluDerivative(x)) <= bound)
    }
  }

  @Test func referenceDerivativeAgreesWithCentralDifferences() {
    let x = testNumbers(20, 90, scale: 2)
    expectGradient(
      x.map { Reference.geluDerivative($0) }, of: { $0.reduce(0) { $0 + Reference.gelu($1) } }, at: x)
  }
}
