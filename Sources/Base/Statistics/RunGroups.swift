/// Runs that have a cause of variation in common, as distilled students have their teacher: the runs of a group are no
/// independent repetitions, the groups are.
public struct RunGroups: Sendable, Equatable {
  /// The group of each run, from 0.
  public let indices: [Int]
  /// The number G of groups, at least two.
  public let count: Int

  /// Groups of runs with equal keys, numbered in the order of their first runs.
  /// - Returns: nil where nothing can be said about other groups: a run without a key, or the same one for all.
  public init?<Key: Hashable>(_ keys: [Key?]) {
    var known: [Key: Int] = [:]
    var indices: [Int] = []
    for key in keys {
      guard let key else { return nil }
      indices.append(known[key, default: known.count])
      known[key] = indices[indices.count - 1]
    }
    guard known.count > 1 else { return nil }
    (self.indices, count) = (indices, known.count)
  }

  /// The runs of each group.
  public var members: [[Int]] {
    var members = [[Int]](repeating: [], count: count)
    for (run, group) in indices.enumerated() { members[group].append(run) }
    return members
  }
}
