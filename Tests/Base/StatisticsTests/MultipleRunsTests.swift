import Testing

@testable import Statistics

@Suite struct MultipleRunsTests {
  /// Three runs by hand: MS = 0.01, Cov₂ = 0.002.
  @Test func partsOfTheVariance() {
    let runs = MultipleRuns(
      [0.6, 0.7, 0.8], covariance: [[0.005, 0.001, 0.002], [0.001, 0.005, 0.003], [0.002, 0.003, 0.005]])
    #expect(abs(runs.mean - 0.7) < 1e-15)
    let uncertainty = runs.uncertainty
    #expect(abs(uncertainty.seedVariance - 0.01 / 3) < 1e-15 && abs(uncertainty.imageVariance - 0.002) < 1e-15)
    let variance = 0.01 / 3 + 0.002
    let freedom = variance * variance / ((0.01 / 3) * (0.01 / 3) / 2)
    #expect(abs(uncertainty.degreesOfFreedom - freedom) < 1e-12)
    let reach = StudentT(degreesOfFreedom: freedom).twoSidedQuantile(0.95) * variance.squareRoot()
    #expect(abs(runs.interval().high - (0.7 + reach)) < 1e-14 && abs(runs.interval().low - (0.7 - reach)) < 1e-14)
    // 4/3 · 0.01 for seeds, 2 · 0.002 for images.
    let prediction = 0.04 / 3 + 0.004
    let predictionFreedom = prediction * prediction / ((0.04 / 3) * (0.04 / 3) / 2)
    let far = StudentT(degreesOfFreedom: predictionFreedom).twoSidedQuantile(0.95) * prediction.squareRoot()
    #expect(abs((runs.predictionOfAnotherRun()?.high ?? 0) - (0.7 + far)) < 1e-14)
    let near = StudentT(degreesOfFreedom: 2).twoSidedQuantile(0.95) * (0.04 / 3).squareRoot()
    #expect(abs((runs.predictionOnSameImages()?.high ?? 0) - (0.7 + near)) < 1e-13)
  }

  @Test func oneRunTellsOfImagesAlone() {
    let run = MultipleRuns([0.7], covariance: [[0.0025]])
    #expect(run.uncertainty.seedVariance.isNaN && run.predictionOfAnotherRun() == nil)
    #expect(abs(run.interval().high - (0.7 + 1.959_963_984_540_054 * 0.05)) < 1e-12)
  }

  @Test func negativeCovarianceCountsAsNone() {
    let runs = MultipleRuns([0.6, 0.8], covariance: [[0.005, -0.001], [-0.001, 0.005]])
    #expect(runs.uncertainty.imageVariance == 0 && runs.uncertainty.degreesOfFreedom == 1)
  }

  @Test func equalRunsLeaveTheImages() {
    let runs = MultipleRuns([0.7, 0.7], covariance: [[0.0025, 0.0025], [0.0025, 0.0025]])
    #expect(runs.uncertainty.degreesOfFreedom == .infinity)
    #expect(abs(runs.interval().high - (0.7 + 1.959_963_984_540_054 * 0.05)) < 1e-12)
  }

  /// Two datasets: variances add up, and neither has more degrees of freedom than both together.
  @Test func partsOfSeveralDatasetsAddUp() {
    let both = RunUncertainty([
      .init(count: 3, seedVariance: 0.004, imageVariance: 0.001),
      .init(count: 5, seedVariance: 0.002, imageVariance: 0.003),
    ])
    #expect(abs(both.variance - 0.01) < 1e-15)
    #expect(abs(both.degreesOfFreedom - 1e-4 / (1.6e-5 / 2 + 4e-6 / 4)) < 1e-9)
    #expect(abs(both.scaled(by: 0.5).variance - 0.0025) < 1e-15)
    #expect(both.scaled(by: 0.5).degreesOfFreedom == both.degreesOfFreedom)
  }

  /// Of groups of equal size the groups' means are the runs: their values, and the means of their influences.
  @Test func equalGroupsAreAnalysedByTheirMeans() throws {
    let values = [0.71, 0.64, 0.75, 0.69, 0.58, 0.66]
    let influences: [[Double]] = (0..<6).map { run in
      (0..<40).map { image -> Double in
        let common = Double(image * 7 % 11)
        let own = Double((image + run * 3) % 5)
        return 0.01 * common + 0.003 * own - 0.06
      }
    }
    let groups = try #require(RunGroups(["b", "a", "b", "c", "a", "c"]))
    #expect(groups.members == [[0, 2], [1, 4], [3, 5]])
    let found = MultipleRuns(values, covariance: errorCovariance(influences), groups: groups)
    let means: [Double] = groups.members.map { (values[$0[0]] + values[$0[1]]) / 2 }
    let influencesOfMeans: [[Double]] = groups.members.map { runs in
      zip(influences[runs[0]], influences[runs[1]]).map { ($0 + $1) / 2 }
    }
    let byMeans = MultipleRuns(means, covariance: errorCovariance(influencesOfMeans))
    #expect(abs(found.mean - byMeans.mean) < 1e-15)
    let (part, expected) = (found.uncertainty.parts[0], byMeans.uncertainty.parts[0])
    #expect(part.count == 3)
    #expect(abs(part.seedVariance / expected.seedVariance - 1) < 1e-12)
    #expect(expected.imageVariance > 0 && abs(part.imageVariance / expected.imageVariance - 1) < 1e-12)
    #expect(abs(found.interval().low - byMeans.interval().low) < 1e-12)
    // Means .73, .61, .675 have the variance .0036083, runs in a group (.0008 + .0018 + .00045)/3; σ²_T + σ²_S of the one-way layout.
    let within = (0.0008 + 0.0018 + 0.00045) / 3
    let single = 0.00360833333333 - within / 2 + within
    #expect(abs((part.groupedRunVariance ?? .nan) - single) < 1e-12)
    let prediction = try #require(found.uncertainty.ofAnotherRunOnSameImages).seedVariance
    #expect(abs(prediction - single - part.seedVariance) < 1e-12)
  }

  /// 3 + 1 runs: shares ¾ and ¼, means .70 and .60 about .675, so 2/1 · (9/16 · .025² + 1/16 · .075²).
  @Test func groupsCountByTheirShare() throws {
    let groups = try #require(RunGroups([1, 1, 2, 1]))
    let found = MultipleRuns(
      [0.69, 0.70, 0.60, 0.71], covariance: Array(repeating: Array(repeating: 0, count: 4), count: 4), groups: groups)
    #expect(abs(found.mean - 0.675) < 1e-15)
    #expect(abs(found.uncertainty.seedVariance - 0.00140625) < 1e-15)
    #expect(found.uncertainty.degreesOfFreedom == 1)
  }

  @Test func aSingleGroupOrAMissingKeyIsNone() {
    #expect(RunGroups(["a", "a"]) == nil && RunGroups(["a", nil, "b"]) == nil && RunGroups([Int?]()) == nil)
    #expect(RunGroups([4, 5, 6])?.indices == [0, 1, 2])
  }

  @Test func groupsAreResampledWhole() {
    var draws: Set<[Int]> = []
    _ = stratifiedBootstrap(runs: [5], groups: [RunGroups([0, 0, 1, 1, 1])], replicates: 50) { runs in
      draws.insert(runs[0])
      return Double(runs[0].count)
    }
    #expect(draws == [[0, 1, 0, 1], [0, 1, 2, 3, 4], [2, 3, 4, 0, 1], [2, 3, 4, 2, 3, 4]])
  }
}
