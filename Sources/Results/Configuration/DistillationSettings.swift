public import Artifacts
import Files
public import JSON
public import Training

/// The settings file of the distillation: `pipeline/config/<profile>/distillation.json`.
public struct DistillationSettings {
  /// What is fitted.
  public enum Target: String, CaseIterable {
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
  public init(path: String, epochs: Int?) throws {
    var value = try JSONValue(parsing: contents(ofFile: path, limit: 1 << 20), path: path)
    if let epochs { value.replace(["training", "epochs"], by: .number(Double(epochs))) }
    let reader = try SettingsReader(value: value, path: path)
    var defaults = TrainingSettings()
    defaults.epochs = 50
    defaults.milestones = []
    defaults.selection = .lastEpoch
    target = try reader.choice("target", default: .penultimate)
    training = try TrainingSettings(reader.child("training"), defaults: defaults)
    try reader.finish()
    guard training.selection == .lastEpoch, training.epochs > 0 else {
      throw SettingsError(
        path: path, place: "training", message: "expected at least one epoch and selection 'last-epoch'")
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
