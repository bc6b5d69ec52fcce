import Datasets
public import Statistics
import Threads
import VectorMath

extension MultipleRuns {
  /// The analysis of a metric of several runs on the same images; nil where it is undefined, or the images are not the same.
  public init?(_ runs: [SplitEvaluation], _ metric: Metric, groups: RunGroups? = nil) {
    self.init(runs, metric, groups) { (value: $0, divisor: 1) }
  }

  /// The same on the logit scale, where dlogit(θ) = dθ / (θ(1 − θ)); nil also where a run has a value of 0 or 1.
  public init?(logitOf runs: [SplitEvaluation], _ metric: Metric, groups: RunGroups? = nil) {
    self.init(runs, metric, groups) { value in
      value > 0 && value < 1 ? (value: logit(value), divisor: value * (1 - value)) : nil
    }
  }

  /// - Parameter scale: a value on another scale, and what influences on it are divided by there; nil where it has no place.
  private init?(
    _ runs: [SplitEvaluation], _ metric: Metric, _ groups: RunGroups?,
    scale: (Double) -> (value: Double, divisor: Double)?
  ) {
    guard let first = runs.first, runs.allSatisfy({ $0.labels == first.labels }) else { return nil }
    var values: [Double] = []
    var scaled: [[Double]] = []
    for run in runs {
      guard let (value, divisor) = scale(run[metric]), let found = influences(of: run, metric) else { return nil }
      values.append(value)
      scaled.append(found.map { $0 / divisor })
    }
    self.init(values, covariance: errorCovariance(scaled), groups: groups)
  }
}

/// The 95% interval of a metric's mean over runs, for other seeds and other images than those at hand, within [0, 1].
///
/// Binary AUC: Obuchowski and Rockette's analysis on the logit scale. Otherwise, and where a run has an AUC of 0 or 1: the
/// crossed bootstrap. Of a single run: its own bootstrap interval, which tells of the images alone.
/// - Parameter groups: runs that are no independent repetitions; the interval is then for other groups as well.
/// - Returns: nil without runs, where the metric is undefined, and where the runs were not measured on the same images.
public func interval(of runs: [SplitEvaluation], _ metric: Metric, groups: RunGroups? = nil) -> Interval? {
  guard let first = runs.first, runs.allSatisfy({ $0.labels == first.labels && !$0[metric].isNaN }) else { return nil }
  if runs.count == 1 { return first.bootstrap[metric] }
  if metric == .auc, first.task == .binary, let analysis = MultipleRuns(logitOf: runs, metric, groups: groups) {
    return analysis.interval().mapped(logistic)
  }
  return crossedBootstrap(runs, metric, groups: groups)
}

/// Where the value of one more run lies with a probability, 95% unless another is asked for, within [0, 1].
public struct RunPrediction: Sendable, Equatable {
  /// A run by somebody else, whose test images may be others of the same kind: what a single published value is compared with.
  public let elsewhere: Interval
  /// A run of ours with another seed, on the same test images.
  public let onSameImages: Interval

  /// The prediction from runs; nil with fewer than two, or where `MultipleRuns` is undefined.
  public init?(
    _ runs: [SplitEvaluation], _ metric: Metric, groups: RunGroups? = nil, confidence: Double = 0.95
  ) {
    // A run of 0 or 1 has no logit: the plain scale, cut to where a metric can lie.
    func cut(_ end: Double) -> Double { min(1, max(0, end)) }
    let onLogits = MultipleRuns(logitOf: runs, metric, groups: groups)
    guard let analysis = onLogits ?? MultipleRuns(runs, metric, groups: groups),
      let elsewhere = analysis.predictionOfAnotherRun(confidence),
      let here = analysis.predictionOnSameImages(confidence)
    else { return nil }
    let back = onLogits == nil ? cut : logistic
    (self.elsewhere, onSameImages) = (elsewhere.mapped(back), here.mapped(back))
  }
}

/// The 95% interval of the average over datasets of a metric's means over runs, `[dataset][run]`, within [0, 1]: variances of
/// independent datasets add up; on the logit scale.
/// - Parameter groups: of each dataset, runs that are no independent repetitions.
/// - Returns: nil where `MultipleRuns` is undefined on one of them, or one has a single run and another more.
public func interval(
  ofAverageOver datasets: [[SplitEvaluation]], _ metric: Metric, groups: [RunGroups?]
) -> Interval? {
  let analyses = zip(datasets, groups).compactMap { MultipleRuns($0, metric, groups: $1) }
  guard analyses.count == datasets.count, !analyses.isEmpty else { return nil }
  let average = mean(analyses.map(\.mean))
  let uncertainty = RunUncertainty(analyses.flatMap(\.uncertainty.parts)).scaled(by: 1 / Double(analyses.count))
  guard uncertainty.variance.isFinite else { return nil }
  guard average > 0, average < 1 else { return Interval(low: average, high: average) }
  return uncertainty.scaled(by: 1 / (average * (1 - average))).interval(around: logit(average)).mapped(logistic)
}

/// The 95% percentile interval of a metric's mean over runs, resampling seeds and images together: a resample draws the images
/// of each class from that class, the same ones for all runs, and R − 1 of the R runs with replacement: the mean of so many has
/// the variance s²/R that the mean of all has over other seeds (Rao and Wu), where R of R would have (R − 1)/R of it.
///
/// Source: J. N. K. Rao, C. F. J. Wu, Journal of the American Statistical Association 83 (1988) 231–241.
/// Of runs in groups, G − 1 of the G groups are drawn, each with all of its runs.
/// - Precondition: there are two runs or more, all with the same labels and a defined metric.
func crossedBootstrap(
  _ runs: [SplitEvaluation], _ metric: Metric, groups: RunGroups? = nil, settings: BootstrapSettings = .init()
) -> Interval {
  let (groupOfRun, groupCount) = (groups?.indices ?? Array(runs.indices), groups?.count ?? runs.count)
  let (labels, task, classCount) = (runs[0].labels, runs[0].task, runs[0].classCount)
  let images = (0..<classCount).map { index in labels.indices.filter { labels[$0] == index } }
  let measures = runs.map { metric.resampled($0.scoreMatrix, labels: labels, task: task) }
  // Replicates know nothing of each other, so any number of threads gives the same values.
  let blockSize = 64
  let values = [Double](unsafeUninitializedCapacity: settings.replicates) { target, initialized in
    // Invariant: every block initialises the values of its own replicates.
    nonisolated(unsafe) let values = target
    let blocks = (settings.replicates + blockSize - 1) / blockSize
    WorkerPool(threads: min(blocks, WorkerPool.processors)).run(chunks: blocks) { block in
      var counts = [Int32](repeating: 0, count: labels.count)
      for replicate in block * blockSize..<min((block + 1) * blockSize, settings.replicates) {
        var stream = RandomStream(seed: settings.seed, purpose: "crossed bootstrap", UInt64(replicate))
        for image in counts.indices { counts[image] = 0 }
        for ofClass in images {
          for _ in ofClass { counts[ofClass[stream.index(below: ofClass.count)]] += 1 }
        }
        var draws = [Int](repeating: 0, count: groupCount)
        for _ in 1..<groupCount { draws[stream.index(below: groupCount)] += 1 }
        var (sum, drawn) = (0.0, 0)
        for (run, group) in groupOfRun.enumerated() where draws[group] > 0 {
          sum += Double(draws[group]) * measures[run](counts)
          drawn += draws[group]
        }
        values.initializeElement(at: replicate, to: sum / Double(drawn))
      }
    }
    initialized = settings.replicates
  }
  return centralInterval(values)
}

extension Interval {
  /// The interval on another scale, by an increasing function.
  fileprivate func mapped(_ scale: (Double) -> Double) -> Interval { Interval(low: scale(low), high: scale(high)) }
}
