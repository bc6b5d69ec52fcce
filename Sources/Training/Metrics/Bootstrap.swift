public import Datasets
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

/// 95% percentile intervals of AUC and accuracy for one set of scores.
public struct BootstrapIntervals: Sendable, Equatable {
  /// The interval of the AUC over the resamples that have one; nil if none has.
  public var auc: Interval?
  /// The interval of the accuracy.
  public var accuracy: Interval
  /// The resamples in which some class was absent or filled the sample, so that there was no AUC.
  public var undefinedReplicates: Int
  /// How they were made.
  public var settings: BootstrapSettings
}

/// Bootstrap intervals of AUC and accuracy: the 2.5th and 97.5th percentile (linear between order statistics) of the
/// measure over resamples of the images.
///
/// The scores are ranked once per class; a resample is a count per image, and each class's AUC the exact Mann-Whitney
/// ratio of those counts: O(replicates · N · K) after sorting.
/// - Precondition: there is an image.
public func bootstrapIntervals(
  _ scores: Scores, labels: [Int], task: ClassificationTask, settings: BootstrapSettings = BootstrapSettings()
) -> BootstrapIntervals {
  requireMatch(scores, labels, task)
  precondition(scores.count > 0, "no images to resample")
  let isCorrect = zip(predictedClasses(scores, task: task), labels).map { $0 == $1 }
  let measured = task == .binary ? 1..<2 : 0..<scores.classCount
  let classes = measured.map { ClassRanking(scores.column($0), positives: labels.map { [index = $0] in $0 == index }) }

  var areas: [Double] = []
  var accuracies: [Double] = []
  var counts = [Int32](repeating: 0, count: scores.count)
  for replicate in 0..<settings.replicates {
    for image in counts.indices { counts[image] = 0 }
    var stream = RandomStream(seed: settings.seed, purpose: "bootstrap", UInt64(replicate))
    var hits = 0
    for _ in 0..<scores.count {
      let image = stream.index(below: scores.count)
      counts[image] += 1
      if isCorrect[image] { hits += 1 }
    }
    accuracies.append(share(hits, of: scores.count))
    let area = classes.reduce(0) { $0 + $1.area(counts: counts) } / Double(classes.count)
    if !area.isNaN { areas.append(area) }
  }
  return BootstrapIntervals(
    auc: areas.isEmpty ? nil : centralInterval(areas), accuracy: centralInterval(accuracies),
    undefinedReplicates: settings.replicates - areas.count, settings: settings)
}

/// One class's ranking with the labels in ranked order.
private struct ClassRanking {
  let ranking: Ranking
  /// All bits set for an image of the class, none for another, in the order of the ranking.
  let positiveMasks: [Int32]

  init(_ scores: [Double], positives: [Bool]) {
    ranking = Ranking(scores)
    positiveMasks = ranking.order.map { positives[Int($0)] ? -1 : 0 }
  }

  /// The Mann-Whitney ratio when image i occurs `counts[i]` times; NaN without a positive or a negative.
  func area(counts: [Int32]) -> Double {
    var (positives, negatives, doubledWins) = (0, 0, 0)
    var start = 0
    for end in ranking.groupEnds {
      var (hits, all): (Int32, Int32) = (0, 0)
      for position in start..<Int(end) {
        let count = counts[Int(ranking.order[position])]
        all += count
        hits += count & positiveMasks[position]
      }
      let misses = Int(all - hits)
      doubledWins += Int(hits) * (2 * negatives + misses)
      positives += Int(hits)
      negatives += misses
      start = Int(end)
    }
    return share(doubledWins, of: 2 * positives * negatives)
  }
}

/// The 2.5th and 97.5th percentile, linear between order statistics (numpy's default).
func centralInterval(_ values: [Double]) -> Interval {
  let sorted = values.sorted()
  func percentile(_ fraction: Double) -> Double {
    let position = fraction * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
  }
  return Interval(low: percentile(0.025), high: percentile(0.975))
}
