import VectorMath

/// The 95% percentile interval of a statistic over resamples of the runs: on each dataset by itself, as many runs as there are
/// are drawn with replacement, the same ones for all models, because runs of the same seed are pairs.
/// - Parameters:
///   - counts: the number of runs on each dataset.
///   - groups: of each dataset, runs that are no independent repetitions: as many groups as there are are drawn, whole.
///   - replicates: the number of resamples.
///   - seed: replicate r draws from the stream ("run bootstrap", r).
///   - statistic: the statistic, as a function of the runs drawn `[dataset][]`; resamples where it is NaN do not count.
/// - Returns: nil where there is no number of runs to draw from, or the statistic is never defined.
///
/// Source: arXiv:2108.13264, stratified bootstrap.
public func stratifiedBootstrap(
  runs counts: [Int], groups: [RunGroups?]? = nil, replicates: Int = 2000, seed: UInt64 = 2503,
  _ statistic: ([[Int]]) -> Double
) -> Interval? {
  guard counts.contains(where: { $0 > 1 }) else { return nil }
  let members = groups.map { $0.map { $0?.members } } ?? counts.map { _ in nil }
  let values = (0..<replicates).map { replicate in
    var stream = RandomStream(seed: seed, purpose: "run bootstrap", UInt64(replicate))
    return statistic(
      zip(counts, members).map { count, members in
        guard let members else { return (0..<count).map { _ in stream.index(below: count) } }
        return members.indices.flatMap { _ in members[stream.index(below: members.count)] }
      })
  }.filter { !$0.isNaN }
  return values.isEmpty ? nil : centralInterval(values)
}
