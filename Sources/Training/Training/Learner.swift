import Losses
public import Datasets
public import Metrics

/// A model on its data, as a trainer sees it: something with parameters, a loss, and a validation split.
public protocol Learner {
  /// P.
  var parameterCount: Int { get }
  /// Images of the training split.
  var trainingCount: Int { get }

  /// The name of the parameter that holds an element of the flat vector, for messages.
  func parameterName(at index: Int) -> String

  /// The name of the statistic that holds an element, for messages.
  func statisticName(at index: Int) -> String

  /// The mean loss over a batch of training images at `parameters` `[P]`, how many it classifies right, and the gradient
  /// `[P]`, which overwrites `gradient`. `statistics` are what the model gathers beside its parameters (running means and
  /// variances; empty for students) and move along. `epoch`, from 0, is for what is random in a step: together with an image's
  /// index it names the numbers drawn for it. `upcoming` are images of a later batch, which may be fetched meanwhile.
  func gradient(
    ofBatch batch: ArraySlice<Int>, epoch: Int, upcoming: ArraySlice<Int>, parameters: [Float],
    statistics: inout [Float],
    into gradient: inout [Float]
  ) throws -> (loss: Double, correct: Int)

  /// How the model does on the validation split. `evaluated` hears the number of images of each piece; an error of its ends
  /// the pass.
  func validate(
    parameters: [Float], statistics: [Float], evaluated: (_ images: Int) throws -> Void
  ) throws -> Validation
}

/// A validation pass.
public struct Validation: Sendable {
  /// The mean loss.
  public var loss: Double
  /// The AUC; nil where nothing is classified.
  public var auc: SplitAUC?
  /// The accuracy; NaN where nothing is classified.
  public var accuracy: Double

  /// The result of a pass.
  public init(loss: Double, auc: SplitAUC?, accuracy: Double) {
    self.loss = loss
    self.auc = auc
    self.accuracy = accuracy
  }

  /// Measures logits `[N, K]`.
  public init(logits: [Float], labels: [Int], classes: Int, task: ClassificationTask) {
    var loss = 0.0
    for (index, label) in labels.enumerated() {
      let row = logits[index * classes..<(index + 1) * classes].map(Double.init)
      loss += crossEntropyLoss(row, label: label) / Double(labels.count)
    }
    let scores = Scores(softmax(logits, classCount: classes), classCount: classes)
    self.init(
      loss: loss, auc: areaUnderROC(scores, labels: labels, task: task),
      accuracy: Metrics.accuracy(scores, labels: labels, task: task))
  }
}
