public import Architectures
public import Artifacts
public import JSON
public import QuantumCircuits
public import Training

/// A variant of a student as its settings file defines it, for example `pipeline/config/qvit.json`:
///
///     { "extends": "student", "kind": "qvit", "label": "QViT", "model": { … }, "training": { … }, "data": { … } }
///
/// The file's name is the variant's. `label` is what tables call it; it is no setting that results depend on, so it can be
/// changed without training anew, and artifacts do not record it. `distillation` names the settings file of the variant's
/// distillation, `distillation` where there is none; artifacts record the settings in it. Every other key is needed (`extends`
/// brings what a file does not say), an unknown one is an error, and all are recorded in what is made with them.
public struct StudentSettings: Sendable {
  /// ViT or QViT.
  public let kind: ModelKind
  /// Heads, qubits, blocks, MLP width, pooling, circuits; image size and classes are a dataset's.
  private let prototype: VisionTransformerArchitecture
  /// How circuits are evaluated; nil for the fastest exact method.
  public let circuitMethod: CircuitMethod?
  /// How attention is computed.
  public let attention: AttentionMethod
  /// Epochs, batch, optimiser, selection.
  public let training: TrainingSettings
  /// All keys with the values in effect, without the label.
  public let effective: JSONValue
  /// How the student was distilled before it was trained, as its artifact records it; nil if it was not.
  public var distillation: JSONValue?

  /// What an artifact made with these settings records: a settings file that names the methods in fact used for circuits
  /// and attention, where this one may say "auto", and how the student was distilled.
  public var recorded: JSONValue {
    var recorded = effective
    if let circuit = prototype.circuits.first {
      let method = circuitMethod ?? .fastest(for: circuit)
      recorded.replace(["model", "circuit", "method"], by: .string(method.rawValue))
    }
    recorded.replace(["model", "attention"], by: .string(attention.rawValue))
    if let distillation { recorded.replace(["distillation"], by: distillation) }
    return recorded
  }

  /// q, the number of channels and of qubits: the width of the teacher it needs.
  public var width: Int { prototype.qubits }

  /// Reads a settings file; `epochs`, where given, takes the place of the file's.
  /// - Throws: `SettingsError`, `FileError`.
  public init(path: String, epochs: Int? = nil) throws {
    try self.init(SettingsFile(path: path), epochs: epochs)
  }

  /// The settings of a file.
  /// - Throws: `SettingsError`.
  public init(_ file: SettingsFile, epochs: Int? = nil) throws {
    var file = file
    try file.replaceEpochs(by: epochs)
    _ = try Self.takeLabel(from: &file)
    _ = try Self.takeDistillation(from: &file)
    try self.init(file.value, path: file.path)
  }

  private static let (labelKey, distillationKey) = ("label", "distillation")

  /// What tables call the variant of a file.
  /// - Throws: `SettingsError`.
  public static func label(of file: SettingsFile) throws -> String {
    var file = file
    return try takeLabel(from: &file) ?? file.name
  }

  /// The name of the settings file by which the variant of a file is distilled.
  /// - Throws: `SettingsError`.
  public static func distillation(of file: SettingsFile) throws -> String {
    var file = file
    return try takeDistillation(from: &file) ?? "distillation"
  }

  private static func takeDistillation(from file: inout SettingsFile) throws -> String? {
    guard let value = file.remove(distillationKey) else { return nil }
    guard case .string(let name) = value, ArtifactModel.isVariantName(name), !TeacherSettings.isName(name) else {
      throw SettingsError(
        path: file.path, place: distillationKey,
        message: "expected the name of a distillation's settings file, found \(value.summary)")
    }
    return name
  }

  private static func takeLabel(from file: inout SettingsFile) throws -> String? {
    guard let value = file.remove(labelKey) else { return nil }
    guard case .string(let label) = value, !label.isEmpty, label.count <= 40,
      !label.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else {
      throw SettingsError(
        path: file.path, place: labelKey,
        message: "expected 1 to 40 characters, none of them a control character, found \(value.summary)")
    }
    return label
  }

  /// The settings that an artifact of a student has recorded.
  /// - Throws: `SettingsError`.
  public init(recordedIn header: ArtifactHeader, path: String) throws {
    var value = try JSONValue(parsing: Array(header.configuration.utf8), path: path)
    var distillation: JSONValue?
    if case .object(var members) = value {
      distillation = members.removeValue(forKey: Self.distillationKey)
      value = .object(members)
    }
    try self.init(value, path: path)
    self.distillation = distillation
  }

  private init(_ value: JSONValue, path: String) throws {
    let reader = try SettingsReader(value: value, path: path)
    let kind: ModelKind = try reader.choice("kind", among: [.vit, .qvit])
    let modelReader = try reader.child("model")
    var prototype = try VisionTransformerArchitecture(modelReader, kind)
    prototype.normalisation = try reader.child("data").choice("normalisation")
    if let circuit = prototype.circuit { try Self.requireMethod(circuit, prototype, modelReader.child("circuit")) }
    if let problem = prototype.problem { throw SettingsError(path: path, place: "model", message: problem) }
    circuitMethod = prototype.circuits.isEmpty ? nil : try Self.method(modelReader.child("circuit"), prototype)
    attention = try Self.attention(modelReader, prototype)
    training = try TrainingSettings(reader.child("training"))
    guard training.epochs > 0 else {
      throw SettingsError(path: path, place: "training.epochs", message: "expected at least 1, found 0")
    }
    try reader.finish(suggesting: ["extends", Self.labelKey, Self.distillationKey])
    self.kind = kind
    self.prototype = prototype
    var effective = reader.effective
    if let circuit = prototype.circuit {
      effective.replace(["model", "circuit", "pairs"], by: CircuitDesign.json(circuit.layout))
    }
    self.effective = effective
  }

  /// The student for a dataset.
  public func architecture(imageSize: Int, classes: Int) -> VisionTransformerArchitecture {
    var architecture = prototype
    architecture.imageSize = imageSize
    architecture.classes = classes
    return architecture
  }

  /// That some method suits the circuits.
  private static func requireMethod(
    _ design: CircuitDesign, _ architecture: VisionTransformerArchitecture, _ reader: SettingsReader
  ) throws {
    guard let circuit = architecture.circuits.first, CircuitMethod.allCases.allSatisfy({ !$0.suits(circuit) }) else {
      return
    }
    let layout = reader.value("layout")?.canonicalText ?? ""
    throw reader.error(
      at: design.layers > 1 ? "layers" : "layout",
      expected:
        "on \(circuit.entangledQubits) qubits what has a closed form (one layer of chain, ring, brick, brick-ring or hur, inputs "
        + "uploaded once, or entangler 'none'), or at most \(Circuit.largestRegister) qubits, whose state is kept as a vector",
      foundText: "\(design.layers) \(design.layers == 1 ? "layer" : "layers") of \(layout)")
  }

  /// `"method"`: `auto`, `bloch` or `state-vector`.
  private static func method(
    _ reader: SettingsReader, _ architecture: VisionTransformerArchitecture
  ) throws -> CircuitMethod? {
    let word = try reader.choice("method", of: ["auto"] + CircuitMethod.allCases.map(\.rawValue))
    guard let method = CircuitMethod(rawValue: word) else { return nil }
    guard let problem = architecture.circuits.lazy.compactMap(method.problem).first else { return method }
    // `problem` of the architecture has seen to it that another method remains.
    let others = CircuitMethod.allCases.filter { other in architecture.circuits.allSatisfy(other.suits) }
    throw reader.error(
      at: "method",
      expected: "\((["auto"] + others.map(\.rawValue)).map { "'\($0)'" }.joined(separator: " or ")): \(problem)",
      found: .string(word))
  }

  /// `"attention"`: `auto`, `direct`, `tiled` or `polynomial`.
  private static func attention(
    _ reader: SettingsReader, _ architecture: VisionTransformerArchitecture
  ) throws -> AttentionMethod {
    let word = try reader.choice("attention", of: ["auto"] + AttentionMethod.allCases.map(\.rawValue))
    guard let method = AttentionMethod(rawValue: word) else { return architecture.fastestAttention }
    if let problem = architecture.attentionProblem(method) {
      let others = AttentionMethod.allCases.filter { architecture.attentionProblem($0) == nil }.map {
        "'\($0.rawValue)'"
      }
      throw reader.error(
        at: "attention", expected: "'auto' or \(others.joined(separator: " or ")): \(problem)", found: .string(word))
    }
    return method
  }
}
