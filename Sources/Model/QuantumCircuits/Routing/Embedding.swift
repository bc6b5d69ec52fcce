/// A place for each qubit of a circuit such that the two qubits of every pair are neighbours, found by backtracking. There is
/// none where every way has been tried, nor where the pairs close a circle of odd length, which no such lattice has; where
/// `mostPlacements` were tried in vain, none is known.
struct Embedding {
  /// The places, by qubit.
  let sites: [QubitLattice.Site]

  /// Placements tried for what a circuit's pairs connect: seconds. A ring of 30 that does not fit on hexagons takes 135,163, and
  /// 3.6 times as many for every four qubits more.
  private static let mostPlacements = 200_000

  /// The embedding of `qubits` qubits with these pairs. What no pair connects is embedded by itself and set aside.
  init?(qubits: Int, pairs: [QubitPair], in lattice: QubitLattice) {
    var partners = [Set<Int>](repeating: [], count: qubits)
    for pair in pairs {
      partners[pair.control].insert(pair.target)
      partners[pair.target].insert(pair.control)
    }
    var sites = [QubitLattice.Site](repeating: .init(0, 0), count: qubits)
    var isPlaced = [Bool](repeating: false, count: qubits)
    // A component of k qubits reaches less than k columns from where it begins.
    let shift = QubitLattice.period * qubits
    for (number, root) in (0..<qubits).enumerated() where !isPlaced[root] {
      let order = Self.order(from: root, partners)
      guard Self.hasTwoColours(order, partners) else { return nil }
      guard let found = Self.placed(order, partners, lattice) else { return nil }
      for (qubit, site) in found {
        sites[qubit] = .init(site.row, site.column + number * shift)
        isPlaced[qubit] = true
      }
    }
    self.sites = sites
  }

  /// The qubits connected with one, each behind one it is connected with; those with many partners early.
  private static func order(from root: Int, _ partners: [Set<Int>]) -> [Int] {
    var component = [root]
    for index in 0... {
      guard index < component.count else { break }
      component += partners[component[index]].sorted().filter { !component.contains($0) }
    }
    func isBusier(_ a: Int, _ b: Int) -> Bool { (partners[a].count, b) < (partners[b].count, a) }
    var order = [component.max(by: isBusier) ?? root]
    while order.count < component.count {
      let connected = component.filter { !order.contains($0) && !partners[$0].isDisjoint(with: order) }
      guard let next = connected.max(by: isBusier) else { break }
      order.append(next)
    }
    return order
  }

  /// Whether the qubits can be coloured with two colours such that partners differ, as the sites of square and hexagonal
  /// lattices can. Each but the first stands behind a partner.
  private static func hasTwoColours(_ order: [Int], _ partners: [Set<Int>]) -> Bool {
    var colours: [Int: Bool] = [:]
    for qubit in order {
      let around = partners[qubit].compactMap { colours[$0] }
      guard Set(around).count <= 1 else { return false }
      colours[qubit] = around.first.map { !$0 } ?? true
    }
    return true
  }

  private static func placed(
    _ order: [Int], _ partners: [Set<Int>], _ lattice: QubitLattice
  ) -> [Int: QubitLattice.Site]? {
    var places: [Int: QubitLattice.Site] = [:]
    var taken: Set<QubitLattice.Site> = []
    var placements = 0
    func place(_ index: Int) -> Bool {
      guard index < order.count else { return true }
      let qubit = order[index]
      let around = partners[qubit].sorted().compactMap { places[$0] }
      let candidates = around.first.map { lattice.neighbours(of: $0) } ?? lattice.representatives
      for site in candidates where !taken.contains(site) {
        let neighbours = lattice.neighbours(of: site)
        let free = neighbours.count { !taken.contains($0) }
        guard around.allSatisfy(neighbours.contains), free >= partners[qubit].count - around.count else { continue }
        placements += 1
        guard placements <= mostPlacements else { return false }
        places[qubit] = site
        taken.insert(site)
        if place(index + 1) { return true }
        places[qubit] = nil
        taken.remove(site)
      }
      return false
    }
    return place(0) ? places : nil
  }
}
