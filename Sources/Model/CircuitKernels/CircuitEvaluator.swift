public import QuantumCircuits
public import VectorMath

/// Evaluates one circuit and its gradient for a token (`Double`) or for 16 tokens at once (`Lanes`), with parameters that
/// are the same for all. It owns its workspace: one evaluator per thread.
///
/// Two engines do the work: `BlochForm`, and `RegisterSimulation` for the circuits that have no closed form. Their oracle is
/// `GateByGateCircuit`.
public final class CircuitEvaluator<Value: Arithmetic & BitwiseCopyable> {
  /// What computes a method's numbers.
  @usableFromInline
  enum Engine {
    case bloch(BlochForm<Value>)
    case register(RegisterSimulation<Value>)
  }

  /// The circuit.
  public let circuit: Circuit
  /// The method.
  public let method: CircuitMethod

  @usableFromInline let engine: Engine
  /// cos and sin of each pair's two angles (Bloch) or half angles (state vector): [pairs, 2].
  @usableFromInline let rotations: Rotations<Value>
  @usableFromInline let capacity: Int

  /// An evaluator of `circuit` for up to `capacity` values per channel in one call.
  /// - Precondition: `method.problem(circuit) == nil`.
  public init(circuit: Circuit, method: CircuitMethod, capacity: Int = 1) {
    self.circuit = circuit
    self.capacity = capacity
    self.method = method
    rotations = Rotations(circuit)
    if let problem = method.problem(circuit) { preconditionFailure(problem) }
    switch method {
    case .bloch:
      guard let plan = BlochPlan(circuit) else { preconditionFailure("the circuit has no Bloch form") }
      engine = .bloch(BlochForm(circuit: circuit, plan: plan, capacity: capacity))
    case .stateVector: engine = .register(RegisterSimulation(circuit: circuit))
    }
  }

  /// By what the inputs are multiplied before their cosine and sine are taken: ½ for the amplitudes of the state vector, 1
  /// for Bloch vectors.
  @inlinable
  public var encodingFactor: Double { method == .stateVector ? 0.5 : 1 }

  /// Sets the parameters θ, `[parameterRows, 2]`, in radians.
  public func bind(theta: (Int) -> Double) { rotations.bind(circuit, factor: encodingFactor, theta: theta) }

  /// out_i = ⟨Z_i⟩ for the inputs whose scaled cosines and sines are given (see `encodingFactor`), `count` values per
  /// channel.
  @inlinable @inline(__always)
  public func forward(cos: ChannelView<Value>, sin: ChannelView<Value>, out: ChannelView<Value>, count: Int = 1) {
    precondition(count <= capacity, "more values than the evaluator has room for")
    switch engine {
    case .bloch(let bloch):
      bloch.run(cos: cos, sin: sin, count: count, rotationCos: rotations.cos, rotationSin: rotations.sin)
      for qubit in 0..<circuit.qubits {
        let (result, place) = (bloch.plane(bloch.finalZ[qubit], cos, sin), out.plane(qubit))
        for v in 0..<count { place[v] = result[v] }
      }
    case .register(let register):
      for v in 0..<count {
        let (cos, sin) = (cos.dropping(v), sin.dropping(v))
        register.run(cos: cos, sin: sin, rotationCos: rotations.cos, rotationSin: rotations.sin)
        register.expectations(cos: cos, sin: sin, out: out.dropping(v))
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
    switch engine {
    case .bloch(let bloch):
      bloch.run(cos: cos, sin: sin, count: count, rotationCos: rotations.cos, rotationSin: rotations.sin)
      bloch.runBackward(
        cos: cos, sin: sin, count: count, rotationCos: rotations.cos, rotationSin: rotations.sin, dOut: dOut,
        dInput: dInput, dTheta: dTheta)
    case .register(let register):
      for v in 0..<count {
        let (cos, sin) = (cos.dropping(v), sin.dropping(v))
        register.run(cos: cos, sin: sin, rotationCos: rotations.cos, rotationSin: rotations.sin)
        register.adjoint(
          cos: cos, sin: sin, rotationCos: rotations.cos, rotationSin: rotations.sin, dOut: dOut.dropping(v),
          dInput: dInput.dropping(v), dTheta: dTheta)
      }
    }
  }
}
