import Architectures
import Artifacts
import JSON
import QuantumCircuits

extension VisionTransformerArchitecture {
  /// The section `model` of a student's settings. Image size and classes are placeholders.
  ///
  /// `projection` is one word for queries, keys and values, or an object with a word for each. The section `circuit` says
  /// what attention's `output` goes through, and where there are circuits what they are; a ViT has none.
  /// - Throws: `SettingsError`.
  init(_ reader: SettingsReader, _ kind: ModelKind) throws {
    self.init(imageSize: 28, classes: 2)
    qubits = try reader.integer("qubits", in: 2...Circuit.largestCount)
    heads = try reader.integer("heads", in: 1...Circuit.largestCount)
    guard qubits % heads == 0 else {
      throw reader.error(
        at: "heads", expected: "a divisor of the \(qubits) qubits, so that all heads have as many channels",
        found: .number(Double(heads)))
    }
    blocks = try reader.integer("blocks", in: 1...8)
    mlpRatio = try reader.number("mlp_ratio", in: 0...8)
    pooling = try reader.choice("pooling")
    dropout = try reader.number("dropout", in: 0...0.99)
    positionDeviation = try Self.positionDeviation(reader, qubits: qubits)
    uniformAttention = try reader.choice("attention_weights", of: ["softmax", "uniform"]) == "uniform"
    projections = try Self.projections(reader)
    let circuit = try reader.child("circuit")
    output = try circuit.choice("output")
    guard usesCircuits == (kind == .qvit) else {
      throw reader.error(
        at: "projection",
        expected: kind == .qvit
          ? "a circuit for queries, keys, values or the output of a QViT (a student without circuits is of kind 'vit')"
          : "no circuit in a ViT (a student with circuits is of kind 'qvit')",
        foundText: kind == .qvit ? "none" : "one")
    }
    if usesCircuits { self.circuit = try CircuitDesign(circuit, qubits: qubits, headDimension: headDimension) }
  }

  /// `"position_deviation"`: a number, or `"1/sqrt(q)"`.
  private static func positionDeviation(_ reader: SettingsReader, qubits: Int) throws -> Double {
    let word = "1/sqrt(q)"
    if reader.value("position_deviation") == .string(word) { return 1 / Double(qubits).squareRoot() }
    do { return try reader.number("position_deviation", in: 0...10) } catch let error {
      guard let found = reader.value("position_deviation") else { throw error }
      throw reader.error(at: "position_deviation", expected: "a number from 0 to 10 or '\(word)'", found: found)
    }
  }

  private static func projections(_ reader: SettingsReader) throws -> Projections {
    if case .object? = reader.value("projection") {
      let roles = try reader.child("projection")
      return Projections(
        query: try roles.choice("query"), key: try roles.choice("key"), value: try roles.choice("value"))
    }
    return Projections(all: try reader.choice("projection"))
  }
}

extension CircuitDesign {
  /// The section `model.circuit` of a student's settings, but for `output` and `method`.
  /// - Throws: `SettingsError`.
  init(_ reader: SettingsReader, qubits: Int, headDimension: Int) throws {
    let scope: Scope = try reader.choice("scope")
    self.init(layout: try Self.pairs(reader, qubits: scope == .allHeads ? qubits : headDimension))
    // What an artifact has recorded beside the layout's name.
    if let recorded = reader.value("pairs"), recorded != Self.json(layout) {
      throw reader.error(
        at: "pairs", expected: "those of the layout, \(Self.json(layout).canonicalText)",
        foundText: recorded.canonicalText)
    }
    self.scope = scope
    sharing = try reader.choice("sharing")
    layers = try reader.integer("layers", in: 1...16)
    reuploading = try reader.boolean("reuploading")
    entangler = try reader.choice("entangler")
    trainsAngles = try reader.choice("angles", of: ["trained", "frozen"]) == "trained"
    if reader.value("initial_angles") == .string("uniform") {
      initialAngles = .uniform
    } else if case .number(let deviation)? = reader.value("initial_angles"), (0...100).contains(deviation) {
      initialAngles = .normal(deviation: deviation)
    } else {
      throw reader.error(
        at: "initial_angles", expected: "'uniform' or the standard deviation of a normal distribution",
        found: reader.value("initial_angles") ?? .null)
    }
  }

  /// Pairs as settings write them: `[[0, 1], [1, 2]]`.
  static func json(_ pairs: [QubitPair]) -> JSONValue {
    .array(pairs.map { .array([.number(Double($0.control)), .number(Double($0.target))]) })
  }

  /// `"layout"`: a name, or a list of pairs `[[0, 1], [1, 2]]`.
  private static func pairs(_ reader: SettingsReader, qubits: Int) throws -> [QubitPair] {
    let names = PairLayout.allCases.map(\.rawValue)
    let found = reader.value("layout") ?? .null
    let expected =
      "one of \(names.joined(separator: ", ")) or a list of pairs of two different qubits from 0 to \(qubits - 1)"
    switch found {
    case .string(let name):
      guard let layout = PairLayout(rawValue: name), qubits >= 2 else {
        throw reader.error(at: "layout", expected: expected, found: found)
      }
      return layout.pairs(qubits: qubits)
    case .array(let elements):
      return try elements.enumerated().map { position, element in
        guard case .array(let pair) = element, pair.count == 2, case .number(let a) = pair[0],
          case .number(let b) = pair[1], let control = Int(exactly: a), let target = Int(exactly: b),
          (0..<qubits).contains(control), (0..<qubits).contains(target), control != target
        else {
          throw reader.error(
            at: "layout[\(position)]", expected: "a pair of two different qubits from 0 to \(qubits - 1)",
            foundText: element.canonicalText)
        }
        return QubitPair(control, target)
      }
    default: throw reader.error(at: "layout", expected: expected, found: found)
    }
  }
}
