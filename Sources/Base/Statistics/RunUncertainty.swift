/// How uncertain an estimate is that was made from runs: what other seeds would change, and what other test images would. The two
/// are kept apart, because the one gets smaller with more seeds and the other does not. An estimate over several datasets has
/// a part for each; their images and seeds are independent, so variances add up. Where seeds come in groups, as students of the
/// same teacher do, the groups are what is repeated: read "teacher" for "seed" then.
public struct RunUncertainty: Sendable, Equatable {
  /// What one set of images contributes.
  public struct Part: Sendable, Equatable {
    /// The number of independent repetitions: of runs R, or of groups of runs (`RunGroups`).
    public var count: Int
    /// MS/R: falls with the number of seeds; NaN of one run, which says nothing about it.
    public var seedVariance: Double
    /// The variance of a single run of another group; nil where runs are the repetitions: it is MS then.
    public var groupedRunVariance: Double?
    /// Cov₂, or Var(ε) of a single run: falls with the number of test images only.
    public var imageVariance: Double

    /// A part.
    public init(count: Int, seedVariance: Double, groupedRunVariance: Double? = nil, imageVariance: Double) {
      self.count = count
      self.seedVariance = seedVariance
      self.groupedRunVariance = groupedRunVariance
      self.imageVariance = imageVariance
    }

    /// The variance of the difference between the estimate and one more run, as far as seeds go: MS (1 + 1/R) of runs.
    fileprivate var seedVarianceOfAnotherRun: Double {
      groupedRunVariance.map { $0 + seedVariance } ?? seedVariance * Double(count + 1)
    }
  }

  /// The parts.
  public let parts: [Part]

  /// An uncertainty from its parts.
  public init(_ parts: [Part]) { self.parts = parts }

  /// Σ MS/R; NaN where there is a single run.
  public var seedVariance: Double { parts.reduce(0) { $0 + $1.seedVariance } }

  /// Σ Cov₂.
  public var imageVariance: Double { parts.reduce(0) { $0 + $1.imageVariance } }

  /// The variance for other seeds and other images; for other images alone where every part has a single run.
  public var variance: Double {
    parts.allSatisfy { $0.count == 1 } ? imageVariance : seedVariance + imageVariance
  }

  /// Satterthwaite's degrees of freedom, V² / Σ (MS/R)²/(R − 1), which are Hillis' for one part; infinite where seeds do
  /// not differ, or there is one of each.
  public var degreesOfFreedom: Double {
    let seeds = parts.filter { $0.count > 1 && $0.seedVariance > 0 }
      .reduce(0) { $0 + $1.seedVariance * $1.seedVariance / Double($1.count - 1) }
    return seeds == 0 ? .infinity : variance * variance / seeds
  }

  /// Two-sided P of a difference from the truth as large as this or larger; nil where nothing varies.
  public func twoSidedP(of difference: Double) -> Double? {
    guard variance > 0, difference.isFinite else { return nil }
    return StudentT(degreesOfFreedom: degreesOfFreedom).twoSidedTail(difference / variance.squareRoot())
  }

  /// The uncertainty of `factor` times the estimate.
  public func scaled(by factor: Double) -> RunUncertainty {
    RunUncertainty(
      parts.map {
        Part(
          count: $0.count, seedVariance: factor * factor * $0.seedVariance,
          groupedRunVariance: $0.groupedRunVariance.map { factor * factor * $0 },
          imageVariance: factor * factor * $0.imageVariance)
      })
  }

  /// Of the difference between the estimate and one more run by somebody else, whose images may be others of the same kind:
  /// MS (1 + 1/R) + 2 Cov₂. Nil where a part has a single run.
  public var ofAnotherRun: RunUncertainty? { prediction(images: 2) }

  /// Of the difference to one more run on the same images: MS (1 + 1/R). Nil where a part has a single run.
  public var ofAnotherRunOnSameImages: RunUncertainty? { prediction(images: 0) }

  private func prediction(images: Double) -> RunUncertainty? {
    guard parts.allSatisfy({ $0.count > 1 }) else { return nil }
    return RunUncertainty(
      parts.map {
        Part(
          count: $0.count, seedVariance: $0.seedVarianceOfAnotherRun,
          imageVariance: images * $0.imageVariance)
      })
  }

  /// The two-sided t interval around an estimate; its ends are NaN where nothing is known.
  public func interval(around estimate: Double, _ confidence: Double = 0.95) -> Interval {
    guard variance.isFinite else { return Interval(low: .nan, high: .nan) }
    guard variance > 0 else { return Interval(low: estimate, high: estimate) }
    let reach =
      StudentT(degreesOfFreedom: degreesOfFreedom).twoSidedQuantile(confidence) * variance.squareRoot()
    return Interval(low: estimate - reach, high: estimate + reach)
  }
}
