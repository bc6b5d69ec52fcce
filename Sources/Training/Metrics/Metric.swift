import Datasets

/// What is measured of the scores of a split: one entry for each pair of columns in a table.
///
/// A new metric is a case here: its name in artifacts, its title in tables, and what it is of images that occur so and so
/// often, from which its value and its bootstrap interval follow. Artifacts and tables take all entries of this list.
public enum Metric: String, CaseIterable, Sendable {
  /// MedMNIST's AUC.
  case auc
  /// MedMNIST's ACC.
  case accuracy

  /// Its name in artifacts: `auc`.
  public var name: String { rawValue }

  /// Its name in tables.
  public var title: String {
    switch self {
    case .auc: "AUC"
    case .accuracy: "ACC"
    }
  }

  /// What it is, for people.
  public var longName: String {
    switch self {
    case .auc: "area under the ROC curve, MedMNIST's AUC"
    case .accuracy: "part of the images whose class was predicted, MedMNIST's ACC"
    }
  }

  /// What guessing gives: 0.5 for the AUC, the share of the largest class for the accuracy.
  /// - Parameter majorityShare: the share of the split's largest class.
  public func baseline(majorityShare: Double) -> Double {
    switch self {
    case .auc: 0.5
    case .accuracy: majorityShare
    }
  }

  /// The value of the metric, from what an evaluation has computed already; NaN where it is undefined.
  func value(of predictions: [Int], labels: [Int], auc: SplitAUC) -> Double {
    switch self {
    case .auc: auc.value
    case .accuracy: Metrics.accuracy(of: predictions, labels: labels)
    }
  }

  /// The value of the metric as a function of how often each image occurs, `[N]`; NaN where it is undefined.
  func resampled(_ scores: Scores, labels: [Int], task: ClassificationTask) -> @Sendable ([Int32]) -> Double {
    switch self {
    case .auc:
      let measured = task == .binary ? 1..<2 : 0..<scores.classCount
      let classes = measured.map { index in
        ClassRanking(scores.column(index), positives: labels.map { $0 == index })
      }
      return { counts in classes.reduce(0) { $0 + $1.area(counts: counts) } / Double(classes.count) }
    case .accuracy:
      let isCorrect = zip(predictedClasses(scores, task: task), labels).map { $0 == $1 }
      return { counts in
        var (hits, all) = (0, 0)
        for (count, isCorrect) in zip(counts, isCorrect) {
          all += Int(count)
          if isCorrect { hits += Int(count) }
        }
        return share(hits, of: all)
      }
    }
  }
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
