public import Artifacts
import Files
public import QuantumCircuits
public import JSON
public import Architectures
public import Training

/// The settings file of a student: `pipeline/config/<profile>/<model>.json`. Every choice of the ambiguity ledger is a key
/// here, and what was in effect is recorded in the artifact.
public struct StudentSettings {
  /// vit or qvit.
  public var model: StudentModel
  /// Heads, qubits, blocks, MLP width, pooling, circuit; image size and classes are a dataset's.
  private let prototype: VisionTransformerArchitecture
  /// How circuits are evaluated; nil for the fastest exact method.
  public var circuitMethod: CircuitMethod?
  /// How attention is computed.
  public var attention: AttentionMethod
  /// Epochs, batch, optimiser, selection.
  public var training: TrainingSettings
  /// All keys with the values in effect.
  public var effective: JSONValue
  /// How the student was distilled before it was trained, as its artifact records it; nil if it was not.
  public var distillation: JSONValue?

  /// Reads a settings file; `epochs`, where given, takes the place of the file's.
  /// - Throws: `SettingsError`, `FileError`.
  public init(path: String, model: StudentModel, epochs: Int?) throws {
    var value = try JSONValue(parsing: contents(ofFile: path, limit: 1 << 20), path: path)
    if let epochs { value.replace(["training", "epochs"], by: .number(Double(epochs))) }
    try self.init(value, path: path, model: model)
  }

  /// The settings in `value`, which `path` is said to hold; what an artifact has recorded can be read like a file.
  /// - Throws: `SettingsError`.
  public init(_ value: JSONValue, path: String, model: StudentModel) throws {
    let reader = try SettingsReader(value: value, path: path)
    let modelReader = try reader.child("model")
    var prototype = try Self.architecture(modelReader, model)
    prototype.normalisation = try reader.child("data").choice("normalisation", default: .half)
    circuitMethod = model == .qvit ? try Self.method(modelReader.child("circuit"), prototype) : nil
    attention = try Self.attention(modelReader, prototype)
    training = try TrainingSettings(reader.child("training"))
    guard training.epochs > 0 else {
      throw SettingsError(path: path, place: "training.epochs", message: "expected at least 1, found 0")
    }
    try reader.finish()
    self.model = model
    self.prototype = prototype
    effective = reader.effective
    if let problem = prototype.problem { throw SettingsError(path: path, place: "model", message: problem) }
  }

  /// The student for a dataset.
  public func architecture(imageSize: Int, classes: Int) -> VisionTransformerArchitecture {
    var architecture = prototype
    architecture.imageSize = imageSize
    architecture.classes = classes
    return architecture
  }

  private static func architecture(_ reader: SettingsReader, _ model: StudentModel) throws
    -> VisionTransformerArchitecture
  {
    let qubits = try reader.integer("qubits", in: 2...10, default: 4)
    let heads = try reader.integer("heads", in: 1...10, default: 2)
    var architecture = VisionTransformerArchitecture(imageSize: 28, classes: 2)
    architecture.qubits = qubits
    architecture.heads = heads
    architecture.blocks = try reader.integer("blocks", in: 1...8, default: 1)
    architecture.mlpRatio = Double(try reader.integer("mlp_ratio", in: 1...8, default: 2))
    architecture.pooling = try reader.choice("pooling", default: .mean)
    if model == .qvit {
      guard qubits % heads == 0 else { return architecture }  // refused by `problem`
      let circuit = try reader.child("circuit")
      let scope: CircuitDesign.Scope = try circuit.choice("scope", default: .allHeads)
      var design = CircuitDesign(layout: try pairs(circuit, qubits: scope == .allHeads ? qubits : qubits / heads))
      design.sharing = try circuit.choice("sharing", default: .perPair)
      design.scope = scope
      architecture.circuit = design
      architecture.projections = Projections(all: .circuit)
    }
    return architecture
  }

  /// `"layout"`: a name, or a list of pairs `[[0, 1], [1, 2]]`.
  private static func pairs(_ reader: SettingsReader, qubits: Int) throws -> [QubitPair] {
    let names = PairLayout.allCases.map(\.rawValue)
    let found = reader.value("layout", default: .string(PairLayout.chain.rawValue)) ?? .null
    let expected = "one of \(names.joined(separator: ", ")) or a list of pairs of qubits 0 to \(qubits - 1)"
    switch found {
    case .string(let name):
      guard let layout = PairLayout(rawValue: name), qubits >= 2 else {
        throw reader.error(at: "layout", expected: expected, found: found)
      }
      return layout.pairs(qubits: qubits)
    case .array(let elements):
      return try elements.map { element in
        guard case .array(let pair) = element, pair.count == 2, case .number(let a) = pair[0],
          case .number(let b) = pair[1], let control = Int(exactly: a), let target = Int(exactly: b),
          (0..<qubits).contains(control), (0..<qubits).contains(target), control != target
        else { throw reader.error(at: "layout", expected: expected, found: element) }
        return QubitPair(control, target)
      }
    default: throw reader.error(at: "layout", expected: expected, found: found)
    }
  }

  /// `"method"`: `auto`, `bloch` or `state-vector`.
  private static func method(_ reader: SettingsReader, _ architecture: VisionTransformerArchitecture) throws
    -> CircuitMethod?
  {
    let word = try reader.choice("method", of: ["auto"] + CircuitMethod.allCases.map(\.rawValue), default: "auto")
    guard let method = CircuitMethod(rawValue: word) else { return nil }
    if method == .bloch, architecture.circuits.contains(where: { !$0.hasBlochForm }) {
      throw reader.error(
        at: "method", expected: "'auto' or 'state-vector': the pairs have no closed form", found: .string(word))
    }
    return method
  }

  /// `"attention"`: `auto`, `direct` or `polynomial`.
  private static func attention(
    _ reader: SettingsReader, _ architecture: VisionTransformerArchitecture
  ) throws -> AttentionMethod {
    let word = try reader.choice("attention", of: ["auto"] + AttentionMethod.allCases.map(\.rawValue), default: "auto")
    guard let method = AttentionMethod(rawValue: word) else { return architecture.fastestAttention }
    if method == .polynomial, architecture.headDimension != 2 {
      throw reader.error(
        at: "attention", expected: "'auto' or 'direct': a head has \(architecture.headDimension) channels, not 2",
        found: .string(word))
    }
    return method
  }
}

extension TrainingSettings {
  /// The section `training` of a settings file.
  /// - Parameter defaults: what holds for keys that are missing.
  public init(_ reader: SettingsReader, defaults: TrainingSettings = TrainingSettings()) throws {
    self = defaults
    epochs = try reader.integer("epochs", in: 0...1_000_000, default: epochs)
    batchSize = try reader.integer("batch_size", in: 1...65_536, default: batchSize)
    learningRate = try reader.number("learning_rate", in: 0...1e3, default: learningRate)
    milestones = try reader.numbers("milestones", in: 0...1, default: milestones)
    decay = try reader.number("decay", in: 0...1, default: decay)
    adam.beta1 = try reader.number("beta1", in: 0...0.999_999, default: adam.beta1)
    adam.beta2 = try reader.number("beta2", in: 0...0.999_999_9, default: adam.beta2)
    adam.epsilon = try reader.number("epsilon", in: 0...1, default: adam.epsilon)
    selection = try reader.choice("selection", default: selection)
  }
}

/// The two students.
public enum StudentModel: String, CaseIterable {
  case vit
  case qvit

  /// As the paper writes it.
  public var title: String { self == .vit ? "ViT" : "QViT" }
}

extension SettingsReader {
  /// One of an enumeration's words.
  public func choice<Choice>(_ key: String, default: Choice) throws(SettingsError) -> Choice
  where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
    let word = try choice(key, of: Choice.allCases.map(\.rawValue), default: `default`.rawValue)
    return Choice(rawValue: word) ?? `default`
  }
}

extension JSONValue {
  /// Sets the value at a path of keys, whose objects are made where they are missing. Anything but objects on the way is
  /// left for the reader to refuse.
  public mutating func replace(_ keys: [String], by value: JSONValue) {
    guard let key = keys.first else {
      self = value
      return
    }
    guard case .object(var members) = self else { return }
    members[key, default: .object([:])].replace(Array(keys.dropFirst()), by: value)
    self = .object(members)
  }
}

extension StudentSettings {
  /// The settings a student artifact, or an evaluation of one, has recorded.
  /// - Throws: `SettingsError`, `ArtifactError`.
  public init(recordedIn header: ArtifactHeader, path: String) throws {
    guard let model = header.model.flatMap(StudentModel.init) else {
      throw ArtifactError.invalidValue(
        path: path, object: "/model", expected: StudentModel.allCases.map(\.rawValue).joined(separator: " or "),
        found: header.model ?? "nothing")
    }
    var value = try JSONValue(parsing: Array(header.configuration.utf8), path: path)
    var distillation: JSONValue?
    if case .object(var members) = value {
      distillation = members.removeValue(forKey: "distillation")
      value = .object(members)
    }
    try self.init(value, path: path, model: model)
    self.distillation = distillation
  }
}
