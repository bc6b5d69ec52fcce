public import Numerics

/// The closed form of circuits whose pairs form no cycle.
///
/// All states are real, so a single qubit's reduced state is its Bloch pair (z, x) = (⟨Z⟩, ⟨X⟩), at first
/// (cos x_i, sin x_i). When a block is applied to a pair (a, b) that no earlier block has connected, a and b are
/// independent, ⟨P_a Q_b⟩ = ⟨P_a⟩⟨Q_b⟩, and the block acts on the two Bloch pairs alone:
///
///     RY(θ):      z ← z cos θ − x sin θ,   x ← x cos θ + z sin θ
///     CNOT(a,b):  z_b ← z_a z_b,   x_a ← x_a x_b,   z_a and x_b unchanged
///
/// (CNOT† Z_b CNOT = Z_a Z_b and CNOT† X_a CNOT = X_a X_b.) What the two share from then on is never needed, because in a
/// forest they do not meet again. One pass over the pairs gives all ⟨Z_i⟩; docs/circuits.md has the derivation.
@usableFromInline
struct BlochForm<Value: Arithmetic & BitwiseCopyable> {
  /// ⟨Z⟩ and ⟨X⟩ of each qubit: [n].
  @usableFromInline let z: UnsafeMutablePointer<Value>
  @usableFromInline let x: UnsafeMutablePointer<Value>
  /// For each pair the rotated (z_a, x_a, z_b, x_b) just before its CNOT: [pairs, 4].
  @usableFromInline let saved: UnsafeMutablePointer<Value>
  /// The gradients with respect to z and x: [n].
  @usableFromInline let dz: UnsafeMutablePointer<Value>
  @usableFromInline let dx: UnsafeMutablePointer<Value>
  private let memory: AlignedMemory<Value>

  init(circuit: Circuit) {
    let n = circuit.qubits
    memory = AlignedMemory(count: 4 * n + 4 * circuit.pairs.count)
    z = memory.base
    x = z + n
    dz = x + n
    dx = dz + n
    saved = dx + n
  }

  /// Fills z and x with the circuit's result, and `saved`.
  @inlinable @inline(__always)
  func run(
    _ circuit: Circuit, cos: ChannelView<Value>, sin: ChannelView<Value>, rotationCos: UnsafeMutablePointer<Value>,
    rotationSin: UnsafeMutablePointer<Value>
  ) {
    for qubit in 0..<circuit.qubits {
      z[qubit] = cos[qubit]
      x[qubit] = sin[qubit]
    }
    circuit.pairs.withUnsafeBufferPointer { pairs in
      for index in 0..<pairs.count {
        let (a, b) = (pairs[index].control, pairs[index].target)
        let (za, xa) = rotate(z[a], x[a], rotationCos[2 * index], rotationSin[2 * index])
        let (zb, xb) = rotate(z[b], x[b], rotationCos[2 * index + 1], rotationSin[2 * index + 1])
        saved[4 * index] = za
        saved[4 * index + 1] = xa
        saved[4 * index + 2] = zb
        saved[4 * index + 3] = xb
        z[a] = za
        x[a] = xa * xb
        z[b] = za * zb
        x[b] = xb
      }
    }
  }

  /// The gradient, after `run`. A rotation's own derivative is d(z, x)/dθ = (−x, z) behind it.
  @inlinable @inline(__always)
  func runBackward(
    _ circuit: Circuit, cos: ChannelView<Value>, sin: ChannelView<Value>, rotationCos: UnsafeMutablePointer<Value>,
    rotationSin: UnsafeMutablePointer<Value>, dOut: ChannelView<Value>, dInput: ChannelView<Value>,
    dTheta: UnsafeMutablePointer<Value>
  ) {
    for qubit in 0..<circuit.qubits {
      dz[qubit] = dOut[qubit]
      dx[qubit] = .zero
    }
    circuit.pairs.withUnsafeBufferPointer { pairs in
      for index in stride(from: pairs.count - 1, through: 0, by: -1) {
        let (a, b) = (pairs[index].control, pairs[index].target)
        let (za, xa, zb, xb) = (saved[4 * index], saved[4 * index + 1], saved[4 * index + 2], saved[4 * index + 3])
        // Back through CNOT.
        let dza = dz[b].multiplied(by: zb, adding: dz[a])
        let dzb = dz[b] * za
        let dxb = dx[a].multiplied(by: xa, adding: dx[b])
        let dxa = dx[a] * xb
        // Back through the two rotations.
        let row = 2 * circuit.parameterRow(ofPair: index)
        dTheta[row] = dTheta[row] + (dxa.multiplied(by: za, adding: -(dza * xa)))
        dTheta[row + 1] = dTheta[row + 1] + (dxb.multiplied(by: zb, adding: -(dzb * xb)))
        (dz[a], dx[a]) = rotate(dza, dxa, rotationCos[2 * index], -rotationSin[2 * index])
        (dz[b], dx[b]) = rotate(dzb, dxb, rotationCos[2 * index + 1], -rotationSin[2 * index + 1])
      }
    }
    for qubit in 0..<circuit.qubits {
      let towards = dx[qubit].multiplied(by: cos[qubit], adding: -(dz[qubit] * sin[qubit]))
      dInput[qubit] = dInput[qubit] + towards
    }
  }

  /// (z cos θ − x sin θ, x cos θ + z sin θ).
  @inlinable @inline(__always)
  func rotate(_ z: Value, _ x: Value, _ c: Value, _ s: Value) -> (Value, Value) {
    ((-s).multiplied(by: x, adding: c * z), s.multiplied(by: z, adding: c * x))
  }
}
