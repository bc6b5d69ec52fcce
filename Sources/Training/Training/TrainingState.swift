public import VectorMath

/// What an epoch brought.
public struct EpochRecord: Hashable, Sendable {
  /// 0, 1, …
  public var epoch: Int
  /// The rate its steps were taken with.
  public var learningRate: Double
  /// Mean loss over the epoch's training images, each as it was when its batch was seen.
  public var trainingLoss: Double
  /// Share of those images whose largest logit was that of their label.
  public var trainingAccuracy: Double
  /// Mean cross-entropy on the validation split after the epoch.
  public var validationLoss: Double
  /// AUC on the validation split.
  public var validationAUC: Double
  /// Accuracy on the validation split.
  public var validationAccuracy: Double
  /// Images seen in training.
  public var images: Int

  /// A record.
  public init(
    epoch: Int, learningRate: Double, trainingLoss: Double, trainingAccuracy: Double, validationLoss: Double,
    validationAUC: Double, validationAccuracy: Double, images: Int
  ) {
    self.epoch = epoch
    self.learningRate = learningRate
    self.trainingLoss = trainingLoss
    self.trainingAccuracy = trainingAccuracy
    self.validationLoss = validationLoss
    self.validationAUC = validationAUC
    self.validationAccuracy = validationAccuracy
    self.images = images
  }
}

/// The model of the epoch that is the result so far.
public struct Selected: Sendable {
  /// The epoch, from 0.
  public var epoch: Int
  /// Its validation AUC; NaN where nothing is classified.
  public var auc: Double
  /// Its parameters `[P]`.
  public var parameters: [Float]
  /// Its statistics.
  public var statistics: [Float]

  /// A selected epoch.
  public init(epoch: Int, auc: Double, parameters: [Float], statistics: [Float] = []) {
    self.epoch = epoch
    self.auc = auc
    self.parameters = parameters
    self.statistics = statistics
  }

  init(_ state: TrainingState, auc: Double) {
    self.init(epoch: state.epoch, auc: auc, parameters: state.parameters, statistics: state.statistics)
  }
}

/// Everything a training is between two steps; with seed, settings and data it determines all that follows.
public struct TrainingState: Sendable {
  /// The parameters `[P]`.
  public var parameters: [Float]
  /// What the model gathers beside them: running means and variances; empty for students.
  public var statistics: [Float]
  /// The optimiser's moments.
  public var optimizer: Adam<Float>
  /// The epoch under way.
  public var epoch = 0
  /// Its steps taken.
  public var step = 0
  /// Σ loss · images of those steps.
  public var lossSum = 0.0
  /// Images of those steps whose largest logit was that of their label.
  public var correct = 0
  /// The epoch selected so far.
  public var best: Selected?
  /// The epochs completed.
  public var history: [EpochRecord] = []

  /// The state before the first step.
  public init(parameters: [Float], statistics: [Float] = [], settings: Adam<Float>.Settings) {
    self.parameters = parameters
    self.statistics = statistics
    optimizer = Adam(count: parameters.count, settings: settings)
  }
}
