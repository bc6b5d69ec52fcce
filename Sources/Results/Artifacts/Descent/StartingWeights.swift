/// What a fine-tuning began with.
public enum StartingWeights: Sendable, Equatable {
  /// Random numbers.
  case random
  /// A file that says nothing about itself: whatever it holds is taken as given.
  case asGiven(fileName: String, sha256: String)
  /// A file that `finetune-teacher` exported; the exported teacher is the next ancestor.
  case exported(fileName: String, sha256: String)
}
