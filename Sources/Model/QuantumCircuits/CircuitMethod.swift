/// How a circuit is evaluated. The results are the same up to rounding.
public enum CircuitMethod: String, CaseIterable, Sendable {
  /// The closed form over Bloch vectors and two-point correlations, exact for the circuits that have one
  /// (`Circuit.hasBlochForm`): O(n) per token and closed cycle.
  case bloch
  /// The full state and the adjoint gradient: O(pairs · 2ⁿ) per token, any circuit whose gates act on at most
  /// `Circuit.largestRegister` qubits.
  case stateVector = "state-vector"

  /// The fastest exact method for a circuit.
  public static func fastest(for circuit: Circuit) -> CircuitMethod { circuit.hasBlochForm ? .bloch : .stateVector }

  /// Why a circuit can't be evaluated this way, or nil if it can.
  public func problem(_ circuit: Circuit) -> String? {
    switch self {
    case .bloch: return circuit.hasBlochForm ? nil : "the pairs have no closed form"
    case .stateVector:
      let (count, most) = (circuit.entangledQubits, Circuit.largestRegister)
      return count <= most ? nil : "a state vector takes at most \(most) qubits, of which gates here act on \(count)"
    }
  }

  /// Whether a circuit can be evaluated this way.
  public func suits(_ circuit: Circuit) -> Bool { problem(circuit) == nil }
}
