/// A pair of qubits an ansatz block acts on: RY(θ₁) on `control`, RY(θ₂) on `target`, then the entangler, CNOT (paper,
/// eq. 3, Fig. 2a).
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

/// Whether every pair has two parameters of its own or all pairs of a layer share two.
public enum ParameterSharing: String, CaseIterable, Sendable {
  /// θ has shape [layers · pairs, 2].
  case perPair = "per-pair"
  /// θ has shape [layers, 2].
  case shared
}

/// What follows the two rotations of a pair.
public enum Entangler: String, CaseIterable, Sendable {
  /// CNOT (paper, eq. 3).
  case cnot
  /// Nothing: the qubits stay independent of each other, ⟨Z_i⟩ = cos(x_i + Σθ).
  case none
}

/// A quantum neural network of the paper: angle encoding (eq. 2), one ansatz block per pair of qubits (eq. 3), and the
/// expectation value of Z on every qubit (eq. 4).
///
///     x ∈ Rⁿ  →  |ψ⟩ = Π CNOT(a,b) RY_b(θ₂) RY_a(θ₁) · ⊗ RY(x_i) |0⟩  →  ⟨Z_i⟩ ∈ [−1, 1]ⁿ
///
/// Beyond the paper: several layers of the ansatz, each with parameters of its own; the encoding repeated before every
/// layer; no entangler.
public struct Circuit: Hashable, Sendable {
  /// The largest number of qubits.
  public static let largestCount = 64
  /// The largest number of qubits whose state is kept as a vector: 2¹⁶ amplitudes of 16 tokens are 4 MB.
  public static let largestRegister = 16

  /// n.
  public let qubits: Int
  /// The pairs of all layers, in the order they are applied.
  public let pairs: [QubitPair]
  /// The pairs of one layer.
  public let pairsPerLayer: Int
  /// How often the list of pairs is gone through.
  public let layers: Int
  /// Own or shared parameters.
  public let sharing: ParameterSharing
  /// What follows the rotations of a pair.
  public let entangler: Entangler
  /// How often RY(x_i) is applied to every qubit: once, or before every layer.
  public let uploads: Int

  /// A circuit on `qubits` qubits; `pairs` are those of one layer. With `reuploading`, RY(x_i) is applied before every
  /// layer, not only before the first.
  /// - Precondition: 1 ≤ qubits ≤ `largestCount`; 1 ≤ layers; every pair joins two different qubits of them.
  public init(
    qubits: Int, pairs: [QubitPair], sharing: ParameterSharing = .perPair, layers: Int = 1, reuploading: Bool = false,
    entangler: Entangler = .cnot
  ) {
    precondition((1...Self.largestCount).contains(qubits), "a circuit of \(qubits) qubits")
    precondition(layers >= 1, "a circuit of \(layers) layers")
    for pair in pairs {
      precondition(
        (0..<qubits).contains(pair.control) && (0..<qubits).contains(pair.target) && pair.control != pair.target,
        "pair (\(pair.control), \(pair.target)) on \(qubits) qubits")
    }
    self.qubits = qubits
    self.pairs = (0..<layers).flatMap { _ in pairs }
    pairsPerLayer = pairs.count
    self.layers = layers
    self.sharing = sharing
    self.entangler = entangler
    uploads = reuploading ? layers : 1
  }

  /// The rows of θ that belong to one layer.
  @usableFromInline var rowsPerLayer: Int { sharing == .shared ? min(1, pairsPerLayer) : pairsPerLayer }

  /// The rows of θ, whose shape is [parameterRows, 2]: those of the first layer, of the second …
  public var parameterRows: Int { layers * rowsPerLayer }

  /// How many of the qubits a pair acts on; the others only have their inputs.
  public var entangledQubits: Int { Set(pairs.flatMap { [$0.control, $0.target] }).count }

  /// The number of parameters.
  public var parameterCount: Int { 2 * parameterRows }

  /// The row of θ that holds the parameters of a pair.
  @inlinable
  public func parameterRow(ofPair pair: Int) -> Int { sharing == .shared ? pair / pairsPerLayer : pair }

  /// Whether the encoding's rotations are applied once more just before a pair: where a layer but the first begins.
  public func uploads(beforePair pair: Int) -> Bool { uploads > 1 && pair > 0 && pair % pairsPerLayer == 0 }
}
