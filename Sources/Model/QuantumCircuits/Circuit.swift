/// A pair of qubits an ansatz block acts on: RY(θ₁) on `control`, RY(θ₂) on `target`, then CNOT (paper, eq. 3, Fig. 2a).
public struct QubitPair: Hashable, Sendable {
  /// The qubit that controls the CNOT.
  public var control: Int
  /// The qubit that the CNOT flips.
  public var target: Int

  /// The pair (control, target).
  public init(_ control: Int, _ target: Int) {
    self.control = control
    self.target = target
  }
}

/// The pair lists that have a name.
public enum PairLayout: String, CaseIterable, Sendable {
  /// (0,1) (1,2) … (n−2,n−1): a line, which every processor's coupling map contains.
  case chain
  /// The chain closed by (n−1,0).
  case ring
  /// Even pairs (0,1) (2,3) …, then odd pairs (1,2) (3,4) …
  case brick
  /// The bricks closed by (n−1,0).
  case brickRing = "brick-ring"
  /// (0,n−1) (0,1) (2,3) … (1,2) (3,4) …: the convolution of Hur et al., Quantum Mach. Intell. 4 (2022).
  case hur

  /// The pairs on n qubits, in the order they are applied.
  /// - Precondition: n ≥ 2.
  public func pairs(qubits n: Int) -> [QubitPair] {
    precondition(n >= 2, "a layout of pairs on \(n) qubits")
    func neighbours(from first: Int) -> [QubitPair] {
      stride(from: first, to: n - 1, by: 2).map { QubitPair($0, $0 + 1) }
    }
    let closing = QubitPair(n - 1, 0)
    return switch self {
    case .chain: (0..<n - 1).map { QubitPair($0, $0 + 1) }
    case .ring: (0..<n - 1).map { QubitPair($0, $0 + 1) } + [closing]
    case .brick: neighbours(from: 0) + neighbours(from: 1)
    case .brickRing: neighbours(from: 0) + neighbours(from: 1) + [closing]
    case .hur: [QubitPair(0, n - 1)] + neighbours(from: 0) + neighbours(from: 1)
    }
  }
}

/// Whether every pair has two parameters of its own or all pairs share two.
public enum ParameterSharing: String, CaseIterable, Sendable {
  /// θ has shape [pairs, 2].
  case perPair = "per-pair"
  /// θ has shape [1, 2].
  case shared
}

/// A quantum neural network of the paper: angle encoding (eq. 2), one ansatz block per pair of qubits (eq. 3), and the
/// expectation value of Z on every qubit (eq. 4).
///
///     x ∈ Rⁿ  →  |ψ⟩ = Π CNOT(a,b) RY_b(θ₂) RY_a(θ₁) · ⊗ RY(x_i) |0⟩  →  ⟨Z_i⟩ ∈ [−1, 1]ⁿ
public struct Circuit: Hashable, Sendable {
  /// n.
  public let qubits: Int
  /// The pairs, in the order they are applied.
  public let pairs: [QubitPair]
  /// Own or shared parameters.
  public let sharing: ParameterSharing

  /// A circuit on `qubits` qubits.
  /// - Precondition: 1 ≤ qubits ≤ 16; every pair joins two different qubits of them.
  public init(qubits: Int, pairs: [QubitPair], sharing: ParameterSharing = .perPair) {
    precondition((1...16).contains(qubits), "a circuit of \(qubits) qubits")
    for pair in pairs {
      precondition(
        (0..<qubits).contains(pair.control) && (0..<qubits).contains(pair.target) && pair.control != pair.target,
        "pair (\(pair.control), \(pair.target)) on \(qubits) qubits")
    }
    self.qubits = qubits
    self.pairs = pairs
    self.sharing = sharing
  }

  /// The rows of θ, whose shape is [parameterRows, 2].
  public var parameterRows: Int { sharing == .shared ? min(1, pairs.count) : pairs.count }

  /// The number of parameters.
  public var parameterCount: Int { 2 * parameterRows }

  /// The row of θ that holds the parameters of a pair.
  @inlinable
  public func parameterRow(ofPair pair: Int) -> Int { sharing == .shared ? 0 : pair }
}
