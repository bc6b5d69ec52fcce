public import QuantumCircuits
public import VectorMath

/// A circuit whose pairs form a forest, token by token as the derivation of docs/circuits.md has it, with the gradient read
/// off line by line: the oracle where a state vector would be too long.
///
///     z, x = cos x_i, sin x_i of every qubit; for each pair (a, b), behind its two rotations,
///     z_b ← z_a z_b,   x_a ← x_a x_b
public struct ForestCircuit<S: Scalar> {
  /// The circuit.
  public let circuit: Circuit
  private let angles: [(cos: S, sin: S)]

  /// The circuit with parameters θ, `[parameterRows, 2]`, in radians.
  /// - Precondition: no pair joins qubits that earlier ones have connected, and inputs are uploaded once.
  public init(_ circuit: Circuit, theta: [S]) {
    precondition(circuit.uploads == 1, "inputs are uploaded again")
    var component = Array(0..<circuit.qubits)
    for pair in circuit.pairs where circuit.entangler == .cnot {
      let (a, b) = (component[pair.control], component[pair.target])
      precondition(a != b, "pair (\(pair.control), \(pair.target)) closes a cycle")
      for qubit in component.indices where component[qubit] == b { component[qubit] = a }
    }
    self.circuit = circuit
    angles = circuit.pairs.indices.flatMap { pair in
      (0..<2).map { which in
        let (sin, cos) = theta[2 * circuit.parameterRow(ofPair: pair) + which].sinCos()
        return (cos, sin)
      }
    }
  }

  /// ⟨Z_i⟩ for the inputs x `[n]`, in radians.
  public func expectations(_ x: [S]) -> [S] { run(x).last?.z ?? [] }

  /// The gradient of Σ weights_i ⟨Z_i⟩: ∂/∂x `[n]`, and ∂/∂θ, `[parameterRows, 2]`.
  public func gradient(_ x: [S], weights: [S]) -> (dInput: [S], dTheta: [S]) {
    let states = run(x)
    var (dz, dx) = (weights, [S](repeating: 0, count: circuit.qubits))
    var dTheta = [S](repeating: 0, count: circuit.parameterCount)
    for (index, pair) in circuit.pairs.enumerated().reversed() {
      let (a, b) = (pair.control, pair.target)
      // What the two were behind the rotations.
      let (za, xa) = turned(states[index], a, angles[2 * index])
      let (zb, xb) = turned(states[index], b, angles[2 * index + 1])
      if circuit.entangler == .cnot {
        let (gz, gx) = (dz[b], dx[a])
        (dz[a], dz[b]) = (dz[a] + gz * zb, gz * za)
        (dx[a], dx[b]) = (gx * xb, dx[b] + gx * xa)
      }
      let row = 2 * circuit.parameterRow(ofPair: index)
      for (qubit, z, x, which) in [(a, za, xa, 0), (b, zb, xb, 1)] {
        // d(z, x)/dθ = (−x, z) behind the rotation, and the gradient is turned back.
        let (gz, gx) = (dz[qubit], dx[qubit])
        let dAngle: S = gx * z - gz * x
        dTheta[row + which] = dTheta[row + which] + dAngle
        let (c, s) = angles[2 * index + which]
        dz[qubit] = gz * c + gx * s
        dx[qubit] = gx * c - gz * s
      }
    }
    let inputs = states[0]
    return ((0..<circuit.qubits).map { dx[$0] * inputs.z[$0] - dz[$0] * inputs.x[$0] }, dTheta)
  }

  /// The Bloch pairs before every pair, and behind the last.
  private func run(_ x: [S]) -> [(z: [S], x: [S])] {
    precondition(x.count == circuit.qubits, "\(x.count) inputs for \(circuit.qubits) qubits")
    let inputs = x.map { $0.sinCos() }
    var states = [(z: inputs.map(\.cos), x: inputs.map(\.sin))]
    for (index, pair) in circuit.pairs.enumerated() {
      var next = states[index]
      let (a, b) = (pair.control, pair.target)
      let (za, xa) = turned(next, a, angles[2 * index])
      let (zb, xb) = turned(next, b, angles[2 * index + 1])
      let entangles = circuit.entangler == .cnot
      (next.z[a], next.x[a]) = (za, entangles ? xa * xb : xa)
      (next.z[b], next.x[b]) = (entangles ? za * zb : zb, xb)
      states.append(next)
    }
    return states
  }

  private func turned(_ state: (z: [S], x: [S]), _ qubit: Int, _ angle: (cos: S, sin: S)) -> (S, S) {
    let (z, x) = (state.z[qubit], state.x[qubit])
    return (z * angle.cos - x * angle.sin, x * angle.cos + z * angle.sin)
  }
}
