public import VectorMath

/// The hyper-parameters of a training, by default those of MedMNIST v2 with the paper's batch size (spec, section 3).
public struct TrainingSettings: Hashable, Sendable {
  /// Which epoch's weights are the result.
  public enum Selection: String, CaseIterable, Sendable {
    /// The first epoch with the highest validation AUC: MedMNIST's procedure.
    case bestValidationAUC = "best-validation-auc"
    /// The last epoch.
    case lastEpoch = "last-epoch"
  }

  /// Passes over the training split.
  public var epochs = 100
  /// Images per step; the last, shorter batch of an epoch is kept.
  public var batchSize = 32
  /// Initial learning rate.
  public var learningRate = 1e-3
  /// When the learning rate is multiplied by `decay`, as fractions of the epochs.
  public var milestones = [0.5, 0.75]
  /// The factor.
  public var decay = 0.1
  /// The optimiser's settings.
  public var adam = Adam<Float>.Settings()
  /// The result.
  public var selection = Selection.bestValidationAUC
  /// After how many epochs without a better validation AUC the training ends before its last epoch; nil: it never does. Learning
  /// rates are those of all epochs, ended early or not.
  public var patience: Int?

  /// The defaults.
  public init() {}

  /// The learning rate of epoch 0, 1, …: `learningRate` times `decay` for every milestone m with epoch ≥ m · epochs, the product
  /// freed of its rounding: 0.55 · 100 is 55.
  public func learningRate(epoch: Int) -> Double {
    milestones.reduce(learningRate) { Double(epoch) >= $1 * Double(epochs) - 1e-9 ? $0 * decay : $0 }
  }
}
