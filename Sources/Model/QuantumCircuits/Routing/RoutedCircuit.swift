/// A circuit on a processor: where its qubits are at first, and its pairs in their order with the SWAPs between them that bring
/// the two qubits of a pair together.
///
/// Where the graph of the pairs is a part of the lattice there is no SWAP, and nothing needs fewer gates. Elsewhere SWAPs are
/// inserted (`Router`): their number is an upper bound of what is needed.
public struct RoutedCircuit: Sendable {
  /// A gate on two neighbours.
  public enum Step: Hashable, Sendable {
    /// The pair of this number of the circuit: two rotations and CNOT.
    case pair(Int, control: QubitLattice.Site, target: QubitLattice.Site)
    /// The qubits of two sites change places.
    case swap(QubitLattice.Site, QubitLattice.Site)
  }

  /// CNOTs in a SWAP.
  public static let gatesPerSwap = 3

  /// The circuit.
  public let circuit: Circuit
  /// Where the qubits are at first.
  public let start: [QubitLattice.Site]
  /// What is done, in order.
  public let steps: [Step]
  /// Where the qubits are, and are read out, in the end.
  public let end: [QubitLattice.Site]

  /// How many SWAPs there are.
  public var swaps: Int {
    steps.count { if case .swap = $0 { true } else { false } }
  }

  /// CNOTs of the circuit itself.
  public var gatesBeforeRouting: Int { circuit.entangler == .cnot ? circuit.pairs.count : 0 }

  /// CNOTs with those of the SWAPs.
  public var twoQubitGates: Int { gatesBeforeRouting + Self.gatesPerSwap * swaps }

  /// Whether the number of SWAPs is known to be the least: there are none.
  public var isOptimal: Bool { swaps == 0 }
}

extension Circuit {
  /// The circuit on a processor with such a lattice.
  public func routed(on lattice: QubitLattice) -> RoutedCircuit {
    // Without an entangler qubits never meet.
    let meeting = entangler == .cnot ? pairs : []
    if let sites = Embedding(qubits: qubits, pairs: meeting, in: lattice)?.sites {
      let steps = pairs.enumerated().map {
        RoutedCircuit.Step.pair($0.offset, control: sites[$0.element.control], target: sites[$0.element.target])
      }
      return RoutedCircuit(circuit: self, start: sites, steps: steps, end: sites)
    }
    return Router(self, on: lattice).routed()
  }
}
