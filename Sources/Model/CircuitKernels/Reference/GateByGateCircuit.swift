public import QuantumCircuits
public import VectorMath

/// A circuit taken through one gate after the other on the amplitudes of all qubits, as the definition has it, with the
/// adjoint gradient: the oracle of `CircuitEvaluator`.
public final class GateByGateCircuit<Value: Arithmetic & BitwiseCopyable> {
  /// The circuit.
  public let circuit: Circuit
  private let rotations: Rotations<Value>
  private let psi: StateVector<Value>
  private let lambda: StateVector<Value>

  /// The circuit with parameters θ, `[parameterRows, 2]`, in radians.
  /// - Precondition: at most `Circuit.largestRegister` qubits.
  public init(_ circuit: Circuit, theta: (Int) -> Double) {
    precondition(circuit.qubits <= Circuit.largestRegister, "a state vector of \(circuit.qubits) qubits")
    self.circuit = circuit
    rotations = Rotations(circuit)
    rotations.bind(circuit, factor: 0.5, theta: theta)
    psi = StateVector(qubits: circuit.qubits)
    lambda = StateVector(qubits: circuit.qubits)
  }

  /// ⟨Z_i⟩ for the input whose halves have the given cosines and sines, `[n]`, or `[uploads, n]` for an input of its own in
  /// each upload.
  public func expectations(cos: [Value], sin: [Value]) -> [Value] {
    run(cos, sin)
    return (0..<circuit.qubits).map(psi.expectationZ)
  }

  /// The gradient of Σ weights_i ⟨Z_i⟩ by the adjoint method: ψ and λ = Σ weights_i Z_i ψ are taken back gate by gate, and
  /// each RY's derivative is ⟨λ|−iY|ψ⟩ just behind it. Source: Jones and Gacon, arXiv:2009.02823.
  public func gradient(cos: [Value], sin: [Value], weights: [Value]) -> (dInput: [Value], dTheta: [Value]) {
    var dInput = [Value](repeating: .zero, count: circuit.qubits)
    var dTheta = [Value](repeating: .zero, count: circuit.parameterCount)
    run(cos, sin)
    lambda.setToObservable(weights: { weights[$0] }, of: psi)
    for (index, pair) in circuit.pairs.enumerated().reversed() {
      let row = 2 * circuit.parameterRow(ofPair: index)
      if circuit.entangler == .cnot {
        psi.applyCNOT(pair)
        lambda.applyCNOT(pair)
      }
      dTheta[row + 1] =
        dTheta[row + 1] + takeBack(pair.target, rotations.cos[2 * index + 1], rotations.sin[2 * index + 1])
      dTheta[row] = dTheta[row] + takeBack(pair.control, rotations.cos[2 * index], rotations.sin[2 * index])
      if circuit.uploads(beforePair: index) {
        for qubit in dInput.indices { dInput[qubit] = dInput[qubit] + takeBack(qubit, cos[qubit], sin[qubit]) }
      }
    }
    // The first upload, and of a circuit without pairs all of them, which follow each other.
    for _ in 0..<(circuit.pairs.isEmpty ? circuit.uploads : 1) {
      for qubit in dInput.indices { dInput[qubit] = dInput[qubit] + takeBack(qubit, cos[qubit], sin[qubit]) }
    }
    return (dInput, dTheta)
  }

  /// ψ = circuit applied to |0…0⟩.
  private func run(_ cos: [Value], _ sin: [Value]) {
    var uploads = 1
    psi.prepareProduct(cos: { cos[$0] }, sin: { sin[$0] })
    func upload() {
      for qubit in 0..<circuit.qubits {
        let place = (uploads * circuit.qubits + qubit) % cos.count
        psi.applyRY(qubit, cos: cos[place], sin: sin[place])
      }
      uploads += 1
    }
    for (index, pair) in circuit.pairs.enumerated() {
      if circuit.uploads(beforePair: index) { upload() }
      psi.applyRY(pair.control, cos: rotations.cos[2 * index], sin: rotations.sin[2 * index])
      psi.applyRY(pair.target, cos: rotations.cos[2 * index + 1], sin: rotations.sin[2 * index + 1])
      if circuit.entangler == .cnot { psi.applyCNOT(pair) }
    }
    while uploads < circuit.uploads { upload() }
  }

  /// The derivative of the angle of the RY that was applied last on a qubit; ψ and λ are taken back through it.
  private func takeBack(_ qubit: Int, _ c: Value, _ s: Value) -> Value {
    let derivative = lambda.rotationDerivative(qubit, of: psi)
    psi.applyRY(qubit, cos: c, sin: -s)
    lambda.applyRY(qubit, cos: c, sin: -s)
    return derivative
  }
}
