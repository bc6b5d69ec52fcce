/// What a label means, by MedMNIST's names. It decides how scores become AUC and accuracy.
public enum ClassificationTask: String, Sendable, CaseIterable {
  /// Two classes; the score of class 1 counts.
  case binary = "binary-class"
  /// Several classes without order.
  case multiClass = "multi-class"
  /// Several classes with an order (grades of a disease), trained and measured as if they had none, as MedMNIST does.
  case ordinal = "ordinal-regression"
}
