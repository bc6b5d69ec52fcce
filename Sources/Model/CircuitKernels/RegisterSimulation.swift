import QuantumCircuits
public import VectorMath

/// The state vector of a circuit and its adjoint gradient, on the register of a `RegisterPlan`: the fast form of
/// `StateVector`, with the same result up to rounding.
///
/// A pair is one pass over the amplitudes, four at a time: a_ef with e the bit of the qubit that was in the register and f
/// that of the other. If f's qubit joins, a_e0 = c a_e and a_e1 = s a_e. The entangler decides where the four are stored.
/// Where inputs are uploaded again, each joined qubit's rotation is a pass of its own over the amplitudes.
///
/// Backward, with λ = Σ g_i Z_i ψ (docs/circuits.md): behind the rotations the derivatives of the two angles are
///
///     dθ_e = Σ λ_1f a_0f − λ_0f a_1f,   dθ_f = Σ λ_e1 a_e0 − λ_e0 a_e1
///
/// and where f's qubit leaves again, its state (c, s) is taken out of both: all that remains to be derived acts on the
/// others, and ⟨λ| O ⊗ 1 |r ⊗ (c, s)⟩ = ⟨m| O |r⟩ with
///
///     r_e = c a_e0 + s a_e1,   m_e = c λ_e0 + s λ_e1,   dθ_f = Σ (c λ_e1 − s λ_e0) r_e
@usableFromInline
struct RegisterSimulation<Value: Arithmetic & BitwiseCopyable> {
  @usableFromInline let plan: RegisterPlan
  @usableFromInline let psi: AlignedMemory<Value>
  @usableFromInline let lambda: AlignedMemory<Value>
  /// (c, s) of the qubits that join with a pair, [qubits, 2].
  @usableFromInline let factors: AlignedMemory<Value>

  init(circuit: Circuit) {
    plan = RegisterPlan(circuit)
    psi = AlignedMemory(count: 1 << plan.joined.count)
    lambda = AlignedMemory(count: 1 << plan.joined.count)
    factors = AlignedMemory(count: 2 * circuit.qubits)
  }

  /// The k-th index whose bits at two distances are 0, the smaller one given first.
  @inlinable @inline(__always)
  static func index(_ k: Int, _ smaller: Int, _ larger: Int) -> Int {
    let once = k &+ (k & (0 &- smaller))
    return once &+ (once & (0 &- larger))
  }

  /// (c a₀ − s a₁, s a₀ + c a₁).
  @inlinable @inline(__always)
  func rotate(_ zero: Value, _ one: Value, _ c: Value, _ s: Value) -> (Value, Value) {
    (multiplyAdd(-s, one, c * zero), multiplyAdd(s, zero, c * one))
  }

  /// ψ = circuit applied to |0…0⟩, for the halved angles whose cosines and sines are given.
  @inlinable
  func run(
    cos: ChannelView<Value>, sin: ChannelView<Value>, rotationCos: UnsafePointer<Value>,
    rotationSin: UnsafePointer<Value>
  ) {
    let (a, factors) = (psi.base, factors.base)
    a[0] = .one
    for step in plan.steps {
      if step.uploads {
        for (place, qubit) in plan.joined.enumerated() { turn(a, 1 << place, cos[qubit], sin[qubit]) }
      }
      if let qubit = step.leading {
        let (c, s, half) = (cos[qubit], sin[qubit], step.count / 4)
        for i in 0..<half {
          a[half &+ i] = a[i] * s
          a[i] = a[i] * c
        }
      }
      let (ce, se) = (rotationCos[step.angles.first], rotationSin[step.angles.first])
      let (cf, sf) = (rotationCos[step.angles.second], rotationSin[step.angles.second])
      if let qubit = step.joining {
        let (c, s) = rotate(cos[qubit], sin[qubit], cf, sf)
        (factors[2 * qubit], factors[2 * qubit + 1]) = (c, s)
        quads(of: step) { e, f, i in
          let (zero, one) = rotate(a[i], a[i &+ e], ce, se)
          return (c * zero, s * zero, c * one, s * one)
        }
      } else {
        quads(of: step) { e, f, i in
          let (x00, x10) = rotate(a[i], a[i &+ e], ce, se)
          let (x01, x11) = rotate(a[i &+ f], a[i &+ e &+ f], ce, se)
          let (y00, y01) = rotate(x00, x01, cf, sf)
          let (y10, y11) = rotate(x10, x11, cf, sf)
          return (y00, y01, y10, y11)
        }
      }
    }
  }

  /// Calls `body` with the two distances and the first index of each four amplitudes; what it returns, a₀₀, a₀₁, a₁₀, a₁₁,
  /// is stored behind the entangler.
  @inlinable @inline(__always)
  func quads(
    of step: RegisterPlan.Step, _ body: (_ e: Int, _ f: Int, _ i: Int) -> (Value, Value, Value, Value)
  ) {
    let (a, e, f) = (psi.base, step.first, step.second)
    let (smaller, larger) = (min(e, f), max(e, f))
    let (at01, at10, at11) = (step.at01, step.at10, step.at11)
    for k in 0..<step.count / 4 {
      let i = Self.index(k, smaller, larger)
      let (x00, x01, x10, x11) = body(e, f, i)
      a[i] = x00
      a[i &+ at01] = x01
      a[i &+ at10] = x10
      a[i &+ at11] = x11
    }
  }

  /// out_i = ⟨Z_i⟩, after `run`: twice the probability of 0, less the sum of all. λ is scratch.
  @inlinable
  func expectations(cos: ChannelView<Value>, sin: ChannelView<Value>, out: ChannelView<Value>) {
    let (a, p) = (psi.base, lambda.base)
    var count = 1 << plan.joined.count
    for i in 0..<count { p[i] = a[i] * a[i] }
    for qubit in plan.joined.reversed() {
      count /= 2
      var (even, odd) = (p[0], Value.zero)
      if count > 1 { odd = p[1] }
      for i in stride(from: 2, to: count, by: 2) {
        even = even + p[i]
        odd = odd + p[i &+ 1]
      }
      out[qubit] = even + odd
      for i in 0..<count { p[i] = p[i] + p[i &+ count] }
    }
    let (two, total) = (Value(broadcasting: 2), p[0])
    for qubit in plan.joined { out[qubit] = multiplyAdd(two, out[qubit], -total) }
    for qubit in plan.idle {
      let (c, s) = idleState(cos[qubit], sin[qubit])
      out[qubit] = multiplyAdd(-s, s, c * c)
    }
  }

  /// The gradient of Σ dOut_i ⟨Z_i⟩, after `run`: adds to `dInput` and `dTheta`.
  @inlinable
  func adjoint(
    cos: ChannelView<Value>, sin: ChannelView<Value>, rotationCos: UnsafePointer<Value>,
    rotationSin: UnsafePointer<Value>, dOut: ChannelView<Value>, dInput: ChannelView<Value>,
    dTheta: UnsafeMutablePointer<Value>
  ) {
    setLambda(dOut: dOut)
    for step in plan.steps.reversed() {
      let (ce, se) = (rotationCos[step.angles.first], rotationSin[step.angles.first])
      let (first, second): (Value, Value)
      if let qubit = step.joining {
        (first, second) = leave(step, ce, se, factors.base[2 * qubit], factors.base[2 * qubit + 1])
        dInput[qubit] = dInput[qubit] + second
      } else {
        (first, second) = undo(step, ce, se, rotationCos[step.angles.second], rotationSin[step.angles.second])
      }
      dTheta[step.parameters.first] = dTheta[step.parameters.first] + first
      dTheta[step.parameters.second] = dTheta[step.parameters.second] + second
      if let qubit = step.leading {
        dInput[qubit] = dInput[qubit] + leaveAlone(half: step.count / 4, cos[qubit], sin[qubit])
      }
      if step.uploads {
        for (place, qubit) in plan.joined.enumerated() {
          dInput[qubit] = dInput[qubit] + turnBack(1 << place, cos[qubit], sin[qubit])
        }
      }
    }
    // d⟨Z⟩/dx = −sin x for each upload, with the halved angle.
    for qubit in plan.idle {
      let (c, s) = idleState(cos[qubit], sin[qubit])
      let product = dOut[qubit] * c * s
      for _ in 0..<plan.uploads { dInput[qubit] = dInput[qubit] - (product + product) }
    }
  }

  /// (c, s) of a qubit that only the encoding acts on.
  @inlinable @inline(__always)
  func idleState(_ c: Value, _ s: Value) -> (Value, Value) {
    var state = (c, s)
    for _ in 1..<plan.uploads { state = rotate(state.0, state.1, c, s) }
    return state
  }

  /// λ = Σ g_i Z_i ψ over the joined qubits; the diagonal Σ ± g_i is built by doubling.
  @inlinable
  func setLambda(dOut: ChannelView<Value>) {
    let (a, l) = (psi.base, lambda.base)
    l[0] = .zero
    var filled = 1
    for qubit in plan.joined {
      let weight = dOut[qubit]
      for i in 0..<filled {
        let partial = l[i]
        l[filled &+ i] = partial - weight
        l[i] = partial + weight
      }
      filled *= 2
    }
    for i in 0..<filled { l[i] = l[i] * a[i] }
  }

  /// Four amplitudes before the entangler: a₀₀, a₀₁, a₁₀, a₁₁.
  @inlinable @inline(__always)
  func beforeEntangler(
    _ memory: UnsafeMutablePointer<Value>, _ step: RegisterPlan.Step, _ i: Int
  ) -> (Value, Value, Value, Value) {
    (memory[i], memory[i &+ step.at01], memory[i &+ step.at10], memory[i &+ step.at11])
  }

  /// RY of one qubit of the full register, whose two values are `distance` apart.
  @inlinable
  func turn(_ memory: UnsafeMutablePointer<Value>, _ distance: Int, _ c: Value, _ s: Value) {
    for k in 0..<(1 << plan.joined.count) / 2 {
      let i = Self.index(k, distance, 0)
      (memory[i], memory[i &+ distance]) = rotate(memory[i], memory[i &+ distance], c, s)
    }
  }

  /// Takes the full register's ψ and λ back through RY of one qubit; returns the derivative of its angle.
  @inlinable
  func turnBack(_ distance: Int, _ c: Value, _ s: Value) -> Value {
    let (a, l) = (psi.base, lambda.base)
    var derivative = Value.zero
    for k in 0..<(1 << plan.joined.count) / 2 {
      let i = Self.index(k, distance, 0)
      derivative = multiplyAdd(l[i &+ distance], a[i], derivative)
      derivative = multiplyAdd(-l[i], a[i &+ distance], derivative)
    }
    turn(a, distance, c, -s)
    turn(l, distance, c, -s)
    return derivative
  }

  /// Takes ψ and λ back through a pair whose second qubit leaves; returns the derivatives of the two angles.
  @inlinable
  func leave(_ step: RegisterPlan.Step, _ ce: Value, _ se: Value, _ c: Value, _ s: Value) -> (Value, Value) {
    let (a, l) = (psi.base, lambda.base)
    let (e, f) = (step.first, step.second)
    let inverse = -se
    var (first, second) = (Value.zero, Value.zero)
    for k in 0..<step.count / 4 {
      let i = Self.index(k, e, f)
      let (a00, a01, a10, a11) = beforeEntangler(a, step, i)
      let (l00, l01, l10, l11) = beforeEntangler(l, step, i)
      let r0 = multiplyAdd(s, a01, c * a00)
      let r1 = multiplyAdd(s, a11, c * a10)
      let m0 = multiplyAdd(s, l01, c * l00)
      let m1 = multiplyAdd(s, l11, c * l10)
      let d0 = multiplyAdd(-s, l00, c * l01)
      let d1 = multiplyAdd(-s, l10, c * l11)
      second = multiplyAdd(d0, r0, multiplyAdd(d1, r1, second))
      first = multiplyAdd(m1, r0, multiplyAdd(-m0, r1, first))
      (a[i], a[i &+ e]) = rotate(r0, r1, ce, inverse)
      (l[i], l[i &+ e]) = rotate(m0, m1, ce, inverse)
    }
    return (first, second)
  }

  /// Takes ψ and λ back through a pair of qubits that both stay; returns the derivatives of the two angles.
  @inlinable
  func undo(_ step: RegisterPlan.Step, _ ce: Value, _ se: Value, _ cf: Value, _ sf: Value) -> (Value, Value) {
    let (a, l) = (psi.base, lambda.base)
    let (e, f) = (step.first, step.second)
    let (smaller, larger) = (min(e, f), max(e, f))
    let (inverseE, inverseF) = (-se, -sf)
    var (first, second) = (Value.zero, Value.zero)
    for k in 0..<step.count / 4 {
      let i = Self.index(k, smaller, larger)
      let (a00, a01, a10, a11) = beforeEntangler(a, step, i)
      let (l00, l01, l10, l11) = beforeEntangler(l, step, i)
      first =
        first
        + multiplyAdd(l10, a00, multiplyAdd(-l00, a10, multiplyAdd(l11, a01, -(l01 * a11))))
      second =
        second
        + multiplyAdd(l01, a00, multiplyAdd(-l00, a01, multiplyAdd(l11, a10, -(l10 * a11))))
      undo(a, e, f, i, (a00, a01, a10, a11), ce, inverseE, cf, inverseF)
      undo(l, e, f, i, (l00, l01, l10, l11), ce, inverseE, cf, inverseF)
    }
    return (first, second)
  }

  /// Two rotations of four amplitudes, stored where they are.
  @inlinable @inline(__always)
  func undo(
    _ memory: UnsafeMutablePointer<Value>, _ e: Int, _ f: Int, _ i: Int, _ x: (Value, Value, Value, Value),
    _ ce: Value, _ se: Value, _ cf: Value, _ sf: Value
  ) {
    let (x00, x10) = rotate(x.0, x.2, ce, se)
    let (x01, x11) = rotate(x.1, x.3, ce, se)
    (memory[i], memory[i &+ f]) = rotate(x00, x01, cf, sf)
    (memory[i &+ e], memory[i &+ e &+ f]) = rotate(x10, x11, cf, sf)
  }

  /// Takes the last qubit out of ψ and λ; returns the derivative of its angle.
  @inlinable
  func leaveAlone(half: Int, _ c: Value, _ s: Value) -> Value {
    let (a, l) = (psi.base, lambda.base)
    var derivative = Value.zero
    for i in 0..<half {
      let r = multiplyAdd(s, a[half &+ i], c * a[i])
      derivative = multiplyAdd(multiplyAdd(-s, l[i], c * l[half &+ i]), r, derivative)
      l[i] = multiplyAdd(s, l[half &+ i], c * l[i])
      a[i] = r
    }
    return derivative
  }
}
