public import QuantumCircuits
public import VectorMath

/// The 2ⁿ amplitudes of n qubits. RY and CNOT are real matrices and the qubits start in |0⟩, so the amplitudes are real.
///
/// An amplitude is a number (`Double`: the oracle) or 16 numbers (`Lanes`: 16 tokens simulated at once). Qubit 0 is the most
/// significant bit of the index: |q0 q1 … q(n−1)⟩.
///
/// Each gate is a pass over all amplitudes, as it is defined; `RegisterSimulation` is the fast form.
public struct StateVector<Amplitude: Arithmetic & BitwiseCopyable> {
  /// n.
  public let qubits: Int
  @usableFromInline let memory: AlignedMemory<Amplitude>

  /// Room for the state of n qubits; its content is undefined until it is prepared.
  public init(qubits: Int) {
    self.qubits = qubits
    memory = AlignedMemory(count: 1 << qubits)
  }

  /// The number of amplitudes, 2ⁿ.
  @inlinable @inline(__always)
  public var count: Int { 1 << qubits }

  /// The amplitude of a basis state.
  @inlinable @inline(__always)
  public subscript(index: Int) -> Amplitude {
    get { memory.base[index] }
    nonmutating set { memory.base[index] = newValue }
  }

  /// The distance in the index between the two values of a qubit.
  @inlinable @inline(__always)
  func step(of qubit: Int) -> Int { 1 << (qubits - 1 - qubit) }

  /// ⊗ (c_i|0⟩ + s_i|1⟩): the product state of the encoding, c = cos(x/2), s = sin(x/2) (eq. 2).
  @inlinable @inline(__always)
  public func prepareProduct(cos c: (Int) -> Amplitude, sin s: (Int) -> Amplitude) {
    let a = memory.base
    a[0] = .one
    // Qubit by qubit from the last: the part built so far fills the low bits and is doubled.
    var filled = 1
    for qubit in stride(from: qubits - 1, through: 0, by: -1) {
      let (zero, one) = (c(qubit), s(qubit))
      for index in 0..<filled {
        let amplitude = a[index]
        a[filled + index] = amplitude * one
        a[index] = amplitude * zero
      }
      filled *= 2
    }
  }

  /// RY(θ) on a qubit: (a₀, a₁) → (c a₀ − s a₁, s a₀ + c a₁), c = cos(θ/2), s = sin(θ/2). Its inverse is RY(−θ).
  @inlinable @inline(__always)
  public func applyRY(_ qubit: Int, cos c: Amplitude, sin s: Amplitude) {
    let a = memory.base
    let step = step(of: qubit)
    for block in stride(from: 0, to: count, by: 2 * step) {
      for index in block..<block + step {
        let (zero, one) = (a[index], a[index + step])
        a[index] = multiplyAdd(-s, one, c * zero)
        a[index + step] = multiplyAdd(s, zero, c * one)
      }
    }
  }

  /// CNOT: where the control is 1, the amplitudes of target 0 and 1 change places. It is its own inverse.
  @inlinable @inline(__always)
  public func applyCNOT(_ pair: QubitPair) {
    let a = memory.base
    let (control, target) = (step(of: pair.control), step(of: pair.target))
    for index in 0..<count where index & control != 0 && index & target == 0 {
      let zero = a[index]
      a[index] = a[index + target]
      a[index + target] = zero
    }
  }

  /// ⟨Z⟩ of a qubit: Σ ± a², + where the qubit is 0 (eq. 4).
  @inlinable @inline(__always)
  public func expectationZ(_ qubit: Int) -> Amplitude {
    let a = memory.base
    let step = step(of: qubit)
    var sum = Amplitude.zero
    for block in stride(from: 0, to: count, by: 2 * step) {
      for index in block..<block + step {
        sum = multiplyAdd(a[index], a[index], sum)
        sum = multiplyAdd(-a[index + step], a[index + step], sum)
      }
    }
    return sum
  }

  /// ⟨ψ|ψ⟩, which every gate preserves.
  public func squaredNorm() -> Amplitude {
    var sum = Amplitude.zero
    for index in 0..<count { sum = multiplyAdd(self[index], self[index], sum) }
    return sum
  }

  /// ⟨λ| −iY |ψ⟩ on a qubit: Σ λ₁ a₀ − λ₀ a₁, with λ = `self`, a = `state`. As d RY(θ)/dθ = ½ (−iY) RY(θ), this is the
  /// derivative of ⟨O⟩ with respect to the angle of the RY that was applied last on that qubit, when λ = O ψ.
  @inlinable @inline(__always)
  public func rotationDerivative(_ qubit: Int, of state: StateVector) -> Amplitude {
    let (l, a) = (memory.base, state.memory.base)
    let step = step(of: qubit)
    var sum = Amplitude.zero
    for block in stride(from: 0, to: count, by: 2 * step) {
      for index in block..<block + step {
        sum = multiplyAdd(l[index + step], a[index], sum)
        sum = multiplyAdd(-l[index], a[index + step], sum)
      }
    }
    return sum
  }

  /// self = Σ_i g_i Z_i |ψ⟩, with ψ = `state`: what the adjoint method starts from.
  @inlinable @inline(__always)
  public func setToObservable(weights g: (Int) -> Amplitude, of state: StateVector) {
    let (l, a) = (memory.base, state.memory.base)
    // The diagonal Σ ± g_i is built by doubling, like the product state.
    l[0] = .zero
    var filled = 1
    for qubit in stride(from: qubits - 1, through: 0, by: -1) {
      let weight = g(qubit)
      for index in 0..<filled {
        let partial = l[index]
        l[filled + index] = partial - weight
        l[index] = partial + weight
      }
      filled *= 2
    }
    for index in 0..<count { l[index] = l[index] * a[index] }
  }
}
