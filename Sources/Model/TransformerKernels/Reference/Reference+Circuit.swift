import CircuitKernels
public import QuantumCircuits
public import VectorMath

extension Reference {
  /// The largest circuit that goes through a state vector here; of a larger one the closed form of forests is evaluated.
  private static var largestStateVector: Int { 10 }

  /// y[t] = ⟨Z⟩ of the circuit for the input x[t], gate by gate on the full state vector, token by token; beyond ten qubits by
  /// the closed form of forests, written as it is derived.
  ///
  /// x `[T, C]`, one qubit per channel; θ `[rows, 2]` → y `[T, C]`.
  public static func circuit<S: Scalar & BitwiseCopyable>(_ x: [S], circuit: Circuit, theta: [S]) -> [S] {
    if circuit.qubits > largestStateVector {
      let forest = ForestCircuit(circuit, theta: theta)
      return stride(from: 0, to: x.count, by: circuit.qubits).flatMap { start in
        forest.expectations(Array(x[start..<start + circuit.qubits]))
      }
    }
    let run = GateByGateCircuit<S>(circuit) { Double(theta[$0]) }
    return stride(from: 0, to: x.count, by: circuit.qubits).flatMap { start in
      let (cos, sin) = halves(x[start..<start + circuit.qubits])
      return run.expectations(cos: cos, sin: sin)
    }
  }

  /// dx by the adjoint method, or line by line through the closed form; dθ is accumulated over the tokens.
  public static func circuitBackward<S: Scalar & BitwiseCopyable>(
    _ dy: [S], x: [S], circuit: Circuit, theta: [S], dTheta: inout [S]
  ) -> [S] {
    var dx: [S] = []
    func sum(_ gradient: (_ token: Range<Int>) -> (dInput: [S], dTheta: [S])) {
      for start in stride(from: 0, to: x.count, by: circuit.qubits) {
        let part = gradient(start..<start + circuit.qubits)
        dx += part.dInput
        for index in dTheta.indices { dTheta[index] += part.dTheta[index] }
      }
    }
    if circuit.qubits > largestStateVector {
      let forest = ForestCircuit(circuit, theta: theta)
      sum { forest.gradient(Array(x[$0]), weights: Array(dy[$0])) }
    } else {
      let run = GateByGateCircuit<S>(circuit) { Double(theta[$0]) }
      sum {
        let (cos, sin) = halves(x[$0])
        return run.gradient(cos: cos, sin: sin, weights: Array(dy[$0]))
      }
    }
    return dx
  }

  /// Cosines and sines of half the angles.
  private static func halves<S: Scalar>(_ x: ArraySlice<S>) -> (cos: [S], sin: [S]) {
    let pairs = x.map { ($0 / 2).sinCos() }
    return (pairs.map(\.cos), pairs.map(\.sin))
  }
}
