public import Datasets
import Losses

/// The measures of one class in a split.
public struct ClassMeasures: Sendable, Equatable {
  /// One-vs-rest AUC of the class's score; NaN where undefined.
  public var auc: Double
  /// Correct among the images of the class; NaN if it has none.
  public var recall: Double
  /// Correct among the images assigned to the class; NaN if there are none.
  public var precision: Double
  /// Harmonic mean of the two, 2 TP / (2 TP + FP + FN); NaN if the class neither occurs nor is assigned.
  public var f1: Double
  /// The number of images of the class.
  public var support: Int
}

/// Everything there is to say about one model on one split. The same record is computed, stored in an evaluation artifact,
/// and rendered in tables.
///
/// All of it follows from scores and labels, but for the intervals, which take a while: who reads a stored evaluation
/// computes the rest again and compares (`EvaluationArtifact.read`).
public struct SplitEvaluation: Sendable, Equatable {
  /// The split.
  public let split: Split
  /// The kind of task.
  public let task: ClassificationTask
  /// The number of classes K.
  public let classCount: Int
  /// The true classes `[N]`.
  public let labels: [Int]
  /// The model's output `[N, K]`; nil for scores that came from elsewhere.
  public let logits: [Float]?
  /// Softmax scores `[N, K]`. All measures are computed from these rounded values, so that they can be recomputed.
  public let scores: [Float]
  /// Images that equal an image of the training split in every pixel.
  public let duplicatesOfTrain: Int

  /// The predicted classes `[N]`.
  public let predictions: [Int]
  /// The value of each metric; NaN where it is undefined.
  public let values: [Metric: Double]
  /// The classes that have no AUC, and why; empty if and only if the AUC is a number.
  public let undefinedAUC: [UndefinedAUC]
  /// Counts of true and predicted class.
  public let confusion: ConfusionMatrix
  /// The measures of each class, `[K]`.
  public let classes: [ClassMeasures]
  /// The split's largest class (the lowest of equally large ones).
  public let majorityClass: Int
  /// The accuracy of answering always that class.
  public let majorityBaseline: Double
  /// 95% intervals of the metrics.
  public let bootstrap: BootstrapIntervals

  /// The number of images N.
  public var imageCount: Int { labels.count }

  /// The value of a metric; NaN where it is undefined.
  public subscript(metric: Metric) -> Double { values[metric] ?? .nan }

  /// Measures a model on a split.
  /// - Parameters:
  ///   - logits: the model's output `[N, K]`.
  ///   - labels: the true classes `[N]`.
  ///   - classCount: K.
  ///   - task: how scores become metrics.
  ///   - bootstrap: how the intervals are made.
  /// - Throws: `EvaluationError` (kind bad data).
  public init(
    of split: Split, logits: [Float], labels: [Int], classCount: Int, task: ClassificationTask,
    duplicatesOfTrain: Int = 0, bootstrap: BootstrapSettings = BootstrapSettings()
  ) throws(EvaluationError) {
    try Self.check(logits, "logit", labels, classCount, task)
    try self.init(
      of: split, scores: softmax(logits, classCount: classCount), logits: logits, labels: labels,
      classCount: classCount, task: task, duplicatesOfTrain: duplicatesOfTrain, bootstrap: bootstrap)
  }

  /// Measures scores `[N, K]`, whoever gave them; otherwise the same.
  /// - Throws: `EvaluationError` (kind bad data).
  public init(
    of split: Split, scores: [Float], logits: [Float]? = nil, labels: [Int], classCount: Int, task: ClassificationTask,
    duplicatesOfTrain: Int = 0, bootstrap: BootstrapSettings = BootstrapSettings()
  ) throws(EvaluationError) {
    try Self.check(scores, "score", labels, classCount, task)
    let intervals = bootstrapIntervals(
      Scores(scores, classCount: classCount), labels: labels, task: task, settings: bootstrap)
    try self.init(
      of: split, scores: scores, logits: logits, labels: labels, classCount: classCount, task: task,
      duplicatesOfTrain: duplicatesOfTrain, intervals: intervals)
  }

  /// The record of scores whose intervals are known.
  /// - Throws: `EvaluationError` (kind bad data).
  public init(
    of split: Split, scores rounded: [Float], logits: [Float]?, labels: [Int], classCount: Int,
    task: ClassificationTask, duplicatesOfTrain: Int, intervals: BootstrapIntervals
  ) throws(EvaluationError) {
    try Self.check(rounded, "score", labels, classCount, task)
    let scores = Scores(rounded, classCount: classCount)
    let auc = areaUnderROC(scores, labels: labels, task: task)
    let predictions = predictedClasses(scores, task: task)
    let confusion = ConfusionMatrix(labels: labels, predictions: predictions, classCount: classCount)
    self.split = split
    self.task = task
    self.classCount = classCount
    self.labels = labels
    self.logits = logits
    self.scores = rounded
    self.duplicatesOfTrain = duplicatesOfTrain
    self.predictions = predictions
    self.confusion = confusion
    values = Dictionary(
      uniqueKeysWithValues: Metric.allCases.map { ($0, $0.value(of: predictions, labels: labels, auc: auc)) })
    undefinedAUC = auc.undefined
    classes = (0..<classCount).map { index in
      ClassMeasures(
        auc: auc.perClass[index], recall: confusion.recall(of: index), precision: confusion.precision(of: index),
        f1: confusion.f1(of: index), support: confusion.support(of: index))
    }
    (majorityClass, majorityBaseline) = confusion.majority
    bootstrap = intervals
  }

  private static func check(
    _ values: [Float], _ what: String, _ labels: [Int], _ classCount: Int, _ task: ClassificationTask
  ) throws(EvaluationError) {
    guard classCount >= 2, task != .binary || classCount == 2 else {
      throw .wrongClassCount(found: classCount, task: task)
    }
    guard !labels.isEmpty else { throw .noImages }
    guard values.count.isMultiple(of: classCount), values.count / classCount == labels.count else {
      throw .wrongCount(of: what, found: values.count, images: labels.count, classes: classCount)
    }
    if let image = labels.firstIndex(where: { !(0..<classCount).contains($0) }) {
      throw .labelOutOfRange(image: image, found: labels[image], classes: classCount)
    }
    if let place = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(what, image: place / classCount, classIndex: place % classCount)
    }
  }
}
