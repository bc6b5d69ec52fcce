/// What several runs on the same images say about the measure of any run on any such images: Obuchowski and Rockette's analysis
/// of readers and cases, a training seed being a reader and a test image a case.
///
/// The measure of run j is θⱼ = μ + Rⱼ + εⱼ: Rⱼ is what its seed makes of it, εⱼ what the finite test set does. The errors of
/// two runs are correlated, because their images are the same, with covariance Cov₂. The sample variance of the θⱼ, MS, does
/// not see what all runs share, so it estimates σ_R² + Var(ε) − Cov₂, and
///
///     Var(mean of θ) = MS/R + Cov₂                 degrees of freedom  (MS/R + Cov₂)² / ((MS/R)² / (R − 1))
///
/// after Hillis; a negative estimate of Cov₂ counts as 0. A t interval over the seeds alone leaves Cov₂ out: of five
/// seeds on 156 images it covers 66 instead of 95 % (docs/statistics.md).
///
/// Source: N. A. Obuchowski, H. E. Rockette, Communications in Statistics - Simulation 24 (1995) 285–308; S. L. Hillis,
/// Statistics in Medicine 26 (2007) 596–619.
public struct MultipleRuns: Sendable, Equatable {
  /// The mean of the measures.
  public let mean: Double
  /// How uncertain the mean is.
  public let uncertainty: RunUncertainty

  /// The analysis of runs.
  /// - Parameters:
  ///   - values: the measure of each run, `[R]`.
  ///   - covariance: the covariances of their errors, `[R][R]`, from the images: `Σᵢ ψⱼᵢ ψₖᵢ` of their influences.
  public init(_ values: [Double], covariance: [[Double]]) {
    precondition(!values.isEmpty && covariance.count == values.count, "\(values.count) runs")
    let count = values.count
    mean = Statistics.mean(values)
    guard count > 1 else {
      uncertainty = RunUncertainty([.init(count: 1, seedVariance: .nan, imageVariance: covariance[0][0])])
      return
    }
    var shared = 0.0
    for first in values.indices {
      for second in values.indices where second != first { shared += covariance[first][second] }
    }
    uncertainty = RunUncertainty([
      .init(
        count: count, seedVariance: sampleVariance(values) / Double(count),
        imageVariance: max(0, shared / Double(count * (count - 1))))
    ])
  }

  /// The 95% interval of the mean. Of a single run it tells of the images alone.
  public func interval() -> Interval { uncertainty.interval(around: mean) }

  /// Where one more run lies, by somebody else, whose images may be others: MS (1 + 1/R) + 2 Cov₂. Nil of a single run.
  public func predictionOfAnotherRun(_ confidence: Double = 0.95) -> Interval? {
    uncertainty.ofAnotherRun?.interval(around: mean, confidence)
  }

  /// Where one more run of ours lies, on the same test images: MS (1 + 1/R). Nil of a single run.
  public func predictionOnSameImages(_ confidence: Double = 0.95) -> Interval? {
    uncertainty.ofAnotherRunOnSameImages?.interval(around: mean, confidence)
  }
}

/// Σᵢ ψⱼᵢ ψₖᵢ for all pairs of runs, from the influences `[R][N]`.
public func errorCovariance(_ influences: [[Double]]) -> [[Double]] {
  influences.map { first in
    influences.map { second in zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } }
  }
}
