import CircuitKernels
import QuantumCircuits
import Testing
import Threads
import VectorMath

/// A number that counts multiplications.
private struct Counted: Arithmetic, BitwiseCopyable {
  static let multiplications = Guarded(0)

  var value: Double

  init(broadcasting value: Double) { self.value = value }
  static func + (a: Counted, b: Counted) -> Counted { Counted(broadcasting: a.value + b.value) }
  static func - (a: Counted, b: Counted) -> Counted { Counted(broadcasting: a.value - b.value) }
  static prefix func - (a: Counted) -> Counted { Counted(broadcasting: -a.value) }
  static func * (a: Counted, b: Counted) -> Counted { multiplyAdd(a, b, .zero) }
  static func multiplyAdd(_ a: Counted, _ b: Counted, _ c: Counted) -> Counted {
    multiplications.withLock { $0 += 1 }
    return Counted(broadcasting: a.value * b.value + c.value)
  }
  func sinCos() -> (sin: Counted, cos: Counted) {
    let (sin, cos) = value.sinCos()
    return (Counted(broadcasting: sin), Counted(broadcasting: cos))
  }
}

private func circuits(qubits: ClosedRange<Int>) -> [Circuit] {
  var circuits: [Circuit] = []
  for n in qubits {
    for layout in PairLayout.allCases {
      let pairs = layout.pairs(qubits: n)
      circuits += [
        Circuit(qubits: n, pairs: pairs), Circuit(qubits: n, pairs: pairs, layers: 2),
        Circuit(qubits: n + 1, pairs: pairs, layers: 2, reuploading: true),
        Circuit(qubits: n, pairs: pairs, entangler: .none),
      ]
    }
    circuits.append(Circuit(qubits: n, pairs: []))
    circuits.append(Circuit(qubits: n, pairs: [], layers: 2, reuploading: true))
  }
  // A product of correlations, and walks through several pairs.
  let pairs = [QubitPair(0, 1), QubitPair(2, 3), QubitPair(4, 5), QubitPair(1, 2), QubitPair(3, 4), QubitPair(5, 0)]
  return circuits + [Circuit(qubits: 6, pairs: pairs)]
}

/// One after the other: the count is one for all.
@Suite(.serialized) struct MultiplyAddTests {
  /// What the engine multiplies for one token.
  private func counted(_ circuit: Circuit, _ method: CircuitMethod) -> Int {
    let evaluator = CircuitEvaluator<Counted>(circuit: circuit, method: method)
    evaluator.bind { 0.1 * Double($0) }
    let memory = (0..<3).map { _ in AlignedMemory<Counted>(count: circuit.qubits) }
    for place in 0..<circuit.qubits {
      let (sin, cos) = (0.3 + Double(place)).sinCos()
      (memory[0].base[place], memory[1].base[place]) = (Counted(broadcasting: cos), Counted(broadcasting: sin))
    }
    let views = memory.map { ChannelView($0.base, stride: 1) }
    let before = Counted.multiplications.withLock { $0 }
    withExtendedLifetime(memory) { evaluator.forward(cos: views[0], sin: views[1], out: views[2]) }
    return Counted.multiplications.withLock { $0 } - before
  }

  @Test(arguments: circuits(qubits: 2...5)) func stateVector(circuit: Circuit) {
    #expect(circuit.multiplyAdds(by: .stateVector) == counted(circuit, .stateVector), "\(circuit)")
  }

  /// What the loops compute beyond the formula is not used, and removed by the compiler: products behind pairs that have no
  /// CNOT of independent qubits, two of four correlations, and half of some rotations.
  @Test(arguments: circuits(qubits: 2...5)) func bloch(circuit: Circuit) throws {
    guard let plan = BlochPlan(circuit) else {
      #expect(circuit.multiplyAdds(by: .bloch) == nil)
      return
    }
    var unused = plan.entangles ? 0 : 2 * circuit.pairs.count
    for (closes, steps) in zip(plan.closes, plan.steps) {
      unused += closes ? 2 + 4 : 0
      for step in steps {
        switch step.change {
        case .toTarget, .toControl: unused += 4
        case .product, .joined, .control, .target: break
        }
      }
    }
    #expect(circuit.multiplyAdds(by: .bloch) == counted(circuit, .bloch) - unused, "\(circuit)")
  }

  @Test func chainsGrowLinearlyInClosedForm() {
    for n in 2...10 {
      let chain = Circuit(qubits: n, pairs: PairLayout.chain.pairs(qubits: n))
      #expect(chain.multiplyAdds(by: .bloch) == 10 * (n - 1))
      #expect(chain.multiplyAdds(by: .stateVector) == 5 << n + 5 * n - 10)
    }
    // Three pairs of independent qubits, two steps of the walk, its end, and the closing pair (docs/circuits.md).
    let ring = Circuit(qubits: 4, pairs: PairLayout.ring.pairs(qubits: 4))
    #expect(ring.multiplyAdds(by: .bloch) == 3 * 10 + 2 * 8 + 1 + 20)
  }
}
