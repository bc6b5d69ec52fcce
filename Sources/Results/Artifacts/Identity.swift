// What artifacts are named and compared by.

/// A set of settings and artifacts that belong together.
public enum Profile: String, CaseIterable, Sendable {
  /// Images drawn by a generator: works offline, in minutes, and shows that everything works.
  case sample
  /// Real images and the paper's settings.
  case paper
}

/// The architectures of the paper.
public enum ModelKind: String, CaseIterable, Sendable {
  /// A small vision transformer with linear projections.
  case vit
  /// A small vision transformer whose queries, keys or values come from circuits.
  case qvit
  /// The teacher.
  case tinyvit
}

/// How a model came about.
public enum Regime: String, CaseIterable, Sendable {
  /// Trained on labels from initial weights.
  case scratch
  /// Fitted to a teacher, not yet trained on labels.
  case distilled
  /// Distilled, then trained on labels.
  case kd
  /// Fine-tuned to teach.
  case teacher
  /// Made elsewhere; only its scores are known.
  case external
  /// What any model has to beat: the largest class, logistic regression on the pixels.
  case floor
}

/// What a file was used for in making an artifact.
public enum InputRole: String, CaseIterable, Sendable {
  /// The file or folder that images were read from.
  case raw
  /// A dataset artifact.
  case dataset
  /// A teacher artifact that a student was fitted to.
  case teacher
  /// A distilled student that a training began with.
  case initial = "init"
  /// Weights that a fine-tuning began with.
  case weights
  /// The model that was evaluated.
  case model
  /// Scores that were computed elsewhere.
  case scores
}

/// Where the images of an artifact come from, as far as it matters to who compares results.
public enum ImageOrigin: String, CaseIterable, Sendable {
  /// The public file, with the digest its publishers give.
  case official
  /// Another file in its place.
  case unofficial
  /// Images that nobody published as a file: slices of OASIS, a folder of one's own.
  case own
  /// The built-in generator.
  case generated
}
