import Artifacts
import Files
import Settings
import Students
import TinyViT
import Training

/// The settings file of the teacher: `pipeline/config/<profile>/teacher.json`.
struct TeacherSettings {
  /// What fine-tuning begins with.
  enum Start: String, CaseIterable {
    /// Weights from a file, pretrained on ImageNet.
    case pretrained
    /// Random weights, for trying things out.
    case random
  }

  /// q, the width of the penultimate vector.
  var qubits: Int
  /// Epochs, batch, optimiser, selection.
  var training: TrainingSettings
  /// Whether batch norms are trained.
  var batchNorm: BatchNormMode
  /// How pixels are scaled.
  var normalisation: StudentArchitecture.Normalisation
  /// What fine-tuning begins with.
  var start: Start
  /// All keys with the values in effect.
  var effective: JSONValue

  /// Reads a settings file; `epochs`, where given, takes the place of the file's.
  /// - Throws: `SettingsError`, `FileError`.
  init(path: String, epochs: Int?) throws {
    var value = try JSONValue(parsing: contents(ofFile: path, limit: 1 << 20), path: path)
    if let epochs { value.replace(["training", "epochs"], by: .number(Double(epochs))) }
    try self.init(value, path: path)
  }

  /// The settings a teacher artifact has recorded.
  /// - Throws: `SettingsError`.
  init(recordedIn header: ArtifactHeader, path: String) throws {
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

  /// The pixel normalisation in the teacher's terms.
  var pixelNormalisation: PixelNormalisation { normalisation == .half ? .half : .imageNet }
}
