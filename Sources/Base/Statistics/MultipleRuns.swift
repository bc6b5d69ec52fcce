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
/// Runs in G groups, students of the same teacher, have what their group makes of them in common: the groups' means Mₖ are the
/// repetitions. With the shares wₖ of the runs
///
///     Var(mean of θ) = G/(G − 1) Σ wₖ² (Mₖ − mean)² + Cov₂     G − 1 degrees of freedom for the first part
///
/// Cov₂ being the covariance of the errors of runs of different groups; of groups of equal size the first part is the sample
/// variance of the means by G. A single run of another group varies by the variance between groups, what is left of the
/// sample variance of the means without a run's variance by the size of a group (the harmonic mean of the sizes), plus that
/// between runs of a group.
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
  ///   - groups: runs that are no independent repetitions; nil where all are.
  public init(_ values: [Double], covariance: [[Double]], groups: RunGroups? = nil) {
    precondition(groups.map { $0.indices.count == values.count } ?? true, "groups of other runs")
    precondition(!values.isEmpty && covariance.count == values.count, "\(values.count) runs")
    let count = values.count
    mean = Statistics.mean(values)
    guard count > 1 else {
      uncertainty = RunUncertainty([.init(count: 1, seedVariance: .nan, imageVariance: covariance[0][0])])
      return
    }
    let indices = groups?.indices ?? Array(values.indices)
    var (shared, pairs) = (0.0, 0)
    for first in values.indices {
      for second in values.indices where indices[second] != indices[first] {
        shared += covariance[first][second]
        pairs += 1
      }
    }
    let imageVariance = max(0, shared / Double(pairs))
    if let groups {
      uncertainty = RunUncertainty([Self.part(values, mean, groups, imageVariance: imageVariance)])
    } else {
      uncertainty = RunUncertainty([
        .init(count: count, seedVariance: sampleVariance(values) / Double(count), imageVariance: imageVariance)
      ])
    }
  }

  private static func part(
    _ values: [Double], _ mean: Double, _ groups: RunGroups, imageVariance: Double
  ) -> RunUncertainty.Part {
    let members = groups.members
    let means = members.map { Statistics.mean($0.map { values[$0] }) }
    let count = Double(groups.count)
    var (between, within, inverseSizes) = (0.0, 0.0, 0.0)
    for (runs, ofGroup) in zip(members, means) {
      let share = Double(runs.count) / Double(values.count)
      between += share * share * (ofGroup - mean) * (ofGroup - mean)
      for run in runs { within += (values[run] - ofGroup) * (values[run] - ofGroup) }
      inverseSizes += 1 / Double(runs.count) / count
    }
    // Groups of one run each say nothing of runs within a group: the means' variance is all there is.
    let inside = values.count > groups.count ? within / Double(values.count - groups.count) : 0
    return .init(
      count: groups.count, seedVariance: between * count / (count - 1),
      groupedRunVariance: max(0, sampleVariance(means) - inside * inverseSizes) + inside, imageVariance: imageVariance)
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
