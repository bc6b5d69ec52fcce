public import QuantumCircuits
import VectorMath

/// The circuit as a function of one input vector, in double precision, gate by gate: what a physicist would write down. The kernels'
/// oracle, and the place where the gradient methods are compared.
extension Circuit {
  /// ⟨Z_i⟩ for the input x `[n]` and the parameters θ `[parameterRows, 2]`, in radians.
  public func expectations(x: [Double], theta: [Double], method: CircuitMethod = .stateVector) -> [Double] {
    let evaluator = CircuitEvaluator<Double>(circuit: self, method: method, gateByGate: true)
    evaluator.bind { theta[$0] }
    let encoding = encode(x, factor: evaluator.encodingFactor)
    let out = AlignedMemory<Double>(count: qubits)
    evaluator.forward(
      cos: ChannelView(encoding.cos.base, stride: 1), sin: ChannelView(encoding.sin.base, stride: 1),
      out: ChannelView(out.base, stride: 1))
    return Array(out.elements)
  }

  /// ∂/∂x and ∂/∂θ of Σ weights_i ⟨Z_i⟩ by the method's own backward pass (the adjoint method for the state vector).
  public func gradient(
    x: [Double], theta: [Double], weights: [Double], method: CircuitMethod = .stateVector
  ) -> (dInput: [Double], dTheta: [Double]) {
    let evaluator = CircuitEvaluator<Double>(circuit: self, method: method, gateByGate: true)
    evaluator.bind { theta[$0] }
    let encoding = encode(x, factor: evaluator.encodingFactor)
    let dOut = AlignedMemory<Double>(count: qubits)
    for qubit in 0..<qubits { dOut.base[qubit] = weights[qubit] }
    let dInput = AlignedMemory<Double>(count: qubits)
    let dTheta = AlignedMemory<Double>(count: max(parameterCount, 1))
    evaluator.backward(
      cos: ChannelView(encoding.cos.base, stride: 1), sin: ChannelView(encoding.sin.base, stride: 1),
      dOut: ChannelView(dOut.base, stride: 1), dInput: ChannelView(dInput.base, stride: 1), dTheta: dTheta.base)
    return (Array(dInput.elements), Array(dTheta.elements.prefix(parameterCount)))
  }

  /// The same gradient by the parameter-shift rule: every rotation, of the encoding or of a block, contributes
  /// ½ (f(angle + π/2) − f(angle − π/2)), exactly. Source: Schuld et al., Phys. Rev. A 99, 032331 (2019).
  public func parameterShiftGradient(
    x: [Double], theta: [Double], weights: [Double]
  ) -> (dInput: [Double], dTheta: [Double]) {
    // Every pair gets angles of its own, so that a shared parameter is shifted one occurrence at a time.
    let unshared = Circuit(qubits: qubits, pairs: pairs, sharing: .perPair)
    let angles = pairs.indices.flatMap { pair in
      (0..<2).map { theta[2 * parameterRow(ofPair: pair) + $0] }
    }
    func weighted(_ x: [Double], _ angles: [Double]) -> Double {
      zip(unshared.expectations(x: x, theta: angles), weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func shifted(_ values: [Double], at index: Int, _ function: ([Double]) -> Double) -> Double {
      var (up, down) = (values, values)
      up[index] += Double.pi / 2
      down[index] -= Double.pi / 2
      return (function(up) - function(down)) / 2
    }
    let dInput = x.indices.map { shifted(x, at: $0) { weighted($0, angles) } }
    var dTheta = [Double](repeating: 0, count: parameterCount)
    for index in angles.indices {
      dTheta[2 * parameterRow(ofPair: index / 2) + index % 2] += shifted(angles, at: index) { weighted(x, $0) }
    }
    return (dInput, dTheta)
  }

  /// Cosines and sines of factor · x_i.
  private func encode(_ x: [Double], factor: Double) -> (cos: AlignedMemory<Double>, sin: AlignedMemory<Double>) {
    precondition(x.count == qubits, "\(x.count) inputs for \(qubits) qubits")
    let (cos, sin) = (AlignedMemory<Double>(count: qubits), AlignedMemory<Double>(count: qubits))
    for qubit in 0..<qubits { (sin.base[qubit], cos.base[qubit]) = Elementary.sinCos(factor * x[qubit]) }
    return (cos, sin)
  }
}
