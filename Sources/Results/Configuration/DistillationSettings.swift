public import Artifacts
public import JSON
public import Training

/// The settings of the distillation: `pipeline/config/distillation.json` and what a profile's file of that name changes.
public struct DistillationSettings: Sendable {
  /// What is fitted.
  public enum Target: String, CaseIterable, Sendable {
    /// The vector behind the ReLU: the paper's choice.
    case penultimate
    /// The logits: the alternative the paper rejected.
    case logits
  }

  /// What is fitted.
  public var target: Target
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
    file.replaceEpochs(by: epochs)
    let reader = try SettingsReader(value: file.value, path: file.path)
    target = try reader.choice("target")
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
    var settings = try TeacherSettings(recordedIn: teacher, path: path).effective
    settings.replace(["data", "resolution"], by: .number(Double(teacher.resolution)))
    effective.replace(["teacher"], by: settings)
  }
}
