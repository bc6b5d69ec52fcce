import VectorMath

/// Inserts SWAPs into a circuit. Before a pair whose qubits are not neighbours, both are moved towards each other along a shortest
/// path, and meet where the pairs that follow have their qubits nearest to each other. Of many places to start from, grown by
/// chance around the pairs, the one with the fewest SWAPs is taken; chance is the same for the same circuit.
final class Router {
  typealias Site = QubitLattice.Site

  /// So many of the pairs that follow decide where two qubits meet.
  private static let foresight = 8
  /// So many starts are tried.
  private static let attempts = 200

  private let circuit: Circuit
  private let lattice: QubitLattice
  private var distances: [[Site]: Int] = [:]

  init(_ circuit: Circuit, on lattice: QubitLattice) {
    self.circuit = circuit
    self.lattice = lattice
  }

  /// The best of all attempts, of equally good ones the first.
  func routed() -> RoutedCircuit {
    var stream = RandomStream(seed: 0, purpose: "routing")
    var best = routed(from: start(&stream))
    for _ in 1..<Self.attempts {
      let other = routed(from: start(&stream))
      if other.swaps < best.swaps { best = other }
    }
    return best
  }

  /// Each qubit, in the order in which pairs first need it, as near as can be to those that it has pairs with; chance decides
  /// between sites that are equally near.
  private func start(_ stream: inout RandomStream) -> [Site] {
    var sites = [Site?](repeating: nil, count: circuit.qubits)
    var free = [lattice.representatives[stream.index(below: lattice.representatives.count)]]
    let order = circuit.pairs.flatMap { [$0.control, $0.target] } + Array(0..<circuit.qubits)
    for qubit in order where sites[qubit] == nil {
      let partners = circuit.pairs.compactMap { pair in
        pair.control == qubit ? sites[pair.target] : pair.target == qubit ? sites[pair.control] : nil
      }
      let costs = free.map { site in partners.reduce(0) { $0 + distance(site, $1) } }
      let least = costs.min()
      let nearest = costs.indices.filter { costs[$0] == least }
      let site = free.remove(at: nearest[stream.index(below: nearest.count)])
      sites[qubit] = site
      free += lattice.neighbours(of: site).filter { !free.contains($0) && !sites.contains($0) }
    }
    return sites.compactMap(\.self)
  }

  private func routed(from start: [Site]) -> RoutedCircuit {
    var sites = start
    var steps: [RoutedCircuit.Step] = []
    for (index, pair) in circuit.pairs.enumerated() {
      let path = lattice.path(from: sites[pair.control], to: sites[pair.target])
      if path.count > 2 {
        let following = circuit.pairs.dropFirst(index + 1).prefix(Self.foresight)
        let meetings = (0..<path.count - 1).map { Self.moved(sites, along: path, meetingAt: $0) }
        let costs = meetings.map { meeting in
          following.reduce(0) { $0 + distance(meeting.sites[$1.control], meeting.sites[$1.target]) }
        }
        let best = costs.indices.min { costs[$0] < costs[$1] } ?? 0
        sites = meetings[best].sites
        steps += meetings[best].swaps
      }
      steps.append(.pair(index, control: sites[pair.control], target: sites[pair.target]))
    }
    return RoutedCircuit(circuit: circuit, start: start, steps: steps, end: sites)
  }

  /// The qubit at the beginning of a path moves to its site of this number, the one at the end to the next.
  private static func moved(
    _ sites: [Site], along path: [Site], meetingAt meeting: Int
  ) -> (sites: [Site], swaps: [RoutedCircuit.Step]) {
    var sites = sites
    var swaps: [RoutedCircuit.Step] = []
    func swap(_ a: Site, _ b: Site) {
      for index in sites.indices { sites[index] = sites[index] == a ? b : sites[index] == b ? a : sites[index] }
      swaps.append(.swap(a, b))
    }
    for place in 0..<meeting { swap(path[place], path[place + 1]) }
    for place in stride(from: path.count - 1, to: meeting + 1, by: -1) { swap(path[place], path[place - 1]) }
    return (sites, swaps)
  }

  /// Couplings between two sites.
  private func distance(_ a: Site, _ b: Site) -> Int {
    if let known = distances[[a, b]] { return known }
    let distance = lattice.path(from: a, to: b).count - 1
    distances[[a, b]] = distance
    return distance
  }
}
