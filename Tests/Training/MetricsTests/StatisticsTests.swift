import Testing
import _TestSupport

@testable import Metrics

@Suite struct StatisticsTests {
  private func fixture() throws -> NPZ { try NPZ(path: Fixtures.path("metrics/statistics.npz")) }

  @Test func studentsQuantilesEqualSciPys() throws {
    let file = try fixture()
    for (name, confidence) in [("quantile95", 0.95), ("quantile99", 0.99)] {
      for (freedom, expected) in try zip(file.integers("freedom"), file.doubles(name)) {
        let found = studentTQuantile(confidence: confidence, degreesOfFreedom: freedom)
        #expect(abs(found / expected - 1) < 1e-11, "\(freedom) degrees of freedom")
      }
    }
  }

  @Test func percentilesEqualNumPys() throws {
    let found = try centralInterval(fixture().doubles("values"))
    let expected = try fixture().doubles("percentiles")
    #expect(abs(found.low - expected[0]) < 1e-15 && abs(found.high - expected[1]) < 1e-15)
    #expect(centralInterval([3]) == Interval(low: 3, high: 3))
  }

  @Test func threeDecimalsArePythons() throws {
    let file = try fixture()
    for (value, thousandths) in try zip(file.doubles("decimals"), file.integers("thousandths")) {
      #expect(Int(threeDecimals(value).filter { $0 != "." }) == thousandths, "\(value)")
    }
    #expect(threeDecimals(.nan) == "nan")
    #expect(threeDecimals(-0.0314) == "-0.031")
    #expect(threeDecimals(12.3456) == "12.346")
  }

  @Test func seedsAreSummarised() throws {
    let summary = SeedSummary([0.7, 0.8, 0.9])
    #expect(abs(summary.mean - 0.8) < 1e-15)
    let deviation = try #require(summary.standardDeviation)
    let interval = try #require(summary.interval)
    #expect(abs(deviation - 0.1) < 1e-15)
    // For two degrees of freedom the quantile is p · √(2 / (1 − p²)).
    let quantile = 0.95 * (2 / (1 - 0.95 * 0.95)).squareRoot()
    #expect(abs(interval.low - (0.8 - quantile * 0.1 / 3.0.squareRoot())) < 1e-14)
    #expect(abs(interval.low + interval.high - 1.6) < 1e-12)
  }

  @Test func oneSeedHasNoSpread() {
    let summary = SeedSummary([0.7])
    #expect(summary.mean == 0.7 && summary.standardDeviation == nil && summary.interval == nil)
    #expect(SeedSummary([0.7, .nan]).mean.isNaN)
  }
}
