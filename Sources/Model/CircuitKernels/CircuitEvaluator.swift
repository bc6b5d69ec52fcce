public import QuantumCircuits
public import VectorMath

/// Evaluates one circuit and its gradient for a token (`Double`) or for 16 tokens at once (`Lanes`), with parameters that
/// are the same for all. It owns its workspace: one evaluator per thread.
public final class CircuitEvaluator<Value: Arithmetic & BitwiseCopyable> {
  /// The circuit.
  public let circuit: Circuit
  /// The method.
  public let method: CircuitMethod

  /// cos and sin of each pair's two angles (Bloch) or half angles (state vector): [pairs, 2].
  @usableFromInline let rotationCos: AlignedMemory<Value>
  @usableFromInline let rotationSin: AlignedMemory<Value>
  @usableFromInline let bloch: BlochForm<Value>?
  @usableFromInline let register: RegisterSimulation<Value>?
  @usableFromInline let psi: StateVector<Value>
  @usableFromInline let lambda: StateVector<Value>
  @usableFromInline let capacity: Int

  /// An evaluator of `circuit` for up to `capacity` values per channel in one call.
  ///
  /// `gateByGate` takes the state vector through one gate after the other on all qubits, as the definition has it: the
  /// oracle of the fast forms.
  /// - Precondition: the method suits the circuit: `bloch` only if `circuit.hasBlochForm`.
  public init(circuit: Circuit, method: CircuitMethod, capacity: Int = 1, gateByGate: Bool = false) {
    self.circuit = circuit
    self.capacity = capacity
    self.method = method
    rotationCos = AlignedMemory(count: max(2 * circuit.pairs.count, 1))
    rotationSin = AlignedMemory(count: max(2 * circuit.pairs.count, 1))
    let simulated = method == .stateVector && gateByGate ? circuit.qubits : 0
    psi = StateVector(qubits: simulated)
    lambda = StateVector(qubits: simulated)
    bloch =
      method == .bloch ? BlochPlan(circuit).map { BlochForm(circuit: circuit, plan: $0, capacity: capacity) } : nil
    register = method == .stateVector && !gateByGate ? RegisterSimulation(circuit: circuit) : nil
    precondition(method == .stateVector || bloch != nil, "the circuit has no Bloch form")
  }

  /// By what the inputs are multiplied before their cosine and sine are taken: ½ for the amplitudes of the state vector, 1
  /// for Bloch vectors.
  @inlinable
  public var encodingFactor: Double { method == .stateVector ? 0.5 : 1 }

  /// Sets the parameters θ, `[parameterRows, 2]`, in radians.
  public func bind(theta: (Int) -> Double) {
    for pair in circuit.pairs.indices {
      let row = circuit.parameterRow(ofPair: pair)
      for which in 0..<2 {
        let (sin, cos) = Elementary.sinCos(theta(2 * row + which) * encodingFactor)
        rotationCos.base[2 * pair + which] = Value(broadcasting: cos)
        rotationSin.base[2 * pair + which] = Value(broadcasting: sin)
      }
    }
  }

  /// out_i = ⟨Z_i⟩ for the inputs whose scaled cosines and sines are given (see `encodingFactor`), `count` values per
  /// channel.
  @inlinable @inline(__always)
  public func forward(cos: ChannelView<Value>, sin: ChannelView<Value>, out: ChannelView<Value>, count: Int = 1) {
    precondition(count <= capacity, "more values than the evaluator has room for")
    if let bloch {
      bloch.run(cos: cos, sin: sin, count: count, rotationCos: rotationCos.base, rotationSin: rotationSin.base)
      for qubit in 0..<circuit.qubits {
        let (result, place) = (bloch.plane(bloch.finalZ[qubit], cos, sin), out.plane(qubit))
        for v in 0..<count { place[v] = result[v] }
      }
    } else if let register {
      for v in 0..<count {
        let (cos, sin) = (cos.dropping(v), sin.dropping(v))
        register.run(cos: cos, sin: sin, rotationCos: rotationCos.base, rotationSin: rotationSin.base)
        register.expectations(cos: cos, sin: sin, out: out.dropping(v))
      }
    } else {
      for v in 0..<count {
        simulate(cos: cos.dropping(v), sin: sin.dropping(v))
        for qubit in 0..<circuit.qubits { out.plane(qubit)[v] = psi.expectationZ(qubit) }
      }
    }
  }

  /// The gradient of Σ dOut_i ⟨Z_i⟩, summed over the `count` values per channel: adds ∂/∂x_i to `dInput` and ∂/∂θ to
  /// `dTheta` (`[parameterRows, 2]`).
  @inlinable @inline(__always)
  public func backward(
    cos: ChannelView<Value>, sin: ChannelView<Value>, dOut: ChannelView<Value>, dInput: ChannelView<Value>,
    dTheta: UnsafeMutablePointer<Value>, count: Int = 1
  ) {
    precondition(count <= capacity, "more values than the evaluator has room for")
    if let bloch {
      bloch.run(cos: cos, sin: sin, count: count, rotationCos: rotationCos.base, rotationSin: rotationSin.base)
      bloch.runBackward(
        cos: cos, sin: sin, count: count, rotationCos: rotationCos.base, rotationSin: rotationSin.base, dOut: dOut,
        dInput: dInput, dTheta: dTheta)
    } else if let register {
      for v in 0..<count {
        let (cos, sin) = (cos.dropping(v), sin.dropping(v))
        register.run(cos: cos, sin: sin, rotationCos: rotationCos.base, rotationSin: rotationSin.base)
        register.adjoint(
          cos: cos, sin: sin, rotationCos: rotationCos.base, rotationSin: rotationSin.base, dOut: dOut.dropping(v),
          dInput: dInput.dropping(v), dTheta: dTheta)
      }
    } else {
      for v in 0..<count {
        simulate(cos: cos.dropping(v), sin: sin.dropping(v))
        adjoint(dOut: dOut.dropping(v), dInput: dInput.dropping(v), dTheta: dTheta)
      }
    }
  }

  /// ψ = circuit applied to |0…0⟩, gate by gate.
  @inlinable
  func simulate(cos: ChannelView<Value>, sin: ChannelView<Value>) {
    psi.prepareProduct(cos: { cos[$0] }, sin: { sin[$0] })
    for (index, pair) in circuit.pairs.enumerated() {
      psi.applyRY(pair.control, cos: rotationCos.base[2 * index], sin: rotationSin.base[2 * index])
      psi.applyRY(pair.target, cos: rotationCos.base[2 * index + 1], sin: rotationSin.base[2 * index + 1])
      psi.applyCNOT(pair)
    }
  }

  /// The adjoint method: ψ and λ = Σ g_i Z_i ψ are taken back gate by gate, and each RY's derivative is ⟨λ|−iY|ψ⟩ just
  /// behind it. Source: Jones and Gacon, arXiv:2009.02823.
  @inlinable
  func adjoint(dOut: ChannelView<Value>, dInput: ChannelView<Value>, dTheta: UnsafeMutablePointer<Value>) {
    lambda.setToObservable(weights: { dOut[$0] }, of: psi)
    for index in stride(from: circuit.pairs.count - 1, through: 0, by: -1) {
      let pair = circuit.pairs[index]
      let row = 2 * circuit.parameterRow(ofPair: index)
      psi.applyCNOT(pair)
      lambda.applyCNOT(pair)
      dTheta[row + 1] = dTheta[row + 1] + lambda.rotationDerivative(pair.target, of: psi)
      dTheta[row] = dTheta[row] + lambda.rotationDerivative(pair.control, of: psi)
      for (qubit, angle) in [(pair.target, 2 * index + 1), (pair.control, 2 * index)] {
        let (c, s) = (rotationCos.base[angle], rotationSin.base[angle])
        psi.applyRY(qubit, cos: c, sin: -s)
        lambda.applyRY(qubit, cos: c, sin: -s)
      }
    }
    for qubit in 0..<circuit.qubits {
      dInput[qubit] = dInput[qubit] + lambda.rotationDerivative(qubit, of: psi)
    }
  }
}
