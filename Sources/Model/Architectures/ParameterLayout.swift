import QuantumCircuits

/// One named parameter in the flat vector of all.
public struct NamedParameter: Hashable, Sendable {
  /// Its name, for example `blocks.0.attn.q.theta`.
  public var name: String
  /// Its shape, row-major.
  public var shape: [Int]
  /// Where it begins in the flat vector.
  public var offset: Int
  /// How it is drawn at first.
  public var initialisation: Initialisation

  /// The number of its elements.
  public var count: Int { shape.reduce(1, *) }
  /// Its elements' indices in the flat vector.
  public var range: Range<Int> { offset..<offset + count }
}

/// The distributions of initial parameters (spec: PyTorch's defaults, PennyLane's for circuit angles).
public enum Initialisation: Hashable, Sendable {
  /// Every element the same.
  case constant(Double)
  /// Uniform in ±1/√fanIn: PyTorch's Kaiming-uniform with a = √5 for weights, and its rule for biases.
  case uniform(fanIn: Int)
  /// Normal with mean 0.
  case normal(deviation: Double)
  /// Uniform in [0, 2π).
  case angle
}

/// Names, shapes and places of a student's parameters in one flat vector of P numbers.
public struct ParameterLayout: Sendable {
  /// All parameters in the order of the vector.
  public let parameters: [NamedParameter]
  /// P.
  public let count: Int
  private let index: [String: Int]

  /// The layout of an architecture; names as in docs/conventions.md.
  public init(_ architecture: VisionTransformerArchitecture) {
    var builder = Builder()
    let (q, p) = (architecture.qubits, architecture.patchSize)
    let patchInputs = 3 * p * p
    builder.add("patch.weight", [q, 3, p, p], .uniform(fanIn: patchInputs))
    builder.add("patch.bias", [q], .uniform(fanIn: patchInputs))
    builder.add("pos", [architecture.tokens, q], .normal(deviation: 0.02))
    if architecture.pooling == .classToken { builder.add("class_token", [q], .normal(deviation: 0.02)) }
    for block in 0..<architecture.blocks {
      let prefix = "blocks.\(block)"
      builder.addLayerNorm("\(prefix).ln1", q)
      for projection in ["q", "k", "v"] {
        let name = "\(prefix).attn.\(projection)"
        switch architecture.projection {
        case .linear: builder.addLinear(name, outputs: q, inputs: q)
        case .circuit(_, _, let scope):
          let rows = architecture.circuits[0].parameterRows
          builder.add(
            "\(name).theta", scope == .allHeads ? [rows, 2] : [architecture.heads, rows, 2], .angle)
        }
      }
      builder.addLinear("\(prefix).attn.proj", outputs: q, inputs: q)
      builder.addLayerNorm("\(prefix).ln2", q)
      builder.addLinear("\(prefix).fc1", outputs: architecture.mlpWidth, inputs: q)
      builder.addLinear("\(prefix).fc2", outputs: q, inputs: architecture.mlpWidth)
    }
    builder.addLayerNorm("ln3", q)
    builder.addLinear("head", outputs: architecture.classes, inputs: q)
    parameters = builder.parameters
    count = builder.count
    index = Dictionary(uniqueKeysWithValues: parameters.enumerated().map { ($1.name, $0) })
  }

  /// The parameter of a name; nil if there is none.
  public func parameter(named name: String) -> NamedParameter? { index[name].map { parameters[$0] } }

  /// The indices of a parameter that the architecture has.
  /// - Precondition: there is one of that name.
  public func range(_ name: String) -> Range<Int> {
    guard let parameter = parameter(named: name) else { preconditionFailure("no parameter \(name)") }
    return parameter.range
  }

  private struct Builder {
    var parameters: [NamedParameter] = []
    var count = 0

    mutating func add(_ name: String, _ shape: [Int], _ initialisation: Initialisation) {
      let parameter = NamedParameter(name: name, shape: shape, offset: count, initialisation: initialisation)
      parameters.append(parameter)
      count += parameter.count
    }

    mutating func addLinear(_ name: String, outputs: Int, inputs: Int) {
      add("\(name).weight", [outputs, inputs], .uniform(fanIn: inputs))
      add("\(name).bias", [outputs], .uniform(fanIn: inputs))
    }

    mutating func addLayerNorm(_ name: String, _ channels: Int) {
      add("\(name).weight", [channels], .constant(1))
      add("\(name).bias", [channels], .constant(0))
    }
  }
}
