/// Means are sums of ratios of counts: of different ones at least a part in 10¹⁰ lies between them, of equal ones what the order
/// of the sum has rounded.
public let rounding = 1e-12

/// Wilcoxon's signed-rank test of paired differences, exact.
///
/// Differences of zero are left out; equal magnitudes share the mean of their ranks. The p value is exact also with ties: the
/// distribution of the rank sum over all 2ⁿ assignments of signs, counted by dynamic programming over doubled ranks, which are
/// whole numbers. Numbers within `rounding` of each other are equal: differences of means of equal counts are zero but for what
/// the order of the sums has rounded.
///
/// Source: F. Wilcoxon, Biometrics Bulletin 1 (1945) 80–83; without ties the values of `scipy.stats.wilcoxon(method="exact")`.
public struct WilcoxonSignedRank: Sendable, Equatable {
  /// The number of differences that are not zero.
  public let count: Int
  /// The sum of the ranks of positive differences.
  public let positiveRankSum: Double
  /// P of a rank sum as far from its mean or farther, in both directions; 1 without a difference.
  public let twoSidedP: Double

  /// Tests differences, at most `largestCount` of them other than zero.
  public init(_ differences: [Double]) {
    let values = differences.filter { $0.magnitude > rounding }
    precondition(values.count <= Self.largestCount, "\(values.count) differences")
    let order = values.indices.sorted { values[$0].magnitude < values[$1].magnitude }
    var doubledRanks = [Int](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]].magnitude - values[order[start]].magnitude <= rounding {
        end += 1
      }
      // Ranks start + 1 … end: twice their mean is start + 1 + end.
      for place in start..<end { doubledRanks[order[place]] = start + 1 + end }
      start = end
    }
    let positive = values.indices.reduce(0) { $0 + (values[$1] > 0 ? doubledRanks[$1] : 0) }
    let total = doubledRanks.reduce(0, +)
    // The number of assignments of signs with each doubled rank sum: a Double counts exactly up to 2⁵³.
    var assignments = [Double](repeating: 0, count: total + 1)
    assignments[0] = 1
    for rank in doubledRanks {
      for sum in stride(from: total, through: rank, by: -1) { assignments[sum] += assignments[sum - rank] }
    }
    let smaller = min(positive, total - positive)
    let tail = assignments[...smaller].reduce(0, +) / assignments.reduce(0, +)
    count = values.count
    positiveRankSum = Double(positive) / 2
    twoSidedP = min(1, 2 * tail)
  }

  /// As many signs as can be counted exactly.
  public static let largestCount = 50
}
