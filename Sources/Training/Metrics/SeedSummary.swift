import Statistics

/// Mean and spread of one measure over the seeds of a run. How sure the mean is also depends on the test images:
/// `interval(of:_:)`.
public struct SeedSummary: Sendable, Equatable {
  /// The number of seeds n.
  public var count: Int
  /// The mean, summed in the order given.
  public var mean: Double
  /// The sample standard deviation, with n − 1 in the denominator; nil for one seed.
  public var standardDeviation: Double?

  /// Summarises values, one per seed. A NaN among them makes every figure NaN.
  /// - Precondition: there is a value.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "no values to summarise")
    count = values.count
    mean = Statistics.mean(values)
    standardDeviation = values.count > 1 ? sampleVariance(values).squareRoot() : nil
  }
}
