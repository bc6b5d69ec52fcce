/// How batch norms behave in training.
public enum BatchNormMode: String, Sendable, CaseIterable {
  /// Statistics of the batch; the running ones move along.
  case training
  /// The running statistics, which stay as they are.
  case frozen
}
