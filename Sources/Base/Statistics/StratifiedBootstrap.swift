import VectorMath

/// The 95% percentile interval of a statistic over resamples of the runs: on each dataset by itself, as many runs as there are
/// are drawn with replacement, the same ones for all groups, because runs of the same seed are pairs.
/// - Parameters:
///   - counts: the number of runs on each dataset.
///   - replicates: the number of resamples.
///   - seed: replicate r draws from the stream ("run bootstrap", r).
///   - statistic: the statistic, as a function of the runs drawn `[dataset][]`; resamples where it is NaN do not count.
/// - Returns: nil where there is no number of runs to draw from, or the statistic is never defined.
///
/// Source: arXiv:2108.13264, stratified bootstrap.
public func stratifiedBootstrap(
  runs counts: [Int], replicates: Int = 2000, seed: UInt64 = 2503, _ statistic: ([[Int]]) -> Double
) -> Interval? {
  guard counts.contains(where: { $0 > 1 }) else { return nil }
  let values = (0..<replicates).map { replicate in
    var stream = RandomStream(seed: seed, purpose: "run bootstrap", UInt64(replicate))
    return statistic(counts.map { count in (0..<count).map { _ in stream.index(below: count) } })
  }.filter { !$0.isNaN }
  return values.isEmpty ? nil : centralInterval(values)
}
