public import QuantumCircuits

/// How the circuits of a student are made: all of them alike, each with angles of its own.
public struct CircuitDesign: Hashable, Sendable {
  /// Whether a circuit spans all channels or one head's.
  public enum Scope: String, CaseIterable, Sendable {
    /// One circuit of q qubits; its output is split into heads.
    case allHeads = "all-heads"
    /// One circuit of q/h qubits per head, on the head's own channels, with its own parameters.
    case perHead = "per-head"
  }

  /// How angles are drawn at first.
  public enum InitialAngles: Hashable, Sendable {
    /// Uniform in [0, 2π): PennyLane's default.
    case uniform
    /// Normal with mean 0.
    case normal(deviation: Double)
  }

  /// The pairs of one layer.
  public var layout: [QubitPair]
  /// Own or shared parameters.
  public var sharing = ParameterSharing.perPair
  /// One circuit, or one per head.
  public var scope = Scope.allHeads
  /// How often the pairs are gone through, each time with parameters of their own.
  public var layers = 1
  /// Whether the inputs are encoded again before every layer.
  public var reuploading = false
  /// What follows the rotations of a pair.
  public var entangler = Entangler.cnot
  /// The distribution of the initial angles.
  public var initialAngles = InitialAngles.uniform
  /// Whether angles are trained; if not they stay as they were drawn.
  public var trainsAngles = true

  /// One layer of pairs, each with its own angles and a CNOT.
  public init(layout: [QubitPair]) { self.layout = layout }

  /// The circuit on `qubits` qubits.
  func circuit(qubits: Int) -> Circuit {
    Circuit(
      qubits: qubits, pairs: layout, sharing: sharing, layers: layers, reuploading: reuploading, entangler: entangler)
  }

  /// Why this makes no circuits of `qubits` qubits, or nil if it does.
  func problem(qubits: Int) -> String? {
    for pair in layout
    where !(0..<qubits).contains(pair.control) || !(0..<qubits).contains(pair.target) || pair.control == pair.target {
      return "pair (\(pair.control), \(pair.target)) on \(qubits) qubits"
    }
    guard layout.count <= 64 else { return "\(layout.count) pairs, expected at most 64" }
    guard (1...16).contains(layers) else { return "\(layers) layers of the circuit, expected 1 to 16" }
    if case .normal(let deviation) = initialAngles, !(deviation >= 0 && deviation.isFinite) {
      return "initial angles of deviation \(deviation), expected a number that is not negative"
    }
    return nil
  }
}
