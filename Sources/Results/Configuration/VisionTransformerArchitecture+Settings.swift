import Architectures
import Artifacts
import JSON
import QuantumCircuits

extension VisionTransformerArchitecture {
  /// The section `model` of a student's settings. Image size and classes are placeholders.
  /// - Throws: `SettingsError`.
  init(_ reader: SettingsReader, _ kind: ModelKind) throws {
    self.init(imageSize: 28, classes: 2, projection: .linear)
    qubits = try reader.integer("qubits", in: 2...10)
    heads = try reader.integer("heads", in: 1...10)
    guard qubits % heads == 0 else {
      throw reader.error(
        at: "heads", expected: "a divisor of the \(qubits) qubits, so that all heads have as many channels",
        found: .number(Double(heads)))
    }
    blocks = try reader.integer("blocks", in: 1...8)
    mlpRatio = try reader.integer("mlp_ratio", in: 1...8)
    pooling = try reader.choice("pooling")
    if kind == .qvit {
      let circuit = try reader.child("circuit")
      let scope: CircuitScope = try circuit.choice("scope")
      let pairs = try Self.pairs(circuit, qubits: scope == .allHeads ? qubits : headDimension)
      // What an artifact has recorded beside the layout's name.
      if let recorded = circuit.value("pairs"), recorded != Self.json(pairs) {
        throw circuit.error(
          at: "pairs", expected: "those of the layout, \(Self.json(pairs).canonicalText)",
          foundText: recorded.canonicalText)
      }
      projection = .circuit(layout: pairs, sharing: try circuit.choice("sharing"), scope: scope)
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
