public import Datasets

/// Scores and metrics of a model on one split: N images, K classes.
public struct SplitEvaluation: Sendable, Equatable {
  /// The split.
  public var split: Split
  /// Softmax of the logits, `[N, K]`.
  public var scores: [Float]
  /// Logits, `[N, K]`.
  public var logits: [Float]
  /// True classes, `[N]`.
  public var labels: [UInt8]
  /// Classes of the highest score, `[N]`.
  public var predicted: [UInt8]
  /// AUC as MedMNIST's Evaluator defines it; NaN with a reason.
  public var auc: Double
  /// Why the AUC is NaN; empty if it is not.
  public var aucReason: String
  /// Part of the images whose class was predicted.
  public var accuracy: Double
  /// Accuracy of always predicting the most frequent class.
  public var majorityBaseline: Double
  /// Images by true and predicted class, `[K, K]`.
  public var confusion: [Int]
  /// Metrics per class.
  public var classes: ClassMetrics
  /// Intervals of AUC and accuracy.
  public var bootstrap: BootstrapIntervals
  /// Images that equal an image of train in every pixel.
  public var duplicatesOfTrain: Int

  /// The results on a split.
  public init(
    split: Split, scores: [Float], logits: [Float], labels: [UInt8], predicted: [UInt8], auc: Double,
    aucReason: String, accuracy: Double, majorityBaseline: Double, confusion: [Int], classes: ClassMetrics,
    bootstrap: BootstrapIntervals, duplicatesOfTrain: Int = 0
  ) {
    self.split = split
    self.scores = scores
    self.logits = logits
    self.labels = labels
    self.predicted = predicted
    self.auc = auc
    self.aucReason = aucReason
    self.accuracy = accuracy
    self.majorityBaseline = majorityBaseline
    self.confusion = confusion
    self.classes = classes
    self.bootstrap = bootstrap
    self.duplicatesOfTrain = duplicatesOfTrain
  }
}

/// Metrics of one class against the rest, `[K]` each.
public struct ClassMetrics: Sendable, Equatable {
  /// AUC; NaN with a reason.
  public var auc: [Double]
  /// Why the AUC is NaN; empty where it is not.
  public var aucReason: [String]
  /// Part of the class's images that were predicted as such; NaN for a class without images.
  public var recall: [Double]
  /// Part of the images predicted as the class that are; NaN if none were.
  public var precision: [Double]
  /// Harmonic mean of recall and precision.
  public var f1: [Double]
  /// Images of the class.
  public var support: [Int]

  /// The metrics of all classes.
  public init(
    auc: [Double], aucReason: [String], recall: [Double], precision: [Double], f1: [Double], support: [Int]
  ) {
    self.auc = auc
    self.aucReason = aucReason
    self.recall = recall
    self.precision = precision
    self.f1 = f1
    self.support = support
  }
}

/// Percentile intervals over bootstrap replicates of a split's images.
public struct BootstrapIntervals: Sendable, Equatable {
  /// Confidence level: 0.95.
  public var level: Double
  /// Number of replicates.
  public var replicates: Int
  /// Seed of the replicates.
  public var seed: UInt64
  /// Lower end for the AUC; NaN if it has none.
  public var aucLow: Double
  /// Upper end for the AUC; NaN if it has none.
  public var aucHigh: Double
  /// Lower end for the accuracy.
  public var accuracyLow: Double
  /// Upper end for the accuracy.
  public var accuracyHigh: Double

  /// Intervals.
  public init(
    level: Double, replicates: Int, seed: UInt64, aucLow: Double, aucHigh: Double, accuracyLow: Double,
    accuracyHigh: Double
  ) {
    self.level = level
    self.replicates = replicates
    self.seed = seed
    self.aucLow = aucLow
    self.aucHigh = aucHigh
    self.accuracyLow = accuracyLow
    self.accuracyHigh = accuracyHigh
  }
}
