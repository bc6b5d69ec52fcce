import Statistics
import Testing
import _TestSupport

@testable import Metrics

@Suite struct StatisticsTests {
  private func fixture() throws -> NPZ { try NPZ(path: Fixtures.path("metrics/statistics.npz")) }

  @Test func threeDecimalsArePythons() throws {
    let file = try fixture()
    for (value, thousandths) in try zip(file.doubles("decimals"), file.integers("thousandths")) {
      #expect(Int(threeDecimals(value).filter { $0 != "." }) == thousandths, "\(value)")
    }
    #expect(threeDecimals(.nan) == "nan")
    #expect(threeDecimals(-1e21) == "-1e+21")
    #expect(threeDecimals(-0.0314) == "-0.031")
    #expect(threeDecimals(12.3456) == "12.346")
  }

  @Test func seedsAreSummarised() throws {
    let summary = SeedSummary([0.7, 0.8, 0.9])
    #expect(abs(summary.mean - 0.8) < 1e-15)
    let deviation = try #require(summary.standardDeviation)
    #expect(abs(deviation - 0.1) < 1e-15)
  }

  @Test func oneSeedHasNoSpread() {
    let summary = SeedSummary([0.7])
    #expect(summary.mean == 0.7 && summary.standardDeviation == nil)
    #expect(SeedSummary([0.7, .nan]).mean.isNaN)
  }
}
