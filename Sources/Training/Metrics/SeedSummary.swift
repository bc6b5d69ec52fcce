/// Mean, spread and interval of one measure over the seeds of a run.
public struct SeedSummary: Sendable, Equatable {
  /// The number of seeds n.
  public var count: Int
  /// The mean, summed in the order given.
  public var mean: Double
  /// The sample standard deviation, with n − 1 in the denominator; nil for one seed.
  public var standardDeviation: Double?
  /// Student's 95% confidence interval of the mean, mean ± t · s/√n, not clipped to [0, 1]; nil for one seed.
  public var interval: Interval?

  /// Summarises values, one per seed. A NaN among them makes every figure NaN.
  /// - Precondition: there is a value.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "no values to summarise")
    count = values.count
    mean = values.reduce(0, +) / Double(values.count)
    guard values.count > 1 else { return }
    let centre = mean
    let squares = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    let deviation = (squares / Double(values.count - 1)).squareRoot()
    standardDeviation = deviation
    let reach =
      studentTQuantile(confidence: 0.95, degreesOfFreedom: values.count - 1) * deviation
      / Double(values.count).squareRoot()
    interval = Interval(low: mean - reach, high: mean + reach)
  }
}

/// An interval of a measure.
public struct Interval: Sendable, Equatable {
  /// Its lower end.
  public var low: Double
  /// Its upper end.
  public var high: Double

  /// An interval by its ends.
  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }
}
