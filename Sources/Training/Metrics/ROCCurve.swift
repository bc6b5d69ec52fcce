/// A receiver operating characteristic: the share of the positives that score above a threshold against that of the
/// negatives, as the threshold falls. Points of equal scores are joined by a straight line, which counts ties half.
public struct ROCCurve: Sendable, Equatable {
  /// Shares of the negatives, ascending from 0 to 1.
  public let falseRates: [Double]
  /// Shares of the positives at the same thresholds.
  public let trueRates: [Double]

  /// The curve of a score; nil without a positive or without a negative.
  /// - Parameters:
  ///   - scores: `[N]`, finite; higher means more likely positive.
  ///   - positives: `[N]`.
  public init?(scores: [Double], positives: [Bool]) {
    precondition(scores.count == positives.count, "\(scores.count) scores, \(positives.count) labels")
    let all = positives.count { $0 }
    guard all > 0, all < positives.count else { return nil }
    let counts = Ranking(scores).countsAbove(positives: positives)
    falseRates = [0] + counts.falsePositives.map { share($0, of: positives.count - all) }
    trueRates = [0] + counts.truePositives.map { share($0, of: all) }
  }

  /// The share of the positives where that of the negatives is `falseRate`: linear between points, the upper end where the
  /// curve rises straight up.
  public func trueRate(at falseRate: Double) -> Double {
    var (low, high) = (0, falseRates.count - 1)
    // The last point at or before the rate.
    while low < high {
      let middle = (low + high + 1) / 2
      if falseRates[middle] <= falseRate { low = middle } else { high = middle - 1 }
    }
    guard low + 1 < falseRates.count else { return trueRates[low] }
    let width = falseRates[low + 1] - falseRates[low]
    return trueRates[low] + (trueRates[low + 1] - trueRates[low]) * (falseRate - falseRates[low]) / width
  }
}
