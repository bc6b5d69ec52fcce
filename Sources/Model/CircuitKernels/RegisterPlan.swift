import QuantumCircuits
import VectorMath
/// How a circuit is simulated on a register that qubits join when a gate first acts on them.
///
/// Before its first gate a qubit is in the state c|0⟩ + s|1⟩ of its own, so its amplitudes need not be multiplied into the
/// others'; and the first gate, RY(θ), turns c = cos(x/2), s = sin(x/2) into cos((x + θ)/2), sin((x + θ)/2). Joined qubit k
/// is bit k of the register's index.
///
/// All layers have the same pairs, so behind the first layer every qubit that any gate acts on has joined.
@usableFromInline
struct RegisterPlan {
  /// What a pair does.
  @usableFromInline
  struct Step {
    /// The control, if it joins with this pair and so does the target: then it joins first, by itself.
    @usableFromInline var leading: Int?
    /// The qubit that joins with its own first rotation done: the target, or the control if only that is new.
    @usableFromInline var joining: Int?
    /// Distances in the index between the two values of a qubit that was in the register and of the pair's other one.
    @usableFromInline var first: Int
    @usableFromInline var second: Int
    /// Where the amplitudes of |01⟩, |10⟩ and |11⟩ behind the rotations (first qubit, second qubit) are behind the entangler,
    /// as distances from that of |00⟩. CNOT exchanges the target's two values where the control is 1.
    @usableFromInline var at01: Int
    @usableFromInline var at10: Int
    @usableFromInline var at11: Int
    /// Whether all joined qubits are turned by their inputs once more before the pair: a layer begins that uploads again.
    @usableFromInline var uploads: Bool
    /// The amplitudes behind the pair.
    @usableFromInline var count: Int
    /// The numbers of their angles among those of all pairs, [pairs, 2], and in θ.
    @usableFromInline var angles: (first: Int, second: Int)
    @usableFromInline var parameters: (first: Int, second: Int)
  }

  @usableFromInline let steps: [Step]
  /// The qubits in the order in which they join.
  @usableFromInline let joined: [Int]
  /// The qubits that no gate acts on.
  @usableFromInline let idle: [Int]
  /// How often a qubit is turned by its input.
  @usableFromInline let uploads: Int

  init(_ circuit: Circuit) {
    var joined: [Int] = []
    func distance(_ qubit: Int) -> Int { 1 << (joined.firstIndex(of: qubit) ?? joined.count) }
    steps = circuit.pairs.enumerated().map { index, pair in
      let isNew = (control: !joined.contains(pair.control), target: !joined.contains(pair.target))
      let leading = isNew.control && isNew.target ? pair.control : nil
      if let leading { joined.append(leading) }
      let joining = isNew.target ? pair.target : isNew.control ? pair.control : nil
      let controlIsFirst = joining != pair.control
      let (control, target) = (distance(pair.control), distance(pair.target))
      if let joining { joined.append(joining) }
      let (angle, row) = (2 * index, 2 * circuit.parameterRow(ofPair: index))
      let (first, second) = controlIsFirst ? (0, 1) : (1, 0)
      let (e, f) = controlIsFirst ? (control, target) : (target, control)
      let (at01, at10, at11) =
        switch circuit.entangler {
        case .none: (f, e, e + f)
        case .cnot: controlIsFirst ? (f, e + f, e) : (e + f, e, f)
        }
      return Step(
        leading: leading, joining: joining, first: e, second: f, at01: at01, at10: at10, at11: at11,
        uploads: circuit.uploads(beforePair: index), count: 1 << joined.count,
        angles: (angle + first, angle + second), parameters: (row + first, row + second))
    }
    uploads = circuit.uploads
    self.joined = joined
    idle = (0..<circuit.qubits).filter { !joined.contains($0) }
  }
}
