/// How a circuit is evaluated. The results are the same up to rounding.
public enum CircuitMethod: String, CaseIterable, Sendable {
  /// The closed form over Bloch vectors and two-point correlations, exact for the circuits that have one
  /// (`Circuit.hasBlochForm`): O(n) per token and closed cycle.
  case bloch
  /// The full state and the adjoint gradient: O(pairs · 2ⁿ) per token, any circuit.
  case stateVector = "state-vector"

  /// The fastest exact method for a circuit.
  public static func fastest(for circuit: Circuit) -> CircuitMethod { circuit.hasBlochForm ? .bloch : .stateVector }
}
