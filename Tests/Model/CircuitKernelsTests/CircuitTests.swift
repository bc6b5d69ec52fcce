import CircuitKernels
import VectorMath
import QuantumCircuits
import Testing
import _TestSupport

private struct Case: Sendable, CustomTestStringConvertible {
  var circuit: Circuit
  var name: String
  var testDescription: String { name }
}

/// Every named layout on 2 to 6 qubits with own and shared parameters, and lists with repeated pairs, stars and idle
/// qubits.
private let cases: [Case] = {
  var cases: [Case] = []
  for layout in PairLayout.allCases {
    for qubits in 2...6 {
      for sharing in ParameterSharing.allCases {
        let circuit = Circuit(qubits: qubits, pairs: layout.pairs(qubits: qubits), sharing: sharing)
        cases.append(Case(circuit: circuit, name: "\(layout.rawValue) on \(qubits), \(sharing.rawValue)"))
      }
    }
  }
  let lists: [(Int, [(Int, Int)])] = [
    (1, []), (3, []), (3, [(0, 2)]), (4, [(0, 1), (0, 2), (0, 3)]), (4, [(1, 0), (3, 2), (2, 1)]),
    (3, [(0, 1), (0, 1), (1, 2)]), (5, [(4, 2), (2, 0), (3, 2), (0, 1), (1, 4)]),
  ]
  for (qubits, pairs) in lists {
    cases.append(Case(circuit: Circuit(qubits: qubits, pairs: pairs.map { QubitPair($0.0, $0.1) }), name: "\(pairs)"))
  }
  return cases + variations
}()

/// Layers, inputs uploaded again, no entangler; with idle qubits, and with no pairs at all.
private let variations: [Case] = {
  let lists: [(String, Int, [QubitPair])] =
    [("chain", 2, PairLayout.chain.pairs(qubits: 2))]
    + PairLayout.allCases.map { ($0.rawValue, 4, $0.pairs(qubits: 4)) }
    + [("none", 3, []), ("(3, 1) (1, 0)", 5, [QubitPair(3, 1), QubitPair(1, 0)])]
  var cases: [Case] = []
  for (name, qubits, pairs) in lists {
    for sharing in ParameterSharing.allCases {
      for (layers, reuploading) in [(1, false), (2, false), (2, true), (3, true)] {
        for entangler in Entangler.allCases where layers > 1 || entangler == .none {
          let circuit = Circuit(
            qubits: qubits, pairs: pairs, sharing: sharing, layers: layers, reuploading: reuploading,
            entangler: entangler)
          let words = "\(sharing.rawValue), \(layers) layers, \(circuit.uploads) uploads, \(entangler.rawValue)"
          cases.append(Case(circuit: circuit, name: "\(name) on \(qubits), \(words)"))
        }
      }
    }
  }
  return cases
}()

private func angles(_ count: Int, _ purpose: String) -> [Double] {
  var stream = RandomStream(seed: 11, purpose: purpose, UInt64(count))
  return (0..<count).map { _ in stream.uniform(in: -4...4) }
}

@Suite struct CircuitTests {
  /// Qubit 0 is the most significant bit: with x₀ = π the state is |10…0⟩.
  @Test func qubitZeroIsTheMostSignificantBit() {
    let state = StateVector<Double>(qubits: 3)
    let x = [Double.pi, 0, 0]
    state.prepareProduct(cos: { Elementary.cos(x[$0] / 2) }, sin: { Elementary.sin(x[$0] / 2) })
    #expect((state[4] - 1).magnitude < 1e-15)
    state.applyCNOT(QubitPair(0, 2))
    #expect((state[5] - 1).magnitude < 1e-15)
    #expect((state.expectationZ(0) + 1).magnitude < 1e-15)
    #expect((state.expectationZ(1) - 1).magnitude < 1e-15)
    #expect((state.expectationZ(2) + 1).magnitude < 1e-15)
  }

  @Test func gatesKeepTheNormAndHaveInverses() {
    let state = StateVector<Double>(qubits: 4)
    let x = angles(4, "norm")
    state.prepareProduct(cos: { Elementary.cos(x[$0] / 2) }, sin: { Elementary.sin(x[$0] / 2) })
    let before = (0..<16).map { state[$0] }
    let (c, s) = (Elementary.cos(0.7), Elementary.sin(0.7))
    for qubit in 0..<4 { state.applyRY(qubit, cos: c, sin: s) }
    state.applyCNOT(QubitPair(2, 0))
    #expect((state.squaredNorm() - 1).magnitude < 1e-14)
    state.applyCNOT(QubitPair(2, 0))
    for qubit in 0..<4 { state.applyRY(qubit, cos: c, sin: -s) }
    for index in 0..<16 { #expect((state[index] - before[index]).magnitude < 1e-14) }
  }

  @Test func namedLayoutsAreThePublishedLists() {
    func list(_ layout: PairLayout, _ qubits: Int) -> [[Int]] {
      layout.pairs(qubits: qubits).map { [$0.control, $0.target] }
    }
    #expect(list(.chain, 4) == [[0, 1], [1, 2], [2, 3]])
    #expect(list(.ring, 4) == [[0, 1], [1, 2], [2, 3], [3, 0]])
    #expect(list(.brick, 6) == [[0, 1], [2, 3], [4, 5], [1, 2], [3, 4]])
    #expect(list(.brickRing, 4) == [[0, 1], [2, 3], [1, 2], [3, 0]])
    #expect(list(.hur, 8) == [[0, 7], [0, 1], [2, 3], [4, 5], [6, 7], [1, 2], [3, 4], [5, 6]])
  }

  /// All named layouts have a closed form; a second layer, or a qubit that two cycles pass, has none.
  @Test func closedFormsAreRecognised() {
    for layout in PairLayout.allCases {
      for qubits in 2...Circuit.largestCount {
        let pairs = layout.pairs(qubits: qubits)
        #expect(Circuit(qubits: qubits, pairs: pairs).hasBlochForm, "\(layout) on \(qubits)")
      }
    }
    let chain = PairLayout.chain.pairs(qubits: 5)
    #expect(!Circuit(qubits: 5, pairs: chain + chain).hasBlochForm)
    #expect(!Circuit(qubits: 2, pairs: Array(repeating: QubitPair(0, 1), count: 3)).hasBlochForm)
    #expect(CircuitMethod.fastest(for: Circuit(qubits: 5, pairs: chain + chain)) == .stateVector)
    #expect(!Circuit(qubits: 5, pairs: chain, layers: 2).hasBlochForm)
    let pair = [QubitPair(0, 1)]
    #expect(Circuit(qubits: 2, pairs: pair, layers: 2).hasBlochForm, "the second layer closes one cycle")
    #expect(!Circuit(qubits: 2, pairs: pair, layers: 2, reuploading: true).hasBlochForm)
    #expect(Circuit(qubits: 2, pairs: pair, reuploading: true).hasBlochForm, "one layer has one upload")
    #expect(Circuit(qubits: 5, pairs: chain, layers: 7, entangler: .none).hasBlochForm)
  }

  /// The example of docs/circuits.md.
  @Test(arguments: [nil] + CircuitMethod.allCases) func theRingOfFour(method: CircuitMethod?) {
    let x = [Double](repeating: .pi / 3, count: 4)
    func values(_ layout: PairLayout) -> [Double] {
      let circuit = Circuit(qubits: 4, pairs: layout.pairs(qubits: 4))
      return circuit.expectations(
        x: x, theta: [Double](repeating: 0, count: circuit.parameterCount), method: method)
    }
    let products: [Double] = [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 8, 1 / 4, 1 / 8, 1 / 16]
    for (found, expected) in zip(values(.chain) + values(.ring), products) {
      #expect((found - expected).magnitude < 1e-15)
    }
  }

  /// Two layers with angles of their own are one list of pairs gone through twice; shared angles are shared in a layer.
  @Test func layersHaveAnglesOfTheirOwn() {
    let chain = PairLayout.chain.pairs(qubits: 4)
    let (x, theta) = (angles(4, "x"), angles(12, "layers"))
    let layered = Circuit(qubits: 4, pairs: chain, layers: 2)
    #expect(layered.parameterRows == 6)
    #expect(
      layered.expectations(x: x, theta: theta)
        == Circuit(qubits: 4, pairs: chain + chain).expectations(x: x, theta: theta))
    let shared = Circuit(qubits: 4, pairs: chain, sharing: .shared, layers: 2)
    #expect(shared.parameterRows == 2)
    let spread = [0, 0, 0, 1, 1, 1].flatMap { [theta[2 * $0], theta[2 * $0 + 1]] }
    #expect(
      shared.expectations(x: x, theta: Array(theta.prefix(4))) == layered.expectations(x: x, theta: spread))
    #expect(Circuit(qubits: 4, pairs: [], sharing: .shared, layers: 3).parameterCount == 0)
  }

  /// Without an entangler every qubit is turned by the sum of its angles, its input as often as it is uploaded.
  @Test(arguments: [1, 3], [false, true]) func rotationsAloneAddUp(layers: Int, reuploading: Bool) {
    let circuit = Circuit(
      qubits: 3, pairs: [QubitPair(0, 1), QubitPair(2, 1)], layers: layers, reuploading: reuploading, entangler: .none)
    let (x, theta) = (angles(3, "x"), angles(circuit.parameterCount, "rotations"))
    let found = circuit.expectations(x: x, theta: theta, method: .fastest(for: circuit))
    var sums = x.map { Double(circuit.uploads) * $0 }
    for layer in 0..<layers {
      for (angle, qubit) in [0, 1, 2, 1].enumerated() { sums[qubit] += theta[4 * layer + angle] }
    }
    for (value, sum) in zip(found, sums) { #expect((value - Elementary.cos(sum)).magnitude < 1e-12) }
  }

  /// Random lists: random trees in random order with cycles closed at random places, as long as there is a closed form.
  @Test(arguments: 2...10) func closedFormsOfRandomLists(qubits: Int) {
    var stream = RandomStream(seed: 17, purpose: "pairs", UInt64(qubits))
    var closings = 0
    for trial in 0..<(qubits < 8 ? 60 : 12) {
      var circuit = Circuit(qubits: qubits, pairs: [])
      for _ in 0..<2 * qubits {
        let control = stream.index(below: qubits)
        let target = (control + 1 + stream.index(below: qubits - 1)) % qubits
        let longer = Circuit(
          qubits: qubits, pairs: circuit.pairs + [QubitPair(control, target)],
          sharing: trial % 4 == 0 ? .shared : .perPair)
        if longer.hasBlochForm { circuit = longer }
      }
      closings += max(circuit.pairs.count - qubits + 1, 0)
      expectAgreement(circuit)
    }
    #expect(closings > 5, "the lists close cycles")
  }

  @Test(arguments: cases) fileprivate func adjointAgreesWithParameterShift(_ test: Case) {
    let circuit = test.circuit
    let x = angles(circuit.qubits, "x")
    let theta = angles(circuit.parameterCount, "theta")
    let weights = angles(circuit.qubits, "weights")
    let adjoint = circuit.gradient(x: x, theta: theta, weights: weights)
    let shift = circuit.parameterShiftGradient(x: x, theta: theta, weights: weights)
    for (a, b) in zip(adjoint.dInput + adjoint.dTheta, shift.dInput + shift.dTheta) {
      #expect((a - b).magnitude < 1e-12)
    }
    #expect(adjoint.dTheta.count == circuit.parameterCount)
  }

  @Test(arguments: cases.filter(\.circuit.hasBlochForm)) fileprivate func blochFormAgreesWithTheStateVector(
    _ test: Case
  ) {
    expectAgreement(test.circuit)
  }

  /// Sixteen qubits: the largest state vector, gate by gate, and on the register.
  @Test(arguments: PairLayout.allCases) func sixteenQubitsInAllWays(layout: PairLayout) {
    let circuit = Circuit(qubits: 16, pairs: layout.pairs(qubits: 16))
    expectAgreement(circuit)
    expectAgreementOfRegister(circuit)
  }

  /// The two gradients of the state vector and that of the closed form, on sixteen qubits.
  @Test func sixteenQubitsByParameterShift() {
    let circuit = Circuit(qubits: 16, pairs: PairLayout.ring.pairs(qubits: 16))
    let (x, theta, weights) = (angles(16, "x"), angles(circuit.parameterCount, "theta"), angles(16, "weights"))
    let shift = circuit.parameterShiftGradient(x: x, theta: theta, weights: weights)
    for method in [nil] + CircuitMethod.allCases {
      let found = circuit.gradient(x: x, theta: theta, weights: weights, method: method)
      for (a, b) in zip(found.dInput + found.dTheta, shift.dInput + shift.dTheta) {
        #expect((a - b).magnitude < 1e-11)
      }
    }
  }

  /// Beyond the state vector: the gradient of the closed form against central differences, and of forests also against the
  /// oracle that has no plan.
  @Test(arguments: PairLayout.allCases, [18, 32, 64]) func wideClosedForms(layout: PairLayout, qubits: Int) {
    let circuit = Circuit(qubits: qubits, pairs: layout.pairs(qubits: qubits))
    #expect(CircuitMethod.fastest(for: circuit) == .bloch && !CircuitMethod.stateVector.suits(circuit))
    // Small angles, so that the products of many cosines do not vanish.
    var (x, theta) = (angles(qubits, "x").map { $0 / 16 }, angles(circuit.parameterCount, "theta").map { $0 / 16 })
    let weights = angles(qubits, "weights")
    func value() -> Double {
      zip(circuit.expectations(x: x, theta: theta, method: .bloch), weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func difference(_ move: (Double) -> Void) -> Double {
      let step = 1e-5
      move(step)
      let above = value()
      move(-2 * step)
      let below = value()
      move(step)
      return (above - below) / (2 * step)
    }
    let found = circuit.gradient(x: x, theta: theta, weights: weights, method: .bloch)
    let largest = (found.dInput + found.dTheta).map(\.magnitude).max() ?? 0
    #expect(largest > 0.1)
    for index in x.indices {
      #expect((found.dInput[index] - difference { x[index] += $0 }).magnitude < 1e-8 * largest)
    }
    for index in theta.indices {
      #expect((found.dTheta[index] - difference { theta[index] += $0 }).magnitude < 1e-8 * largest)
    }
    if layout == .chain || layout == .brick { expectAgreementWithForest(circuit, x, theta, weights) }
  }

  /// The oracle of forests against the state vector, for random trees, with and without an entangler.
  @Test(arguments: [2, 5, 9]) func forestsAgreeWithTheStateVector(qubits: Int) {
    var stream = RandomStream(seed: 31, purpose: "forest", UInt64(qubits))
    for trial in 0..<8 {
      let pairs = (1..<qubits).map { new in
        let old = stream.index(below: new)
        return stream.index(below: 2) == 0 ? QubitPair(old, new) : QubitPair(new, old)
      }
      let circuit = Circuit(
        qubits: qubits, pairs: pairs.filter { _ in stream.index(below: 8) > 0 },
        sharing: trial % 3 == 0 ? .shared : .perPair, entangler: trial == 7 ? .none : .cnot)
      let (x, theta) = (angles(qubits, "x"), angles(circuit.parameterCount, "theta"))
      expectAgreementWithForest(circuit, x, theta, angles(qubits, "weights"), method: .stateVector)
    }
  }

  private func expectAgreementWithForest(
    _ circuit: Circuit, _ x: [Double], _ theta: [Double], _ weights: [Double], method: CircuitMethod = .bloch
  ) {
    let forest = ForestCircuit(circuit, theta: theta)
    let found = circuit.expectations(x: x, theta: theta, method: method)
    for (a, b) in zip(found, forest.expectations(x)) { #expect((a - b).magnitude < 1e-12) }
    let gradient = circuit.gradient(x: x, theta: theta, weights: weights, method: method)
    let expected = forest.gradient(x, weights: weights)
    for (a, b) in zip(gradient.dInput + gradient.dTheta, expected.dInput + expected.dTheta) {
      #expect((a - b).magnitude < 1e-11)
    }
  }

  /// What no method evaluates, and what one does not.
  @Test func methodsSayWhatTheyDoNotSuit() {
    let chain = PairLayout.chain.pairs(qubits: 18)
    let one = Circuit(qubits: 18, pairs: chain)
    #expect(CircuitMethod.bloch.suits(one) && !CircuitMethod.stateVector.suits(one))
    #expect(one.multiplyAdds(by: .bloch) == 170 && one.multiplyAdds(by: .stateVector) == nil)
    let two = Circuit(qubits: 18, pairs: chain, layers: 2)
    #expect(CircuitMethod.allCases.allSatisfy { !$0.suits(two) })
    // Gates on sixteen of 64 qubits are a state of sixteen.
    let few = Circuit(qubits: 64, pairs: PairLayout.chain.pairs(qubits: 16), layers: 2)
    #expect(CircuitMethod.stateVector.suits(few) && few.entangledQubits == 16)
  }

  /// The closed form's values and gradients are those of the state vector.
  private func expectAgreement(_ circuit: Circuit) {
    let x = angles(circuit.qubits, "x")
    let theta = angles(circuit.parameterCount, "theta")
    let weights = angles(circuit.qubits, "weights")
    let expected = circuit.expectations(x: x, theta: theta)
    let found = circuit.expectations(x: x, theta: theta, method: .bloch)
    for (a, b) in zip(found, expected) { #expect((a - b).magnitude < 1e-12, "\(circuit.pairs)") }
    let oracle = circuit.gradient(x: x, theta: theta, weights: weights)
    let closed = circuit.gradient(x: x, theta: theta, weights: weights, method: .bloch)
    for (a, b) in zip(closed.dInput + closed.dTheta, oracle.dInput + oracle.dTheta) {
      #expect((a - b).magnitude < 1e-12, "\(circuit.pairs)")
    }
  }

  /// Random lists, two layers, idle qubits: the register that qubits join and leave gives what all gates on all qubits
  /// give.
  @Test(arguments: 1...9) func registerAgreesWithGateByGate(qubits: Int) {
    var stream = RandomStream(seed: 23, purpose: "register", UInt64(qubits))
    for trial in 0..<12 {
      let pairs = (0..<(qubits == 1 ? 0 : trial)).map { _ in
        let control = stream.index(below: qubits)
        return QubitPair(control, (control + 1 + stream.index(below: qubits - 1)) % qubits)
      }
      expectAgreementOfRegister(Circuit(qubits: qubits, pairs: pairs, sharing: trial % 4 == 3 ? .shared : .perPair))
    }
  }

  @Test(arguments: cases) fileprivate func registerAgreesWithGateByGate(_ test: Case) {
    expectAgreementOfRegister(test.circuit)
  }

  private func expectAgreementOfRegister(_ circuit: Circuit) {
    let n = circuit.qubits
    let x = angles(n, "x")
    let theta = angles(circuit.parameterCount, "theta")
    let weights = angles(n, "weights")
    let evaluator = CircuitEvaluator<Double>(circuit: circuit, method: .stateVector)
    evaluator.bind { theta[$0] }
    let memory = AlignedMemory<Double>(count: 5 * n)
    let view = { (index: Int) in ChannelView(memory.base + index * n, stride: 1) }
    let (cos, sin, out, dOut, dInput) = (view(0), view(1), view(2), view(3), view(4))
    for qubit in 0..<n {
      (sin[qubit], cos[qubit]) = Elementary.sinCos(evaluator.encodingFactor * x[qubit])
      dOut[qubit] = weights[qubit]
    }
    let dTheta = AlignedMemory<Double>(count: max(circuit.parameterCount, 1))
    evaluator.forward(cos: cos, sin: sin, out: out)
    evaluator.backward(cos: cos, sin: sin, dOut: dOut, dInput: dInput, dTheta: dTheta.base)
    let expected = circuit.expectations(x: x, theta: theta)
    let gradient = circuit.gradient(x: x, theta: theta, weights: weights)
    for qubit in 0..<n {
      #expect((out[qubit] - expected[qubit]).magnitude < 1e-12, "\(circuit.pairs)")
      #expect((dInput[qubit] - gradient.dInput[qubit]).magnitude < 1e-12, "\(circuit.pairs)")
    }
    for index in 0..<circuit.parameterCount {
      #expect((dTheta.base[index] - gradient.dTheta[index]).magnitude < 1e-12, "\(circuit.pairs)")
    }
  }

  /// 16 tokens in lanes give what one token in double precision gives.
  @Test(arguments: cases, CircuitMethod.allCases) fileprivate func lanesAgreeWithDouble(
    _ test: Case, method: CircuitMethod
  ) {
    let circuit = test.circuit
    guard method == .stateVector || circuit.hasBlochForm else { return }
    let n = circuit.qubits
    let theta = angles(circuit.parameterCount, "theta")
    let tokens = (0..<laneCount).map { lane in angles(n, "token\(lane)") }
    let weights = (0..<laneCount).map { lane in angles(n, "weights\(lane)") }
    let evaluator = CircuitEvaluator<Lanes>(circuit: circuit, method: method)
    evaluator.bind { theta[$0] }
    let memory = AlignedMemory<Lanes>(count: 5 * n)
    let view = { (index: Int) in ChannelView(memory.base + index * n, stride: 1) }
    let (cos, sin, out, dOut, dInput) = (view(0), view(1), view(2), view(3), view(4))
    for qubit in 0..<n {
      for lane in 0..<laneCount {
        let angle = evaluator.encodingFactor * tokens[lane][qubit]
        cos[qubit][lane] = Float(Elementary.cos(angle))
        sin[qubit][lane] = Float(Elementary.sin(angle))
        dOut[qubit][lane] = Float(weights[lane][qubit])
      }
    }
    let dTheta = AlignedMemory<Lanes>(count: max(circuit.parameterCount, 1))
    evaluator.forward(cos: cos, sin: sin, out: out)
    evaluator.backward(cos: cos, sin: sin, dOut: dOut, dInput: dInput, dTheta: dTheta.base)
    var expectedTheta = [Double](repeating: 0, count: circuit.parameterCount)
    for lane in 0..<laneCount {
      let expected = circuit.expectations(x: tokens[lane], theta: theta)
      let gradient = circuit.gradient(x: tokens[lane], theta: theta, weights: weights[lane])
      for qubit in 0..<n {
        #expect((Double(out[qubit][lane]) - expected[qubit]).magnitude < 2e-6)
        #expect((Double(dInput[qubit][lane]) - gradient.dInput[qubit]).magnitude < 2e-5)
      }
      for index in expectedTheta.indices { expectedTheta[index] += gradient.dTheta[index] }
    }
    for index in expectedTheta.indices {
      #expect((Double(sum(dTheta.base[index])) - expectedTheta[index]).magnitude < 2e-4)
    }
  }
}

@Suite struct CircuitGoldenTests {
  /// PyTorch + PennyLane's values.
  private static let files: [String] =
    ["qnn_q2_ring", "qnn_q4_chain", "qnn_q4_brick-ring", "qnn_q6_hur_shared"].map {
      Fixtures.path("circuits/\($0).npz")
    }
    + ["qnn_q2", "qnn_q4", "qnn_q4_chain", "qnn_q4_ring", "qnn_q6", "qnn_q8", "qnn_q8_chain", "qnn_q8_ring"]
    .map { Fixtures.path("golden/circuits/\($0).npz") }

  @Test(arguments: files) func expectationsAndGradients(path: String) throws {
    let golden = try NPZ(path: path)
    let n = Int(try golden.scalar("q"))
    let pairs = try golden.integers("pairs")
    let theta = try golden.doubles("theta")
    let sharing: ParameterSharing = theta.count < pairs.count ? .shared : .perPair
    let circuit = Circuit(
      qubits: n, pairs: stride(from: 0, to: pairs.count, by: 2).map { QubitPair(pairs[$0], pairs[$0 + 1]) },
      sharing: sharing)
    let x = try golden.doubles("x")
    let output = try golden.doubles("output")
    let gradOutput = try golden.doubles("grad_output")
    let gradX = try golden.doubles("grad_x")
    let gradTheta = try golden.doubles("grad_theta")
    for method in CircuitMethod.allCases where method == .stateVector || circuit.hasBlochForm {
      var sumTheta = [Double](repeating: 0, count: theta.count)
      for token in 0..<x.count / n {
        let slice = token * n..<(token + 1) * n
        let found = circuit.expectations(x: Array(x[slice]), theta: theta, method: method)
        let gradient = circuit.gradient(
          x: Array(x[slice]), theta: theta, weights: Array(gradOutput[slice]), method: method)
        for qubit in 0..<n {
          #expect((found[qubit] - output[slice][slice.lowerBound + qubit]).magnitude < 1e-9)
          #expect((gradient.dInput[qubit] - gradX[slice.lowerBound + qubit]).magnitude < 1e-9)
        }
        for index in theta.indices { sumTheta[index] += gradient.dTheta[index] }
      }
      for index in theta.indices { #expect((sumTheta[index] - gradTheta[index]).magnitude < 1e-9) }
    }
  }
}
