import CircuitKernels
@testable import QuantumCircuits
import Testing
import VectorMath

private func circuit(_ layout: PairLayout, _ qubits: Int, layers: Int = 1) -> Circuit {
  Circuit(qubits: qubits, pairs: layout.pairs(qubits: qubits), layers: layers)
}

private let examples: [Circuit] =
  PairLayout.allCases.flatMap { layout in (2...7).map { circuit(layout, $0) } }
  + [
    circuit(.ring, 4, layers: 3), circuit(.hur, 5, layers: 2), Circuit(qubits: 3, pairs: []),
    Circuit(qubits: 6, pairs: [QubitPair(0, 3), QubitPair(1, 4)]),
    // All with all, twice, against the order.
    Circuit(
      qubits: 5, pairs: (0..<5).reversed().flatMap { a in (0..<5).filter { $0 != a }.map { QubitPair(a, $0) } }),
    Circuit(qubits: 7, pairs: (1..<7).map { QubitPair(0, $0) }),
    Circuit(
      qubits: 4, pairs: PairLayout.ring.pairs(qubits: 4), sharing: .shared, layers: 2, reuploading: true),
  ]

@Suite struct RoutingTests {
  @Test(arguments: QubitLattice.allCases) func couplingsGoBothWays(lattice: QubitLattice) {
    for row in -6...6 {
      for column in -9...9 {
        let site = QubitLattice.Site(row, column)
        for neighbour in lattice.neighbours(of: site) where !lattice.neighbours(of: neighbour).isEmpty {
          // Bridges are at some columns only: what is no qubit has no coupling that is answered.
          guard lattice == .square || isHeavyHexQubit(site) else { continue }
          #expect(isQubit(neighbour, lattice), "\(site) → \(neighbour)")
          #expect(lattice.neighbours(of: neighbour).contains(site), "\(site) ← \(neighbour)")
        }
      }
    }
  }

  private func isHeavyHexQubit(_ site: QubitLattice.Site) -> Bool {
    let below = QubitLattice.Site(site.row - 1, site.column)
    return site.row.isMultiple(of: 2) || QubitLattice.heavyHex.neighbours(of: below).contains(site)
  }

  private func isQubit(_ site: QubitLattice.Site, _ lattice: QubitLattice) -> Bool {
    lattice == .square || isHeavyHexQubit(site)
  }

  /// The shortest cycle, by walks that never go back the way they came.
  @Test func theShortestCycleOfHeavyHexHasTwelveQubits() {
    #expect(shortestCycle(.heavyHex) == 12 && shortestCycle(.square) == 4)
    let degrees = (0..<8).map { QubitLattice.heavyHex.neighbours(of: .init(0, $0)).count }
    #expect(degrees == [3, 2, 3, 2, 3, 2, 3, 2])
  }

  private func shortestCycle(_ lattice: QubitLattice) -> Int? {
    let start = QubitLattice.Site(0, 0)
    var walks = lattice.neighbours(of: start).map { [start, $0] }
    for length in 2...14 {
      walks = walks.flatMap { walk in
        lattice.neighbours(of: walk[walk.count - 1]).filter { $0 != walk[walk.count - 2] }.map { walk + [$0] }
      }
      if walks.contains(where: { $0.last == start }) { return length }
    }
    return nil
  }

  @Test(arguments: QubitLattice.allCases) func linesNeedNoSwap(lattice: QubitLattice) {
    for n in [2, 4, 8, 16] {
      for layout in [PairLayout.chain, .brick] {
        let routed = circuit(layout, n, layers: 2).routed(on: lattice)
        #expect(routed.swaps == 0 && routed.twoQubitGates == 2 * (n - 1) && routed.isOptimal)
      }
    }
  }

  @Test func ringsFitWhereTheLatticeHasSuchACycle() {
    for n in [4, 6, 8, 10, 12, 14] {
      let ring = circuit(.ring, n)
      #expect(ring.routed(on: .square).swaps == 0, "\(n)")
      let onHexagons = ring.routed(on: .heavyHex)
      #expect((onHexagons.swaps == 0) == (n == 12), "\(n)")
      #expect(onHexagons.twoQubitGates == n + 3 * onHexagons.swaps)
    }
    // Neither lattice has an odd cycle.
    for lattice in QubitLattice.allCases { #expect(circuit(.ring, 5).routed(on: lattice).swaps > 0) }
    // In the middle of three, one exchange lets a qubit meet both others.
    #expect(circuit(.ring, 4).routed(on: .heavyHex).swaps == 1)
    #expect(circuit(.ring, 3).routed(on: .square).swaps == 1)
  }

  @Test func starsFitWhereAQubitHasAsManyNeighbours() {
    for (arms, fits) in [(2, (true, true)), (3, (true, true)), (4, (false, true)), (5, (false, false))] {
      let star = Circuit(qubits: arms + 1, pairs: (1...arms).map { QubitPair(0, $0) })
      #expect((star.routed(on: .heavyHex).swaps == 0) == fits.0, "\(arms)")
      #expect((star.routed(on: .square).swaps == 0) == fits.1, "\(arms)")
    }
  }

  /// Places that have to be taken back: a ladder closes many cycles, and so do two hexagons with a side in common.
  @Test func embeddingsAreFoundBehindDeadEnds() throws {
    let rungs = (0..<7).map { QubitPair($0, $0 + 7) }
    let ladder = rungs + (0..<6).flatMap { [QubitPair($0, $0 + 1), QubitPair($0 + 7, $0 + 8)] }
    let hexagons =
      PairLayout.ring.pairs(qubits: 12) + [QubitPair(0, 12)] + (12..<20).map { QubitPair($0, $0 + 1) } + [
        QubitPair(20, 2)
      ]
    for (lattice, qubits, pairs) in [(QubitLattice.square, 14, ladder), (.heavyHex, 21, hexagons)] {
      let sites = try #require(Embedding(qubits: qubits, pairs: pairs, in: lattice)?.sites)
      #expect(Set(sites).count == qubits)
      for pair in pairs { #expect(lattice.neighbours(of: sites[pair.control]).contains(sites[pair.target])) }
    }
  }

  /// A ring of odd length has no embedding, which is known without trying; a long one on hexagons is given up after a while.
  @Test(arguments: [25, 62]) func ringsThatDoNotFitEndSoon(qubits: Int) {
    let ring = Circuit(qubits: qubits, pairs: PairLayout.ring.pairs(qubits: qubits))
    for lattice in [QubitLattice.square, .heavyHex] {
      let routed = ring.routed(on: lattice)
      #expect(routed.twoQubitGates >= qubits && (qubits.isMultiple(of: 2) || routed.swaps > 0))
    }
  }

  /// What was found when this was written; without foresight, or with the first attempt, it takes more.
  @Test(arguments: [(5, 4, 3), (6, 9, 5), (8, 24, 12), (10, 43, 24)])
  func allWithAllTakesNoMoreSwapsThanBefore(qubits: Int, onHexagons: Int, onSquares: Int) {
    let all = Circuit(qubits: qubits, pairs: (0..<qubits).flatMap { a in (0..<a).map { QubitPair(a, $0) } })
    #expect(all.routed(on: .heavyHex).swaps <= onHexagons)
    #expect(all.routed(on: .square).swaps <= onSquares)
  }

  @Test func withoutAnEntanglerQubitsNeedNotMeet() {
    let ring = Circuit(qubits: 5, pairs: PairLayout.ring.pairs(qubits: 5), entangler: .none)
    #expect(ring.routed(on: .heavyHex).twoQubitGates == 0)
  }

  @Test(arguments: QubitLattice.allCases, examples)
  func whatIsRoutedIsTheSameCircuit(lattice: QubitLattice, circuit: Circuit) throws {
    let routed = circuit.routed(on: lattice)
    #expect(Set(routed.start).count == circuit.qubits && Set(routed.end).count == circuit.qubits)
    #expect(circuit.routed(on: lattice).steps == routed.steps, "always the same")
    var pairs: [Int] = []
    for step in routed.steps {
      switch step {
      case .pair(let index, let control, let target):
        pairs.append(index)
        #expect(lattice.neighbours(of: control).contains(target) && isQubit(control, lattice), "\(step)")
      case .swap(let a, let b):
        #expect(lattice.neighbours(of: a).contains(b) && isQubit(a, lattice), "\(step)")
      }
    }
    #expect(pairs == Array(circuit.pairs.indices))

    var stream = RandomStream(seed: 5, purpose: "routing")
    let x = (0..<circuit.qubits).map { _ in stream.uniform(in: -3...3) }
    let theta = (0..<circuit.parameterCount).map { _ in stream.uniform(in: -3...3) }
    let expected = circuit.expectations(x: x, theta: theta, method: .stateVector)
    let found = simulated(routed, x, theta)
    for (a, b) in zip(expected, found) { #expect((a - b).magnitude < 1e-12) }
  }

  /// ⟨Z⟩ of each qubit where it is in the end, on the state of all sites that anything happens to; SWAP as three CNOTs.
  private func simulated(_ routed: RoutedCircuit, _ x: [Double], _ theta: [Double]) -> [Double] {
    let circuit = routed.circuit
    var sites = routed.start
    for case .swap(let a, let b) in routed.steps { sites += [a, b].filter { !sites.contains($0) } }
    let state = StateVector<Double>(qubits: sites.count)
    func wire(_ site: QubitLattice.Site) -> Int { sites.firstIndex(of: site) ?? -1 }
    func turn(_ site: QubitLattice.Site, _ angle: Double) {
      let (sin, cos) = (angle / 2).sinCos()
      state.applyRY(wire(site), cos: cos, sin: sin)
    }
    // Sites without a qubit are in |0⟩.
    let halves = sites.indices.map { ($0 < x.count ? x[$0] / 2 : 0).sinCos() }
    state.prepareProduct(cos: { halves[$0].cos }, sin: { halves[$0].sin })
    var places = routed.start
    for step in routed.steps {
      switch step {
      case .pair(let index, let control, let target):
        if circuit.uploads(beforePair: index) { for (place, input) in zip(places, x) { turn(place, input) } }
        let row = 2 * circuit.parameterRow(ofPair: index)
        turn(control, theta[row])
        turn(target, theta[row + 1])
        if circuit.entangler == .cnot { state.applyCNOT(QubitPair(wire(control), wire(target))) }
      case .swap(let a, let b):
        for (control, target) in [(a, b), (b, a), (a, b)] { state.applyCNOT(QubitPair(wire(control), wire(target))) }
        places = places.map { $0 == a ? b : $0 == b ? a : $0 }
      }
    }
    #expect(places == routed.end)
    return routed.end.map { state.expectationZ(wire($0)) }
  }
}
