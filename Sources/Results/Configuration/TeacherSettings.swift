public import Artifacts
import Files
public import JSON
public import Architectures
public import Training

/// The settings file of the teacher: `pipeline/config/<profile>/teacher.json`.
public struct TeacherSettings {
  /// What fine-tuning begins with.
  public enum Start: String, CaseIterable {
    /// Weights from a file, pretrained on ImageNet.
    case pretrained
    /// Random weights, for trying things out.
    case random
  }

  /// q, the width of the penultimate vector.
  public var qubits: Int
  /// Epochs, batch, optimiser, selection.
  public var training: TrainingSettings
  /// Whether batch norms are trained.
  public var batchNorm: BatchNormMode
  /// How pixels are scaled.
  public var normalisation: PixelNormalisation
  /// What fine-tuning begins with.
  public var start: Start
  /// All keys with the values in effect.
  public var effective: JSONValue

  /// Reads a settings file; `epochs`, where given, takes the place of the file's.
  /// - Throws: `SettingsError`, `FileError`.
  public init(path: String, epochs: Int?) throws {
    var value = try JSONValue(parsing: contents(ofFile: path, limit: 1 << 20), path: path)
    if let epochs { value.replace(["training", "epochs"], by: .number(Double(epochs))) }
    try self.init(value, path: path)
  }

  /// The settings a teacher artifact has recorded.
  /// - Throws: `SettingsError`.
  public init(recordedIn header: ArtifactHeader, path: String) throws {
    try self.init(JSONValue(parsing: Array(header.configuration.utf8), path: path), path: path)
  }

  private init(_ value: JSONValue, path: String) throws {
    let reader = try SettingsReader(value: value, path: path)
    qubits = try reader.child("model").integer("qubits", in: 2...10, default: 4)
    let trainingReader = try reader.child("training")
    training = try TrainingSettings(trainingReader)
    batchNorm = try trainingReader.choice("batch_norm", default: .training)
    normalisation = try reader.child("data").choice("normalisation", default: .half)
    start = try reader.child("weights").choice("start", default: .pretrained)
    try reader.finish()
    effective = reader.effective
  }
}
