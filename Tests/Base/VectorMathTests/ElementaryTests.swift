import Glibc
import VectorMath
import Testing

/// Distance in units of the last place of the expected value.
private func ulps(_ found: Double, _ expected: Double) -> Double {
  if found == expected || (found.isNaN && expected.isNaN) { return 0 }
  return (found - expected).magnitude / expected.ulp
}

@Suite struct ElementaryTests {
  @Test func expIsWithinTwoUlps() {
    for step in -7000...7000 {
      let x = Double(step) * 0.1003
      #expect(ulps(Elementary.exp(x), Glibc.exp(x)) <= 2, "exp(\(x))")
    }
    #expect(Elementary.exp(0) == 1)
    #expect(Elementary.exp(-800) == 0)
    #expect(Elementary.exp(800) == .infinity)
    #expect(Elementary.exp(.nan).isNaN)
  }

  @Test func logIsWithinTwoUlps() {
    var x = 1e-300
    while x < 1e300 {
      #expect(ulps(Elementary.log(x), Glibc.log(x)) <= 2, "log(\(x))")
      x *= 1.37
    }
    for step in 1...2000 {
      let near = 1 + Double(step - 1000) * 1e-4
      #expect(ulps(Elementary.log(near), Glibc.log(near)) <= 2, "log(\(near))")
    }
    #expect(Elementary.log(0) == -.infinity)
    #expect(Elementary.log(-1).isNaN)
  }

  @Test func sineAndCosineAreWithinTwoRoundingsOfOne() {
    for step in -20_000...20_000 {
      let x = Double(step) * 0.01303
      #expect((Elementary.sin(x) - Glibc.sin(x)).magnitude <= 2.3e-16, "sin(\(x))")
      #expect((Elementary.cos(x) - Glibc.cos(x)).magnitude <= 2.3e-16, "cos(\(x))")
    }
    #expect(Elementary.sin(.infinity).isNaN)
  }

  @Test func errorFunctionIsWithinItsBound() {
    for step in -700...700 {
      let x = Double(step) * 0.01
      #expect((Elementary.erf(x) - Glibc.erf(x)).magnitude <= 2e-15, "erf(\(x))")
    }
  }
}

@Suite struct LanesTests {
  /// `function` at 16 points at once against `expected`, over a grid of the range.
  private func largestError(
    from low: Float, to high: Float, relative: Bool = false, _ function: (Lanes) -> Lanes,
    _ expected: (Double) -> Double
  ) -> Double {
    var worst = 0.0
    let steps = 20_000
    for start in stride(from: 0, to: steps, by: laneCount) {
      var x = Lanes()
      for lane in 0..<laneCount { x[lane] = low + (high - low) * Float(start + lane) / Float(steps) }
      let y = function(x)
      for lane in 0..<laneCount {
        let truth = expected(Double(x[lane]))
        worst = max(worst, (Double(y[lane]) - truth).magnitude / (relative ? truth.magnitude : 1))
      }
    }
    return worst
  }

  @Test func exponentials() {
    #expect(largestError(from: -100, to: 100, relative: true, exp2Bounded) { Glibc.exp2($0) } <= 2e-7)
    #expect(largestError(from: -87, to: 88, relative: true, VectorMath.exp) { Glibc.exp($0) } <= 3e-7)
    #expect(exp2Bounded(splat(0)) == splat(1))
    #expect(VectorMath.exp(splat(-1000))[0] > 0)
  }

  @Test func sineAndCosine() {
    #expect(largestError(from: -100, to: 100, { VectorMath.sinCos($0).sin }, { Glibc.sin($0) }) <= 1.5e-7)
    #expect(largestError(from: -100, to: 100, { VectorMath.sinCos($0).cos }, { Glibc.cos($0) }) <= 1.5e-7)
  }

  @Test func hyperbolicTangent() {
    #expect(largestError(from: -20, to: 20, { VectorMath.tanh($0) }, { Glibc.tanh($0) }) <= 3e-7)
    #expect(largestError(from: 1e-6, to: 0.625, relative: true, { VectorMath.tanh($0) }, { Glibc.tanh($0) }) <= 3e-7)
    #expect(VectorMath.tanh(splat(-1000)) == splat(-1))
    #expect(VectorMath.tanh(splat(0)) == splat(0))
  }

  @Test func normalDistributionAndDensity() {
    let cumulative = largestError(from: -12, to: 12, { VectorMath.normalDistribution($0).cumulative }) {
      0.5 * Glibc.erfc(-$0 / 2.0.squareRoot())
    }
    #expect(cumulative <= 4e-7)
    let density = largestError(from: -12, to: 12, { VectorMath.normalDistribution($0).density }) {
      Glibc.exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot()
    }
    #expect(density <= 4e-7)
  }

  @Test func largestAndTranspose() {
    for position in 0..<16 {
      var x = Lanes(repeating: -3)
      x[position] = -2
      #expect(largest(x) == -2)
    }
    let from = (0..<16 * 20).map(Float.init)
    var to = [Float](repeating: -1, count: 16 * 17)
    transpose(from, stride: 20, to: &to, stride: 17)
    for row in 0..<16 {
      for column in 0..<16 { #expect(to[column * 17 + row] == from[row * 20 + column]) }
      #expect(to[row * 17 + 16] == -1)
    }
  }

  @Test func sumIsTheDocumentedTree() {
    var x = Lanes()
    for lane in 0..<laneCount { x[lane] = Float(1 << lane) + 0.1 }
    var tree = (0..<laneCount).map { x[$0] }
    while tree.count > 1 { tree = (0..<tree.count / 2).map { tree[$0] + tree[$0 + tree.count / 2] } }
    #expect(sum(x) == tree[0])
  }

  @Test func bytesBecomeNumbers() {
    let bytes = (0..<16).map { UInt8($0 * 17) }
    bytes.withUnsafeBufferPointer {
      let lanes = loadBytes($0.baseAddress.unsafelyUnwrapped)
      for lane in 0..<laneCount { #expect(lanes[lane] == Float(lane * 17)) }
    }
  }
}
