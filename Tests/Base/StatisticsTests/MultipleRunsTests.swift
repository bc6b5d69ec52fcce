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
}
