public import Metrics
import Statistics

/// How the paper's value of an entry lies to ours.
public enum Agreement: String, Sendable, CaseIterable {
  /// Inside the interval in which one more run by somebody else would be expected.
  case inside
  /// Outside it.
  case outside
  /// The two cannot be compared, or there is no such interval.
  case notCompared

  /// What follows our value in a sentence.
  public var phrase: String {
    switch self {
    case .inside: " (inside)"
    case .outside: " (outside)"
    case .notCompared: ""
    }
  }
}

extension TableEntry {
  /// How the paper's value lies to ours.
  public var agreement: Agreement {
    guard difference != nil, let paper, let prediction else { return .notCompared }
    return prediction.elsewhere.contains(paper) ? .inside : .outside
  }
}

/// What a test split of finite size leaves open of a single run.
public enum TestSetBand {
  /// The mean half-width of the 95% bootstrap intervals of runs; nil without any.
  public static func halfWidth(of cells: [TableCell], _ metric: Metric) -> Double? {
    let intervals = cells.compactMap { $0.test.bootstrap[metric] }
    return intervals.isEmpty
      ? nil : intervals.reduce(0) { $0 + ($1.high - $1.low) / 2 } / Double(intervals.count)
  }
}
