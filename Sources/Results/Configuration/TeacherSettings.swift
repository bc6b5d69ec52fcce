public import Artifacts
public import JSON
public import Architectures
import QuantumCircuits
public import Training

/// The settings of a teacher: `pipeline/config/teacher.json` and what a profile's file of that name changes.
public struct TeacherSettings: Sendable {
  /// What fine-tuning begins with.
  public enum Start: String, CaseIterable, Sendable {
    /// Weights from a file, pretrained on ImageNet. A settings file asks for them; what is made records `asGiven`.
    case pretrained
    /// Weights from a file, whatever it holds: what a teacher records that began with one. Its digest, and what is known of
    /// it, are in the descent.
    case asGiven = "as-given"
    /// Random weights, for trying things out.
    case random
  }

  /// What fine-tunes.
  public enum Program: String, CaseIterable, Sendable {
    /// `finetune-teacher` itself.
    case own = "qvit"
    /// `pipeline/finetune_timm.py`, with PyTorch and timm; `finetune-teacher --epochs 0` takes over what it made.
    case timm
  }

  /// What fine-tunes; recorded only where it is not our own.
  public var program: Program
  /// Which TinyViT. Like `patience` it is recorded only where it is not the default, the paper's: so the teachers that were
  /// made before there was a choice are still what they are asked to be.
  public var architecture: TinyViTVariant
  /// q, the width of the penultimate vector.
  public var qubits: Int
  /// Epochs, batch, optimiser, selection.
  public var training: TrainingSettings
  /// In which precision matrix products take their operands; recorded only where it is not the default, single precision.
  public var precision: MatrixPrecision
  /// Whether batch norms are trained.
  public var batchNorm: BatchNormMode
  /// How pixels are scaled.
  public var normalisation: PixelNormalisation
  /// What fine-tuning begins with.
  public var start: Start
  /// All keys with the values in effect.
  public var effective: JSONValue

  private static let programKey = ["training", "program"]
  private static let precisionKey = ["training", "precision"]

  /// The teacher of the paper.
  public static let paperArchitecture = TinyViTVariant.fiveMillion

  /// What the settings in effect of teachers of a width are called: `teacher-q4`.
  public static func name(width: Int) -> String { "teacher-q\(width)" }

  /// Whether settings of this name are those of teachers.
  public static func isName(_ name: String) -> Bool { name.wholeMatch(of: /teacher-q[0-9]+/) != nil }

  /// What an artifact made with these settings records: what it began with in fact.
  public func recorded(start: Start) -> JSONValue {
    var recorded = effective
    recorded.replace(["weights", "start"], by: .string(start.rawValue))
    return recorded
  }

  /// Reads a settings file; `epochs` and `width`, where given, take the place of the file's.
  /// - Throws: `SettingsError`, `FileError`.
  public init(path: String, epochs: Int? = nil, width: Int? = nil) throws {
    try self.init(SettingsFile(path: path), epochs: epochs, width: width)
  }

  /// Settings that another program wrote down.
  /// - Throws: `SettingsError`.
  public init(writtenBy program: Program, _ value: JSONValue, path: String) throws {
    var value = value
    value.replace(Self.programKey, by: .string(program.rawValue))
    try self.init(value, path: path)
  }

  /// The settings of a file.
  /// - Throws: `SettingsError`.
  public init(_ file: SettingsFile, epochs: Int? = nil, width: Int? = nil, program: Program? = nil) throws {
    var file = file
    if let program { file.replace(Self.programKey, by: .string(program.rawValue)) }
    try file.replaceEpochs(by: epochs, least: 0)
    if let width { file.replace(["model", "qubits"], by: .number(Double(width))) }
    try self.init(file.value, path: file.path)
  }

  /// The settings a teacher artifact has recorded.
  /// - Throws: `SettingsError`.
  public init(recordedIn header: ArtifactHeader, path: String) throws {
    try self.init(JSONValue(parsing: Array(header.configuration.utf8), path: path), path: path)
  }

  private init(_ value: JSONValue, path: String) throws {
    let reader = try SettingsReader(value: value, path: path)
    let model = try reader.child("model")
    qubits = try model.integer("qubits", in: 2...Circuit.largestCount)
    architecture = try model.choice("architecture", default: Self.paperArchitecture)
    let trainingReader = try reader.child("training")
    training = try TrainingSettings(trainingReader)
    batchNorm = try trainingReader.choice("batch_norm")
    precision = try trainingReader.choice("precision", default: MatrixPrecision.float32)
    program = try trainingReader.choice("program", default: Program.own)
    normalisation = try reader.child("data").choice("normalisation")
    start = try reader.child("weights").choice("start")
    try reader.finish()
    effective = reader.effective
    if architecture == Self.paperArchitecture { effective.remove(["model", "architecture"]) }
    if precision == .float32 { effective.remove(Self.precisionKey) }
    if program == .own { effective.remove(Self.programKey) }
  }
}
