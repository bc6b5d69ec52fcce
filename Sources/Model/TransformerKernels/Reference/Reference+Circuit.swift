import CircuitKernels
public import QuantumCircuits
public import VectorMath

extension Reference {
  /// y[t] = ⟨Z⟩ of the circuit for the input x[t], gate by gate on the full state vector, token by token.
  ///
  /// x `[T, C]`, one qubit per channel; θ `[rows, 2]` → y `[T, C]`.
  public static func circuit<S: Scalar & BitwiseCopyable>(_ x: [S], circuit: Circuit, theta: [S]) -> [S] {
    let run = GateByGateCircuit<S>(circuit) { Double(theta[$0]) }
    return stride(from: 0, to: x.count, by: circuit.qubits).flatMap { start in
      let (cos, sin) = halves(x[start..<start + circuit.qubits])
      return run.expectations(cos: cos, sin: sin)
    }
  }

  /// dx by the adjoint method; dθ is accumulated over the tokens.
  public static func circuitBackward<S: Scalar & BitwiseCopyable>(
    _ dy: [S], x: [S], circuit: Circuit, theta: [S], dTheta: inout [S]
  ) -> [S] {
    let run = GateByGateCircuit<S>(circuit) { Double(theta[$0]) }
    var dx: [S] = []
    for start in stride(from: 0, to: x.count, by: circuit.qubits) {
      let token = start..<start + circuit.qubits
      let (cos, sin) = halves(x[token])
      let gradient = run.gradient(cos: cos, sin: sin, weights: Array(dy[token]))
      dx += gradient.dInput
      for index in dTheta.indices { dTheta[index] += gradient.dTheta[index] }
    }
    return dx
  }

  /// Cosines and sines of half the angles.
  private static func halves<S: Scalar>(_ x: ArraySlice<S>) -> (cos: [S], sin: [S]) {
    let pairs = x.map { ($0 / 2).sinCos() }
    return (pairs.map(\.cos), pairs.map(\.sin))
  }
}
