/// How the Bloch form runs through a circuit's pairs: which pairs join independent qubits, which close a cycle, and how the
/// correlations that the latter need come about (docs/circuits.md has the derivation, and the plan of a ring of four).
///
/// Two things are tracked. Qubits that gates have connected make a *component*: a pair whose two qubits are in different ones
/// finds them independent, which is all a forest needs. For each pair that closes a cycle, two *followed* qubits: first the
/// pair's own, then, going back pair by pair, the two whose correlations these are made of, until they are found in different
/// components, where correlations are products of Bloch vectors.
public struct BlochPlan {
  /// One of the two qubits whose correlations are followed.
  public enum Side {
    case first
    case second
  }

  /// What a pair (a, b) does to the correlations ⟨P Q⟩, P, Q ∈ {Z, X}, of the two qubits that are followed.
  public enum Change {
    /// It joins their components without touching them: ⟨PQ⟩ = ⟨P⟩⟨Q⟩.
    case product(first: Int, second: Int)
    /// It joins the two themselves.
    case joined(firstIsControl: Bool)
    /// One of them is the control; the target lies in another component.
    case control(Side)
    /// One of them is the target; the control lies in another component.
    case target(Side)
    /// The control was followed together with `other`; from here on the target is, in its place.
    case toTarget(Side, other: Int)
    /// The target was followed together with `other`; from here on the control is, in its place.
    case toControl(Side, other: Int)

    /// Whether the correlations begin here.
    public var isOrigin: Bool {
      switch self {
      case .product, .joined: true
      case .control, .target, .toTarget, .toControl: false
      }
    }
  }

  /// A change, and the number of the closing pair for which it is computed.
  public struct Step {
    /// The closing pair's number.
    public var closing: Int
    /// What happens to its correlations.
    public var change: Change
  }

  /// Whether the pairs entangle their qubits; if not, nothing below is ever connected.
  public let entangles: Bool
  /// Per pair: whether its two qubits are connected already.
  public let closes: [Bool]
  /// Per pair: the changes to the correlations that are followed through it.
  public let steps: [[Step]]

  /// Nil where a closing pair's correlations would have to be followed through another closing pair: then they depend on
  /// more than ⟨P Q⟩. Nil also where inputs are uploaded again between layers, which is always simulated.
  public init?(_ circuit: Circuit) {
    guard circuit.uploads == 1 else { return nil }
    let pairs = circuit.pairs
    entangles = circuit.entangler == .cnot
    guard entangles else {
      closes = [Bool](repeating: false, count: pairs.count)
      steps = [[Step]](repeating: [], count: pairs.count)
      return
    }
    // The component of each qubit, named by one of its qubits; and what it was before each pair.
    var component = Array(0..<circuit.qubits)
    var components: [[Int]] = []
    for pair in pairs {
      components.append(component)
      let (joined, absorbed) = (component[pair.control], component[pair.target])
      for qubit in component.indices where component[qubit] == absorbed { component[qubit] = joined }
    }
    let closes = pairs.indices.map { components[$0][pairs[$0].control] == components[$0][pairs[$0].target] }
    var steps = [[Step]](repeating: [], count: pairs.count)
    for closing in pairs.indices where closes[closing] {
      var followed = Followed(first: pairs[closing].control, second: pairs[closing].target)
      // Back in time; what is found is a step of the earlier pair on behalf of the closing one.
      for index in (0..<closing).reversed() {
        let pair = pairs[index]
        let touched = [followed.first, followed.second].contains { $0 == pair.control || $0 == pair.target }
        guard !(touched && closes[index]) else { return nil }
        if components[index][followed.first] == components[index][followed.second] {
          if let change = Self.passing(pair, followed) { steps[index].append(Step(closing: closing, change: change)) }
        } else {
          let change = Self.arising(pair, &followed)
          steps[index].append(Step(closing: closing, change: change))
          if change.isOrigin { break }
        }
      }
    }
    self.closes = closes
    self.steps = steps
  }

  /// The two qubits whose correlations are followed.
  private struct Followed {
    var first: Int
    var second: Int
  }

  /// The change where the followed qubits were connected before the pair; nil if it leaves them alone.
  private static func passing(_ pair: QubitPair, _ followed: Followed) -> Change? {
    if followed.first == pair.control { return .control(.first) }
    if followed.first == pair.target { return .target(.first) }
    if followed.second == pair.control { return .control(.second) }
    if followed.second == pair.target { return .target(.second) }
    return nil
  }

  /// The change where the pair connects the followed qubits; sets those followed before it.
  private static func arising(_ pair: QubitPair, _ followed: inout Followed) -> Change {
    let (first, second) = (followed.first, followed.second)
    if first == pair.control, second == pair.target { return .joined(firstIsControl: true) }
    if first == pair.target, second == pair.control { return .joined(firstIsControl: false) }
    if first == pair.target {
      followed.first = pair.control
      return .toTarget(.first, other: second)
    }
    if first == pair.control {
      followed.first = pair.target
      return .toControl(.first, other: second)
    }
    if second == pair.target {
      followed.second = pair.control
      return .toTarget(.second, other: first)
    }
    if second == pair.control {
      followed.second = pair.target
      return .toControl(.second, other: first)
    }
    return .product(first: first, second: second)
  }
}

extension Circuit {
  /// True if the circuit has a closed form (`CircuitMethod.bloch`): its pairs form a forest, or every pair that closes a
  /// cycle can be given the correlations of its two qubits. All named layouts have it, in one layer, and everything without
  /// an entangler; nothing that uploads its inputs again has.
  public var hasBlochForm: Bool { BlochPlan(self) != nil }
}
