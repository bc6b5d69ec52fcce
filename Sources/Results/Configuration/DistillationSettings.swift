public import Artifacts
public import JSON
public import Training

/// The settings of a distillation: `pipeline/config/distillation.json`, or the file that a variant names, and what a profile's
/// file of that name changes.
public struct DistillationSettings: Sendable {
  /// What is fitted.
  public enum Target: String, CaseIterable, Sendable {
    /// The vector behind the ReLU: the paper's choice.
    case penultimate
    /// The logits: the alternative the paper rejected.
    case logits
  }

  /// What becomes of the student's last layer.
  public enum Head: String, CaseIterable, Sendable {
    /// It becomes the teacher's: a body fitted to the teacher's penultimate vectors goes with no other.
    case teacher
    /// It stays as it was fitted: logits are fitted by body and head together.
    case own
  }

  /// What is fitted.
  public var target: Target
  /// Whose last layer the student has afterwards: `"head"` goes with logits, where it is needed. Penultimate vectors leave
  /// the student's own as it was drawn, so that there is no choice.
  public var head: Head
  /// Epochs, batch, optimiser; the last epoch is the result.
  public var training: TrainingSettings
  /// All keys with the values in effect, and the teacher's settings once they are recorded.
  public var effective: JSONValue

  /// Reads a settings file; `epochs`, where given, takes the place of the file's.
  /// - Throws: `SettingsError`, `FileError`.
  public init(path: String, epochs: Int? = nil) throws { try self.init(SettingsFile(path: path), epochs: epochs) }

  /// The settings of a file.
  /// - Throws: `SettingsError`.
  public init(_ file: SettingsFile, epochs: Int? = nil) throws {
    var file = file
    try file.replaceEpochs(by: epochs)
    let reader = try SettingsReader(value: file.value, path: file.path)
    target = try reader.choice("target")
    if target == .penultimate, let found = reader.value("head") {
      throw reader.error(
        at: "head", expected: "none with target 'penultimate', after which the last layer is the teacher's",
        found: found)
    }
    head = target == .penultimate ? .teacher : try reader.choice("head")
    training = try TrainingSettings(reader.child("training"))
    try reader.finish()
    guard training.selection == .lastEpoch, training.epochs > 0 else {
      throw SettingsError(
        path: file.path, place: "training", message: "expected at least one epoch and selection 'last-epoch'")
    }
    effective = reader.effective
  }

  /// Notes how the teacher was made.
  /// - Throws: `SettingsError`.
  public mutating func record(_ teacher: ArtifactHeader, path: String) throws {
    record(try TeacherSettings(recordedIn: teacher, path: path).effective, resolution: teacher.resolution)
  }

  /// Notes what a teacher's artifact records, and the side of the images it saw.
  public mutating func record(_ teacher: JSONValue, resolution: Int) {
    var settings = teacher
    settings.replace(["data", "resolution"], by: .number(Double(resolution)))
    effective.replace(["teacher"], by: settings)
  }
}
