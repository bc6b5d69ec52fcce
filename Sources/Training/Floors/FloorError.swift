public import Failures

/// A floor that cannot be computed.
public enum FloorError: Failure, Equatable {
  /// The minimum was not found in as many steps as are allowed.
  case notConverged(penalty: Double, steps: Int, gradient: Double)

  /// The settings ask for what these images do not give: bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line.
  public var description: String {
    switch self {
    case .notConverged(let penalty, let steps, let gradient):
      "logistic regression with penalty \(penalty) has not converged in \(steps) steps: its largest derivative is \(gradient)"
    }
  }
}
