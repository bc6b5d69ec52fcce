import CircuitKernels
import QuantumCircuits
import Testing
import VectorMath

/// Gradients are added to what stands there: shared parameters, three projections of one input.
@Suite struct AccumulationTests {
  @Test(arguments: CircuitMethod.allCases, [PairLayout.chain, .brickRing])
  func backwardAdds(method: CircuitMethod, layout: PairLayout) {
    let n = 4
    let circuit = Circuit(qubits: n, pairs: layout.pairs(qubits: n))
    let evaluator = CircuitEvaluator<Double>(circuit: circuit, method: method)
    var stream = RandomStream(seed: 14, purpose: "accumulation")
    func number() -> Double { stream.uniform(in: -2...2) }
    let theta = (0..<circuit.parameterCount).map { _ in number() }
    evaluator.bind { theta[$0] }
    let (cos, sin, dOut) = (
      AlignedMemory<Double>(count: n), AlignedMemory<Double>(count: n), AlignedMemory<Double>(count: n)
    )
    for qubit in 0..<n {
      let encoded = Elementary.sinCos(number() * evaluator.encodingFactor)
      (cos.base[qubit], sin.base[qubit], dOut.base[qubit]) = (encoded.cos, encoded.sin, number())
    }
    func gradient(from start: Double) -> [Double] {
      let (dInput, dTheta) = (AlignedMemory<Double>(count: n), AlignedMemory<Double>(count: theta.count))
      for index in 0..<n { dInput.base[index] = start }
      for index in theta.indices { dTheta.base[index] = start }
      evaluator.backward(
        cos: ChannelView(cos.base, stride: 1), sin: ChannelView(sin.base, stride: 1),
        dOut: ChannelView(dOut.base, stride: 1), dInput: ChannelView(dInput.base, stride: 1), dTheta: dTheta.base)
      return Array(dInput.elements) + Array(dTheta.elements)
    }
    for (added, plain) in zip(gradient(from: 3), gradient(from: 0)) { #expect(abs(added - plain - 3) < 1e-12) }
  }
}
