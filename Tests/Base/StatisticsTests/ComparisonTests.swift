import Testing
import _TestSupport

@testable import Statistics

/// Tests, corrections and aggregates beside SciPy's and rliable's: `Fixtures/generate_statistics.py`.
@Suite struct ComparisonTests {
  private let file: NPZ
  init() throws { file = try NPZ(path: Fixtures.path("statistics/statistics.npz")) }

  @Test(arguments: 0..<4)
  func wilcoxonIsSciPys(index: Int) throws {
    let found = WilcoxonSignedRank(try file.doubles("wilcoxon.\(index)"))
    #expect(found.positiveRankSum == (try file.scalar("wilcoxon.\(index).sum")))
    #expect(abs(found.twoSidedP - (try file.scalar("wilcoxon.\(index).p"))) < 1e-14)
  }

  /// The smallest p value of five pairs: the reason why five seeds decide nothing by this test.
  @Test func fivePairsCannotReachFivePercent() {
    #expect(WilcoxonSignedRank([1, 2, 3, 4, 5]).twoSidedP == 0.0625)
    #expect(WilcoxonSignedRank([]).twoSidedP == 1 && WilcoxonSignedRank([0, 0]).count == 0)
    #expect(WilcoxonSignedRank((1...50).map(Double.init)).twoSidedP > 0)
  }

  @Test func holmIsItsDefinition() throws {
    let found = holmCorrected(try file.doubles("holm.p"))
    for (value, expected) in zip(found, try file.doubles("holm.corrected")) { #expect(abs(value - expected) < 1e-15) }
    let withGap = holmCorrected([0.01, .nan, 0.02])
    #expect(withGap[0] == 0.02 && withGap[1].isNaN && withGap[2] == 0.02)
  }

  @Test func aggregatesAreRliables() throws {
    #expect(abs(interquartileMean(try file.doubles("iqm.values")) - (try file.scalar("iqm"))) < 1e-15)
    func rows(_ name: String, _ count: Int) throws -> [[Double]] {
      let values = try file.doubles(name)
      return stride(from: 0, to: values.count, by: count).map { Array(values[$0..<$0 + count]) }
    }
    let found = probabilityOfImprovement(try rows("improvement.x", 5), over: try rows("improvement.y", 4))
    #expect(abs(found - (try file.scalar("improvement"))) < 1e-15)
  }

  @Test func wrongRankingsAreTheBetaPosterior() throws {
    let pairs = try file.integers("ranking.pairs")
    for (index, expected) in try file.doubles("ranking.p").enumerated() {
      let found = probabilityOfWrongRanking(onlyFirst: pairs[2 * index], onlySecond: pairs[2 * index + 1])
      #expect(abs(found / expected - 1) < 1e-10)
    }
  }

  @Test func resamplesAreStratified() throws {
    // One run on each dataset leaves nothing to draw.
    #expect(stratifiedBootstrap(runs: [1, 1]) { _ in 0 } == nil)
    let values = [[0.0, 1, 2, 3], [10, 20]]
    let found = try #require(
      stratifiedBootstrap(runs: [4, 2], replicates: 4000) { runs in
        #expect(runs[0].count == 4 && runs[1].count == 2)
        return mean(runs[0].map { values[0][$0] })
      })
    // A mean of four draws of 0 … 3: sd √(1.25/4).
    #expect(abs((found.high - found.low) / (2 * 1.96 * 0.559) - 1) < 0.1)
  }

  /// Zeros and ties of means that the order of their sums has rounded are zeros and ties.
  @Test func roundingMakesNoRanks() {
    let exact = WilcoxonSignedRank([0, 0.1, 0.2, -0.2, 0.3])
    #expect(WilcoxonSignedRank([1.1e-16, 0.1, 0.1 + 0.1, -0.2 - 3e-17, 0.1 + 0.2]) == exact)
    #expect(exact.count == 4 && exact.positiveRankSum == 1 + 2.5 + 4)
  }

  @Test func seedsThatWouldDecide() {
    /// Of estimates over so many datasets, whose variances add up to those given, from three seeds each.
    func deciding(_ distance: Double, _ seedVariance: Double, _ imageVariance: Double, datasets: Int = 1) -> SeedsNeeded
    {
      let share = 1 / Double(datasets)
      let part = RunUncertainty.Part(
        count: 3, seedVariance: share * seedVariance / 3, imageVariance: share * imageVariance)
      return .deciding(distance: distance, RunUncertainty(Array(repeating: part, count: datasets)))
    }
    // Normal: (1.96 + 0.8416)² σ²/d² = 31.4 for d = σ/2, and some more because of t.
    #expect(deciding(0.5, 1, 0) == .count(34))
    #expect(deciding(0.5, 1, 0.04) == .imagesDoNotSuffice)
    #expect(deciding(0, 1, 0) == .noEffect)
    guard case .count(let more) = deciding(0.5, 1, 0.02) else {
      Issue.record("no number of seeds")
      return
    }
    #expect(more > 60)
    // Eight datasets have eight times the degrees of freedom: t is nearly normal from few seeds on. By hand: R = 4 has ν = 24 and
    // (2.064 + 0.857) / √4 = 1.46; R = 3, ν = 16, (2.120 + 0.865) / √3 = 1.72.
    #expect(deciding(1.5, 1, 0, datasets: 8) == .count(4) && deciding(1.5, 1, 0) == .count(6))
  }
}
