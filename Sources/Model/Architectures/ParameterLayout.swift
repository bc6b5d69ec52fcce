import QuantumCircuits

/// A student's parameter: its place, how it is drawn, and whether it is trained.
@dynamicMemberLookup
public struct StudentParameter: Hashable, Sendable {
  /// Its name, shape and place in the flat vector, whose properties are the parameter's own.
  public let place: TensorPlace
  /// How it is drawn at first.
  public let initialisation: Initialisation
  /// Whether it is trained; if not its gradient is zero, and it stays as it was drawn.
  public let isTrained: Bool

  /// A property of its place.
  public subscript<Value>(dynamicMember property: KeyPath<TensorPlace, Value>) -> Value { place[keyPath: property] }
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
  public let parameters: [StudentParameter]
  /// P.
  public let count: Int
  /// How many of the P numbers are trained.
  public let trainedCount: Int
  private let index: [String: Int]

  /// The layout of an architecture; names as in docs/conventions.md.
  public init(_ architecture: VisionTransformerArchitecture) {
    var builder = Builder()
    let (q, p) = (architecture.qubits, architecture.patchSize)
    let patchInputs = 3 * p * p
    builder.add("patch.weight", [q, 3, p, p], .uniform(fanIn: patchInputs))
    builder.add("patch.bias", [q], .uniform(fanIn: patchInputs))
    builder.add("pos", [architecture.tokens, q], .normal(deviation: architecture.positionDeviation))
    if architecture.pooling == .classToken { builder.add("class_token", [q], .normal(deviation: 0.02)) }
    for block in 0..<architecture.blocks {
      let prefix = "blocks.\(block)"
      builder.addLayerNorm("\(prefix).ln1", q)
      for (role, projection) in zip(["q", "k", "v"], architecture.roles) {
        let name = "\(prefix).attn.\(role)"
        switch projection {
        case .linear, .cosine, .tanh: builder.addLinear(name, outputs: q, inputs: q)
        case .circuit: builder.addCircuits(name, architecture)
        case .diagonal: builder.addDiagonal(name, channels: q)
        case .bottleneck: builder.addBottleneck(name, channels: q)
        case .identity, nil: break
        }
      }
      switch architecture.output {
      case .linear: builder.addLinear("\(prefix).attn.proj", outputs: q, inputs: q)
      case .circuit: builder.addCircuits("\(prefix).attn.proj", architecture)
      case .none: break
      }
      builder.addLayerNorm("\(prefix).ln2", q)
      builder.addLinear("\(prefix).fc1", outputs: architecture.mlpWidth, inputs: q)
      builder.addLinear("\(prefix).fc2", outputs: q, inputs: architecture.mlpWidth)
    }
    builder.addLayerNorm("ln3", q)
    builder.addLinear("head", outputs: architecture.classes, inputs: q)
    parameters = builder.parameters
    count = builder.count
    trainedCount = parameters.filter(\.isTrained).map(\.count).reduce(0, +)
    index = Dictionary(uniqueKeysWithValues: parameters.enumerated().map { ($1.name, $0) })
  }

  /// The parameter of a name; nil if there is none.
  public func parameter(named name: String) -> StudentParameter? { index[name].map { parameters[$0] } }

  /// The indices of a parameter that the architecture has.
  /// - Precondition: there is one of that name.
  public func range(_ name: String) -> Range<Int> {
    guard let parameter = parameter(named: name) else { preconditionFailure("no parameter \(name)") }
    return parameter.range
  }

  private struct Builder {
    var parameters: [StudentParameter] = []
    var count = 0

    mutating func add(_ name: String, _ shape: [Int], _ initialisation: Initialisation, isTrained: Bool = true) {
      let parameter = StudentParameter(
        place: TensorPlace(name: name, shape: shape, offset: count), initialisation: initialisation,
        isTrained: isTrained)
      parameters.append(parameter)
      count += parameter.count
    }

    mutating func addLinear(_ name: String, outputs: Int, inputs: Int) {
      add("\(name).weight", [outputs, inputs], .uniform(fanIn: inputs))
      add("\(name).bias", [outputs], .uniform(fanIn: inputs))
    }

    /// Each output has one input.
    mutating func addDiagonal(_ name: String, channels: Int) {
      add("\(name).weight", [channels], .uniform(fanIn: 1))
      add("\(name).bias", [channels], .uniform(fanIn: 1))
    }

    /// One output with q inputs, then q outputs with one.
    mutating func addBottleneck(_ name: String, channels: Int) {
      add("\(name).down", [channels], .uniform(fanIn: channels))
      add("\(name).up", [channels], .uniform(fanIn: 1))
    }

    /// The angles of one circuit, or of one per head.
    mutating func addCircuits(_ name: String, _ architecture: VisionTransformerArchitecture) {
      let circuits = architecture.circuits
      guard let design = architecture.circuit, let rows = circuits.first?.parameterRows else { return }
      let initialisation: Initialisation =
        switch design.initialAngles {
        case .uniform: .angle
        case .normal(let deviation): .normal(deviation: deviation)
        }
      add(
        "\(name).theta", design.scope == .allHeads ? [rows, 2] : [circuits.count, rows, 2], initialisation,
        isTrained: design.trainsAngles)
    }

    mutating func addLayerNorm(_ name: String, _ channels: Int) {
      add("\(name).weight", [channels], .constant(1))
      add("\(name).bias", [channels], .constant(0))
    }
  }
}
