import Losses
public import Datasets

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

/// Everything there is to say about one model on one split: what an evaluation artifact stores.
public struct EvaluationResult: Sendable, Equatable {
  /// The kind of task.
  public var task: ClassificationTask
  /// The number of classes K.
  public var classCount: Int
  /// The number of images N.
  public var imageCount: Int { labels.count }
  /// Softmax scores `[N, K]`. All measures are computed from these rounded values, so that they can be recomputed.
  public var scores: [Float]
  /// The true classes `[N]`.
  public var labels: [Int]
  /// The predicted classes `[N]`.
  public var predictions: [Int]
  /// MedMNIST's AUC, with each class's and the reason where it is NaN.
  public var auc: SplitAUC
  /// MedMNIST's ACC.
  public var accuracy: Double
  /// Counts of true and predicted class.
  public var confusion: ConfusionMatrix
  /// The measures of each class, `[K]`.
  public var classes: [ClassMeasures]
  /// The split's largest class (the lowest of equally large ones).
  public var majorityClass: Int
  /// The accuracy of answering always that class.
  public var majorityBaseline: Double
  /// 95% intervals of AUC and accuracy.
  public var intervals: BootstrapIntervals
}

/// Measures a model on a split.
/// - Parameters:
///   - logits: the model's output `[N, K]`.
///   - labels: the true classes `[N]`.
///   - classCount: K.
///   - task: how scores become AUC and accuracy.
///   - bootstrap: how the intervals are made.
/// - Throws: `EvaluationError` (kind bad data).
public func evaluate(
  logits: [Float], labels: [Int], classCount: Int, task: ClassificationTask,
  bootstrap: BootstrapSettings = BootstrapSettings()
) throws(EvaluationError) -> EvaluationResult {
  guard classCount >= 2, task != .binary || classCount == 2 else {
    throw .wrongClassCount(found: classCount, task: task)
  }
  guard !labels.isEmpty else { throw .noImages }
  guard logits.count.isMultiple(of: classCount), logits.count / classCount == labels.count else {
    throw .wrongCount(found: logits.count, images: labels.count, classes: classCount)
  }
  if let image = labels.firstIndex(where: { !(0..<classCount).contains($0) }) {
    throw .labelOutOfRange(image: image, found: labels[image], classes: classCount)
  }
  if let place = logits.firstIndex(where: { !$0.isFinite }) {
    throw .notFinite(image: place / classCount, classIndex: place % classCount)
  }

  let rounded = softmax(logits, classCount: classCount)
  let scores = Scores(rounded, classCount: classCount)
  let predictions = predictedClasses(scores, task: task)
  let auc = areaUnderROC(scores, labels: labels, task: task)
  let confusion = ConfusionMatrix(labels: labels, predictions: predictions, classCount: classCount)
  let classes = (0..<classCount).map { index in
    ClassMeasures(
      auc: auc.perClass[index], recall: confusion.recall(of: index), precision: confusion.precision(of: index),
      f1: confusion.f1(of: index), support: confusion.support(of: index))
  }
  let majority = confusion.majority
  return EvaluationResult(
    task: task, classCount: classCount, scores: rounded, labels: labels, predictions: predictions, auc: auc,
    accuracy: accuracy(scores, labels: labels, task: task), confusion: confusion, classes: classes,
    majorityClass: majority.classIndex, majorityBaseline: majority.share,
    intervals: bootstrapIntervals(scores, labels: labels, task: task, settings: bootstrap))
}
