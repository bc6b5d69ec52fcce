public import CircuitKernels
public import VectorMath
import QuantumCircuits

// n qubits = n channels; one circuit with parameters θ, applied to every token.
//
//     y[:, t] = ⟨Z⟩ of the circuit for the input x[:, t]
//
// Saved: cosine and sine of the scaled input (`CircuitEvaluator.encodingFactor`), which the three circuits of a block
// share.

/// cos and sin of factor · x, element by element.
public func encodeAngles(_ x: Planes, factor: Double, cos: Planes, sin: Planes) {
  precondition(cos.channels == x.channels && sin.channels == x.channels, "the encoding's planes")
  let scale = splat(Float(factor))
  for index in 0..<x.channels * x.vectors {
    let (s, c) = sinCos(x.base[index] * scale)
    cos.base[index] = c
    sin.base[index] = s
  }
}

/// y = ⟨Z⟩ for every token, with the parameters bound to the evaluator.
public func circuitForward(_ evaluator: CircuitEvaluator<Lanes>, cos: Planes, sin: Planes, into y: Planes) {
  precondition(y.channels == evaluator.circuit.qubits, "\(y.channels) channels for \(evaluator.circuit.qubits) qubits")
  evaluator.forward(cos: cos.view, sin: sin.view, out: y.view, count: y.vectors)
}

/// dx += ∂/∂x, and in lanes dθ += ∂/∂θ, `[rows, 2]` with one `Lanes` per parameter.
public func circuitBackward(
  _ evaluator: CircuitEvaluator<Lanes>, _ dy: Planes, cos: Planes, sin: Planes, addingTo dx: Planes,
  dTheta: UnsafeMutablePointer<Lanes>
) {
  precondition(dy.channels == evaluator.circuit.qubits && dx.channels == dy.channels, "the circuit's planes")
  evaluator.backward(
    cos: cos.view, sin: sin.view, dOut: dy.view, dInput: dx.view, dTheta: dTheta, count: dy.vectors)
}

extension Planes {
  @inline(__always)
  fileprivate var view: ChannelView<Lanes> { ChannelView(base, stride: vectors) }
}
