public import Failures

/// A training that cannot go on.
public enum TrainingError: Failure, Equatable {
  /// A loss, gradient or parameter that is no longer a finite number.
  case diverged(epoch: Int, step: Int, what: String)
  /// What a trained model says of its images is no longer finite.
  case notFinite(what: String)
  /// A validation split on which the AUC that selects the epoch is not defined.
  case undefinedAUC(reason: String)

  /// Numbers that run away come from the data or the settings: bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line.
  public var description: String {
    switch self {
    case .diverged(let epoch, let step, let what):
      "diverged in epoch \(epoch + 1), step \(step + 1): \(what) is not finite"
    case .notFinite(let what): "\(what) are not finite"
    case .undefinedAUC(let reason): "the validation AUC that selects the epoch is undefined: \(reason)"
    }
  }
}
