public import QuantumCircuits
import VectorMath

/// The circuit as a function of one input vector, in double precision: what a physicist would write down. The kernels'
/// oracle, and the place where the gradient methods are compared.
extension Circuit {
  /// ⟨Z_i⟩ for the input x `[n]` and the parameters θ `[parameterRows, 2]`, in radians: gate by gate, or by a method of
  /// `CircuitEvaluator`.
  public func expectations(x: [Double], theta: [Double], method: CircuitMethod? = nil) -> [Double] {
    guard let method else {
      let (cos, sin) = encode(x, factor: 0.5)
      return GateByGateCircuit<Double>(self) { theta[$0] }.expectations(cos: cos, sin: sin)
    }
    return evaluate(x, theta, [], method).out
  }

  /// ∂/∂x and ∂/∂θ of Σ weights_i ⟨Z_i⟩ by the adjoint method, gate by gate, or by a method's own backward pass.
  public func gradient(
    x: [Double], theta: [Double], weights: [Double], method: CircuitMethod? = nil
  ) -> (dInput: [Double], dTheta: [Double]) {
    guard let method else {
      let (cos, sin) = encode(x, factor: 0.5)
      return GateByGateCircuit<Double>(self) { theta[$0] }.gradient(cos: cos, sin: sin, weights: weights)
    }
    let found = evaluate(x, theta, weights, method)
    return (found.dInput, found.dTheta)
  }

  private func evaluate(_ x: [Double], _ theta: [Double], _ weights: [Double], _ method: CircuitMethod)
    -> (out: [Double], dInput: [Double], dTheta: [Double])
  {
    let evaluator = CircuitEvaluator<Double>(circuit: self, method: method)
    evaluator.bind { theta[$0] }
    let memory = AlignedMemory<Double>(count: 5 * qubits)
    let views = (0..<5).map { ChannelView(memory.base + $0 * qubits, stride: 1) }
    let (cos, sin) = encode(x, factor: evaluator.encodingFactor)
    for qubit in 0..<qubits {
      (views[0][qubit], views[1][qubit]) = (cos[qubit], sin[qubit])
      views[3][qubit] = weights.isEmpty ? 0 : weights[qubit]
    }
    let dTheta = AlignedMemory<Double>(count: max(parameterCount, 1))
    evaluator.forward(cos: views[0], sin: views[1], out: views[2])
    evaluator.backward(cos: views[0], sin: views[1], dOut: views[3], dInput: views[4], dTheta: dTheta.base)
    func values(_ view: ChannelView<Double>) -> [Double] { (0..<qubits).map { view[$0] } }
    return (values(views[2]), values(views[4]), Array(dTheta.elements.prefix(parameterCount)))
  }

  /// The same gradient by the parameter-shift rule: every rotation, of the encoding or of a block, contributes
  /// ½ (f(angle + π/2) − f(angle − π/2)), exactly. Source: Schuld et al., Phys. Rev. A 99, 032331 (2019).
  public func parameterShiftGradient(
    x: [Double], theta: [Double], weights: [Double]
  ) -> (dInput: [Double], dTheta: [Double]) {
    // Every pair gets angles of its own, so that a shared parameter is shifted one occurrence at a time.
    let layout = Array(pairs.prefix(pairsPerLayer))
    let unshared = Circuit(
      qubits: qubits, pairs: layout, layers: layers, reuploading: uploads > 1, entangler: entangler)
    let angles = pairs.indices.flatMap { pair in
      (0..<2).map { theta[2 * parameterRow(ofPair: pair) + $0] }
    }
    // And every upload an input of its own, likewise.
    let inputs = (0..<uploads).flatMap { _ in x }
    func weighted(_ inputs: [Double], _ angles: [Double]) -> Double {
      let halves = inputs.map { Elementary.sinCos($0 / 2) }
      let found = GateByGateCircuit<Double>(unshared) { angles[$0] }
        .expectations(cos: halves.map(\.cos), sin: halves.map(\.sin))
      return zip(found, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func shifted(_ values: [Double], at index: Int, _ function: ([Double]) -> Double) -> Double {
      var (up, down) = (values, values)
      up[index] += Double.pi / 2
      down[index] -= Double.pi / 2
      return (function(up) - function(down)) / 2
    }
    var dInput = [Double](repeating: 0, count: qubits)
    for index in inputs.indices { dInput[index % qubits] += shifted(inputs, at: index) { weighted($0, angles) } }
    var dTheta = [Double](repeating: 0, count: parameterCount)
    for index in angles.indices {
      dTheta[2 * parameterRow(ofPair: index / 2) + index % 2] += shifted(angles, at: index) { weighted(inputs, $0) }
    }
    return (dInput, dTheta)
  }

  /// Cosines and sines of factor · x_i.
  private func encode(_ x: [Double], factor: Double) -> (cos: [Double], sin: [Double]) {
    precondition(x.count == qubits, "\(x.count) inputs for \(qubits) qubits")
    let pairs = x.map { Elementary.sinCos(factor * $0) }
    return (pairs.map(\.cos), pairs.map(\.sin))
  }
}
