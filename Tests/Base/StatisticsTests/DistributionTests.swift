import Testing
import _TestSupport

@testable import Statistics

/// What SciPy makes of the same numbers: `Fixtures/generate_statistics.py`.
@Suite struct DistributionTests {
  private let file: NPZ
  init() throws { file = try NPZ(path: Fixtures.path("statistics/statistics.npz")) }

  @Test func incompleteBetaIsSciPys() throws {
    let (x, a, b) = try (file.doubles("beta.x"), file.doubles("beta.a"), file.doubles("beta.b"))
    for (index, expected) in try file.doubles("beta.value").enumerated() {
      let found = incompleteBeta(x[index], a[index], b[index])
      #expect(abs(found / expected - 1) < 1e-10, "I_\(x[index])(\(a[index]), \(b[index])) = \(found), not \(expected)")
    }
    #expect(incompleteBeta(0, 2, 3) == 0 && incompleteBeta(1, 2, 3) == 1 && incompleteBeta(.nan, 2, 3).isNaN)
  }

  @Test func logGammaIsSciPys() throws {
    for (x, expected) in try zip(file.doubles("gamma.x"), file.doubles("gamma.value")) {
      #expect(abs(logGamma(x) - expected) < 1e-13 * max(1, abs(expected)), "ln Γ(\(x))")
    }
  }

  @Test func studentsTailsAndQuantilesAreSciPys() throws {
    let freedoms = try file.doubles("t.freedom")
    for (index, freedom) in freedoms.enumerated() {
      let distribution = StudentT(degreesOfFreedom: freedom)
      let (t, tail) = try (file.doubles("t.value")[index], file.doubles("t.tail")[index])
      #expect(abs(distribution.twoSidedTail(t) / tail - 1) < 1e-10, "\(freedom) degrees of freedom, t = \(t)")
      #expect(abs(distribution.upperTail(t) + distribution.upperTail(-t) - 1) < 1e-14)
      for (name, confidence) in [("t.quantile95", 0.95), ("t.quantile60", 0.6)] {
        let expected = try file.doubles(name)[index]
        #expect(abs(distribution.twoSidedQuantile(confidence) / expected - 1) < 1e-10, "\(freedom), \(confidence)")
      }
    }
    #expect(abs(StudentT(degreesOfFreedom: .infinity).twoSidedQuantile(0.95) - 1.959_963_984_540_054) < 1e-12)
  }

  @Test func logitsAndBack() {
    #expect(logit(0.5) == 0 && abs(logit(0.9) - 2.197_224_577_336_219_6) < 1e-14)
    for x in [-30, -1.5, 0, 0.25, 30] { #expect(abs(logit(logistic(x)) - x) < 1e-3 * max(1, abs(x))) }
    #expect(logistic(-800) == 0 && logistic(800) == 1)
  }

  @Test func percentilesAreNumPys() throws {
    let numbers = try NPZ(path: Fixtures.path("metrics/statistics.npz"))
    let found = centralInterval(try numbers.doubles("values"))
    let expected = try numbers.doubles("percentiles")
    #expect(abs(found.low - expected[0]) < 1e-15 && abs(found.high - expected[1]) < 1e-15)
    #expect(centralInterval([3]) == Interval(low: 3, high: 3))
  }
}
