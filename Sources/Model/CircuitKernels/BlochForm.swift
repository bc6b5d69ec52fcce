import QuantumCircuits
public import VectorMath

/// The closed form of circuits whose pairs form a forest, or close cycles in a way that two-point correlations suffice for
/// (`BlochPlan`).
///
/// All states are real, so a single qubit's reduced state is its Bloch pair (z, x) = (⟨Z⟩, ⟨X⟩), at first
/// (cos x_i, sin x_i). A block on a pair (a, b) that no earlier block has connected finds a and b independent,
/// ⟨P_a Q_b⟩ = ⟨P_a⟩⟨Q_b⟩, and acts on the two Bloch pairs alone:
///
///     RY(θ):      z ← z cos θ − x sin θ,   x ← x cos θ + z sin θ
///     CNOT(a,b):  z_b ← ⟨Z_a Z_b⟩,   x_a ← ⟨X_a X_b⟩,   z_a and x_b unchanged
///
/// A block that closes a cycle needs the correlations of its two qubits, which are carried along the pairs that made them
/// (`BlochForm+Correlations`). docs/circuits.md has the derivation, and an example of four qubits with numbers.
///
/// Values come as planes: V consecutive elements per quantity, one for each token (or 16 tokens); every step of the form is
/// a loop over a plane.
@usableFromInline
struct BlochForm<Value: Arithmetic & BitwiseCopyable> {
  /// One pair (a, b) of the circuit, a the control and b the target, with the places of its planes.
  @usableFromInline
  struct Block {
    @usableFromInline var control: Int
    @usableFromInline var target: Int
    /// Where the pair's two angles are in θ: the index of the first.
    @usableFromInline var row: Int
    /// The Bloch pairs of a and b before the pair.
    @usableFromInline var controlBefore: BlochPlanes
    @usableFromInline var targetBefore: BlochPlanes
    /// The first of six planes: z_a, x_a, z_b, x_b behind the rotations, then x_a and z_b behind the CNOT. z_a and x_b are the
    /// same behind both, so six planes are all that the backward pass needs of a pair.
    @usableFromInline var results: Int
    /// For a pair that closes a cycle, where the correlations of its qubits come from (four planes: ZZ, ZX, XZ, XX).
    @usableFromInline var correlations: Int?
    /// What the pair does to the correlations that later pairs need: a range of `steps`.
    @usableFromInline var steps: Range<Int>
    /// Where the gradients of `correlations` are.
    @usableFromInline var slot: Int
    /// Whether a CNOT follows the rotations.
    @usableFromInline var entangles: Bool
  }

  @usableFromInline let blocks: [Block]
  @usableFromInline let steps: [CorrelationStep]
  @usableFromInline let qubits: Int
  /// Planes behind those of the input that hold each qubit's final z.
  @usableFromInline let finalZ: [Int]
  /// V at most.
  @usableFromInline let capacity: Int
  /// The first plane of the gradients: z and x of each qubit, then four per closing pair. A plane's gradient is kept only as
  /// long as it is the qubit's current one.
  @usableFromInline let gradients: Int
  @usableFromInline let gradientPlanes: Int
  @usableFromInline let memory: AlignedMemory<Value>

  /// Plane i < n is the cosine of qubit i, plane n + i its sine; the others are in `memory`.
  init(circuit: Circuit, plan: BlochPlan, capacity: Int) {
    let n = circuit.qubits
    // Where each qubit's Bloch pair is at the point of the circuit that has been reached: at first in the input's planes.
    var bloch = (0..<n).map { BlochPlanes(z: $0, x: n + $0) }
    var next = 2 * n
    var current: [Int: Int] = [:]  // closing pair → the four planes of its correlations
    var slots: [Int: Int] = [:]  // closing pair → the four planes of their gradients
    var blocks: [Block] = []
    var steps: [CorrelationStep] = []
    for (index, pair) in circuit.pairs.enumerated() {
      let (a, b) = (pair.control, pair.target)
      let results = next
      next += 6
      let firstStep = steps.count
      for step in plan.steps[index] {
        let slot = slots[step.closing] ?? 2 * n + 4 * slots.count
        slots[step.closing] = slot
        steps.append(
          CorrelationStep(step.change, bloch, from: current[step.closing] ?? next, to: next, gradient: slot))
        current[step.closing] = next
        next += 4
      }
      blocks.append(
        Block(
          control: a, target: b, row: 2 * circuit.parameterRow(ofPair: index), controlBefore: bloch[a],
          targetBefore: bloch[b], results: results, correlations: plan.closes[index] ? current[index] : nil,
          steps: firstStep..<steps.count,
          slot: slots[index] ?? 0, entangles: plan.entangles))
      // CNOT leaves z_a and x_b as the rotations left them; without it so are x_a and z_b.
      bloch[a] = BlochPlanes(z: results, x: plan.entangles ? results + 4 : results + 1)
      bloch[b] = BlochPlanes(z: plan.entangles ? results + 5 : results + 2, x: results + 3)
    }
    self.blocks = blocks
    self.steps = steps
    qubits = n
    finalZ = bloch.map(\.z)
    self.capacity = capacity
    gradients = next
    gradientPlanes = 2 * n + 4 * slots.count
    memory = AlignedMemory(count: (next - 2 * n + gradientPlanes) * capacity)
  }

  /// A plane of the input or of the workspace.
  @inlinable @inline(__always)
  func plane(_ index: Int, _ cos: ChannelView<Value>, _ sin: ChannelView<Value>) -> UnsafeMutablePointer<Value> {
    if index < qubits { return cos.plane(index) }
    if index < 2 * qubits { return sin.plane(index - qubits) }
    return memory.base + (index - 2 * qubits) * capacity
  }

  /// A plane of gradients: z of qubit i at i, x at n + i, correlations behind.
  @inlinable @inline(__always)
  func gradient(_ index: Int) -> UnsafeMutablePointer<Value> {
    memory.base + (gradients - 2 * qubits + index) * capacity
  }

  /// Runs through all pairs for `count` values per plane; the results are then in the planes `finalZ`.
  @inlinable @inline(__always)
  func run(
    cos: ChannelView<Value>, sin: ChannelView<Value>, count: Int, rotationCos: UnsafeMutablePointer<Value>,
    rotationSin: UnsafeMutablePointer<Value>
  ) {
    blocks.withUnsafeBufferPointer { blocks in
      steps.withUnsafeBufferPointer { steps in
        for index in 0..<blocks.count {
          let block = blocks[index]
          let (ca, sa) = (rotationCos[2 * index], rotationSin[2 * index])
          let (cb, sb) = (rotationCos[2 * index + 1], rotationSin[2 * index + 1])
          let (za, xa) = (plane(block.controlBefore.z, cos, sin), plane(block.controlBefore.x, cos, sin))
          let (zb, xb) = (plane(block.targetBefore.z, cos, sin), plane(block.targetBefore.x, cos, sin))
          let out = plane(block.results, cos, sin)
          for v in 0..<count {
            let (rza, rxa) = rotate(za[v], xa[v], ca, sa)
            let (rzb, rxb) = rotate(zb[v], xb[v], cb, sb)
            out[v] = rza
            out[capacity + v] = rxa
            out[2 * capacity + v] = rzb
            out[3 * capacity + v] = rxb
            out[4 * capacity + v] = rxa * rxb
            out[5 * capacity + v] = rza * rzb
          }
          if let correlations = block.correlations {
            close(plane(correlations, cos, sin), into: out, count, ca, sa, cb, sb)
          }
          for index in block.steps {
            let step = steps[index]
            carry(step, out, cos, sin, count, step.usesControl ? ca : cb, step.usesControl ? sa : sb)
          }
        }
      }
    }
  }

  /// The gradient, after `run`. A rotation's own derivative is d(z, x)/dθ = (−x, z) behind it.
  @inlinable @inline(__always)
  func runBackward(
    cos: ChannelView<Value>, sin: ChannelView<Value>, count: Int, rotationCos: UnsafeMutablePointer<Value>,
    rotationSin: UnsafeMutablePointer<Value>, dOut: ChannelView<Value>, dInput: ChannelView<Value>,
    dTheta: UnsafeMutablePointer<Value>
  ) {
    for index in 0..<gradientPlanes {
      let g = gradient(index)
      for v in 0..<count { g[v] = index < qubits ? dOut.plane(index)[v] : .zero }
    }
    blocks.withUnsafeBufferPointer { blocks in
      steps.withUnsafeBufferPointer { steps in
        for index in (0..<blocks.count).reversed() {
          let block = blocks[index]
          let (ca, sa) = (rotationCos[2 * index], rotationSin[2 * index])
          let (cb, sb) = (rotationCos[2 * index + 1], rotationSin[2 * index + 1])
          let rotated = plane(block.results, cos, sin)
          let d = gradients(of: block)
          let dAngles = dTheta + block.row
          if let correlations = block.correlations {
            closeBackward(
              plane(correlations, cos, sin), count, ca, sa, cb, sb, dXX: d.xa, dZZ: d.zb, into: gradient(block.slot),
              dAngles)
          }
          if !block.steps.isEmpty {
            if block.correlations == nil {
              for v in 0..<count { d.store(throughCNOT(d.load(v), rotated + v), v) }
            }
            for step in block.steps {
              let step = steps[step]
              carryBackward(
                step, rotated, cos, sin, count, step.usesControl ? ca : cb, step.usesControl ? sa : sb, d, dAngles)
            }
          }
          // Back through the two rotations, and through CNOT where that has not been done.
          let entangles = block.entangles && block.steps.isEmpty && block.correlations == nil
          var (sumA, sumB) = (dAngles[0], dAngles[1])
          for v in 0..<count {
            let g = entangles ? throughCNOT(d.load(v), rotated + v) : d.load(v)
            sumA = sumA + multiplyAdd(g.xa, rotated[v], -(g.za * rotated[capacity + v]))
            sumB = sumB + multiplyAdd(g.xb, rotated[2 * capacity + v], -(g.zb * rotated[3 * capacity + v]))
            let (za, xa) = rotate(g.za, g.xa, ca, -sa)
            let (zb, xb) = rotate(g.zb, g.xb, cb, -sb)
            d.store((za, xa, zb, xb), v)
          }
          (dAngles[0], dAngles[1]) = (sumA, sumB)
        }
      }
    }
    for qubit in 0..<qubits {
      let (dz, dx, d) = (gradient(qubit), gradient(qubits + qubit), dInput.plane(qubit))
      let (c, s) = (cos.plane(qubit), sin.plane(qubit))
      for v in 0..<count { d[v] = d[v] + multiplyAdd(dx[v], c[v], -(dz[v] * s[v])) }
    }
  }

  /// The gradient planes of a pair's two Bloch pairs.
  @usableFromInline
  struct PairGradients {
    @usableFromInline let za, xa, zb, xb: UnsafeMutablePointer<Value>

    @inlinable
    init(
      za: UnsafeMutablePointer<Value>, xa: UnsafeMutablePointer<Value>, zb: UnsafeMutablePointer<Value>,
      xb: UnsafeMutablePointer<Value>
    ) { (self.za, self.xa, self.zb, self.xb) = (za, xa, zb, xb) }

    @inlinable @inline(__always)
    func load(_ v: Int) -> (za: Value, xa: Value, zb: Value, xb: Value) { (za[v], xa[v], zb[v], xb[v]) }

    @inlinable @inline(__always)
    func store(_ g: (za: Value, xa: Value, zb: Value, xb: Value), _ v: Int) {
      (za[v], xa[v], zb[v], xb[v]) = g
    }
  }

  @inlinable @inline(__always)
  func gradients(of block: Block) -> PairGradients {
    PairGradients(
      za: gradient(block.control), xa: gradient(qubits + block.control), zb: gradient(block.target),
      xb: gradient(qubits + block.target))
  }

  /// Back through a CNOT on independent qubits.
  @inlinable @inline(__always)
  func throughCNOT(
    _ g: (za: Value, xa: Value, zb: Value, xb: Value), _ rotated: UnsafeMutablePointer<Value>
  ) -> (za: Value, xa: Value, zb: Value, xb: Value) {
    (
      multiplyAdd(g.zb, rotated[2 * capacity], g.za), g.xa * rotated[3 * capacity], g.zb * rotated[0],
      multiplyAdd(g.xa, rotated[capacity], g.xb)
    )
  }

  /// (z cos θ − x sin θ, x cos θ + z sin θ).
  @inlinable @inline(__always)
  func rotate(_ z: Value, _ x: Value, _ c: Value, _ s: Value) -> (Value, Value) {
    (multiplyAdd(-s, x, c * z), multiplyAdd(s, z, c * x))
  }
}

/// The numbers of the planes in which a qubit's Bloch pair is found at some point of the circuit.
@usableFromInline
struct BlochPlanes {
  @usableFromInline var z: Int
  @usableFromInline var x: Int
}
