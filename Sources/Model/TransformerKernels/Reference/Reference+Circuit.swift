import CircuitKernels
public import VectorMath
public import QuantumCircuits

extension Reference {
  /// y[t] = ⟨Z⟩ of the circuit for the input x[t], by the full state vector, token by token.
  ///
  /// x `[T, C]`, one qubit per channel; θ `[rows, 2]` → y `[T, C]`.
  public static func circuit<S: Scalar & BitwiseCopyable>(_ x: [S], circuit: Circuit, theta: [S]) -> [S] {
    let run = TokenCircuit(circuit, theta: theta)
    var y = x
    let n = circuit.qubits
    for t in 0..<x.count / n {
      run.encode(x[t * n..<(t + 1) * n])
      run.evaluator.forward(cos: run.cos, sin: run.sin, out: run.out)
      for c in 0..<n { y[t * n + c] = run.out[c] }
    }
    return y
  }

  /// dx by the adjoint method; dθ is accumulated over the tokens.
  public static func circuitBackward<S: Scalar & BitwiseCopyable>(
    _ dy: [S], x: [S], circuit: Circuit, theta: [S], dTheta: inout [S]
  ) -> [S] {
    let run = TokenCircuit(circuit, theta: theta)
    let sums = AlignedMemory<S>(count: max(dTheta.count, 1))
    var dx = x
    let n = circuit.qubits
    for t in 0..<x.count / n {
      run.encode(x[t * n..<(t + 1) * n])
      for c in 0..<n {
        run.out[c] = dy[t * n + c]
        run.dInput[c] = 0
      }
      run.evaluator.backward(cos: run.cos, sin: run.sin, dOut: run.out, dInput: run.dInput, dTheta: sums.base)
      for c in 0..<n { dx[t * n + c] = run.dInput[c] }
    }
    for index in dTheta.indices { dTheta[index] += sums.base[index] }
    return dx
  }

  /// An evaluator with the memory of one token.
  private final class TokenCircuit<S: Scalar & BitwiseCopyable> {
    let evaluator: CircuitEvaluator<S>
    private let memory: AlignedMemory<S>

    init(_ circuit: Circuit, theta: [S]) {
      evaluator = CircuitEvaluator(circuit: circuit, method: .stateVector, gateByGate: true)
      evaluator.bind { Double(theta[$0]) }
      memory = AlignedMemory(count: 4 * circuit.qubits)
    }

    private func view(_ index: Int) -> ChannelView<S> {
      ChannelView(memory.base + index * evaluator.circuit.qubits, stride: 1)
    }
    var cos: ChannelView<S> { view(0) }
    var sin: ChannelView<S> { view(1) }
    var out: ChannelView<S> { view(2) }
    var dInput: ChannelView<S> { view(3) }

    func encode(_ x: ArraySlice<S>) {
      for (qubit, value) in x.enumerated() {
        (sin[qubit], cos[qubit]) = (value * S(evaluator.encodingFactor)).sinCos()
      }
    }
  }
}
