/// What an artifact holds.
public enum ArtifactKind: String, Sendable, CaseIterable {
  /// Images, labels and statistics of a dataset at one resolution.
  case dataset
  /// Weights and history of a trained or distilled student.
  case student
  /// A fine-tuned teacher and the targets it gives.
  case teacher
  /// Scores and metrics of a model on a dataset.
  case evaluation
  /// Scores of many readings with many seeds on a dataset.
  case sweep
  /// The state of a training that was interrupted.
  case checkpoint
}
