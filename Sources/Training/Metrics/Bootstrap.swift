public import Datasets
public import Statistics
import VectorMath

/// How bootstrap intervals are made: images are drawn with replacement, not stratified by class, and measured again.
public struct BootstrapSettings: Sendable, Equatable {
  /// The number of resamples.
  public var replicates: Int
  /// The seed of the resamples; replicate r draws from the stream ("bootstrap", r).
  public var seed: UInt64

  /// 1000 resamples under seed 2503 unless said otherwise.
  public init(replicates: Int = 1000, seed: UInt64 = 2503) {
    precondition(replicates >= 1, "\(replicates) bootstrap replicates")
    self.replicates = replicates
    self.seed = seed
  }
}

/// 95% percentile intervals of the metrics for one set of scores.
public struct BootstrapIntervals: Sendable, Equatable {
  /// The interval of each metric over the resamples in which it is defined; those that are defined in none are left out.
  public var intervals: [Metric: Interval]
  /// The resamples in which some class was absent or filled the sample, so that there was no AUC.
  public var undefinedReplicates: Int
  /// How they were made.
  public var settings: BootstrapSettings

  /// The level of confidence.
  public static let level = 0.95

  /// Intervals from their parts.
  public init(intervals: [Metric: Interval], undefinedReplicates: Int, settings: BootstrapSettings) {
    self.intervals = intervals
    self.undefinedReplicates = undefinedReplicates
    self.settings = settings
  }

  /// The interval of a metric; nil if it is undefined.
  public subscript(metric: Metric) -> Interval? { intervals[metric] }
}

/// Bootstrap intervals of all metrics: the 2.5th and 97.5th percentile (linear between order statistics) of the metric over
/// resamples of the images.
///
/// A resample is a count per image, the same for all metrics. The scores are ranked once per class, and each class's AUC is
/// the exact Mann-Whitney ratio of those counts: O(replicates · N · K) after sorting.
/// - Precondition: there is an image.
public func bootstrapIntervals(
  _ scores: Scores, labels: [Int], task: ClassificationTask, settings: BootstrapSettings = BootstrapSettings()
) -> BootstrapIntervals {
  requireMatch(scores, labels, task)
  precondition(scores.count > 0, "no images to resample")
  let metrics = Metric.allCases.map { ($0, $0.resampled(scores, labels: labels, task: task)) }
  var values: [Metric: [Double]] = [:]
  var counts = [Int32](repeating: 0, count: scores.count)
  for replicate in 0..<settings.replicates {
    for image in counts.indices { counts[image] = 0 }
    var stream = RandomStream(seed: settings.seed, purpose: "bootstrap", UInt64(replicate))
    for _ in 0..<scores.count { counts[stream.index(below: scores.count)] += 1 }
    for (metric, resampled) in metrics {
      let value = resampled(counts)
      if !value.isNaN { values[metric, default: []].append(value) }
    }
  }
  return BootstrapIntervals(
    intervals: values.mapValues(centralInterval),
    undefinedReplicates: settings.replicates - values[.auc, default: []].count, settings: settings)
}
