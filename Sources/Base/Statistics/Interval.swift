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

  /// Whether a value lies in it, ends included. Nothing lies in an interval with an end that is NaN.
  public func contains(_ value: Double) -> Bool { low <= value && value <= high }
}

/// The 2.5th and 97.5th percentile of values, linear between order statistics (numpy's default).
/// - Precondition: there is a value.
public func centralInterval(_ values: [Double]) -> Interval {
  let sorted = values.sorted()
  func percentile(_ fraction: Double) -> Double {
    let position = fraction * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
  }
  return Interval(low: percentile(0.025), high: percentile(0.975))
}
