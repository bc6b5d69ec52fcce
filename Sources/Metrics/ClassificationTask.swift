/// The kind of task, by MedMNIST's names. It decides how scores become AUC and accuracy.
public enum ClassificationTask: String, Sendable, CaseIterable {
  /// Two classes; the score of class 1 counts.
  case binary = "binary-class"
  /// Several classes without order.
  case multiClass = "multi-class"
  /// Several ordered classes, measured as if they had no order.
  case ordinal = "ordinal-regression"
}
