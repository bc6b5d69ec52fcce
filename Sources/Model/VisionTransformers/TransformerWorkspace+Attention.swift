import Architectures
import CircuitKernels
import QuantumCircuits
import TransformerKernels
import VectorMath

// A block's attention: projections of LN1's output, heads, projection of the output.

extension TransformerWorkspace {
  // MARK: Queries, keys and values

  /// Queries, keys and values.
  func project(_ block: TransformerBlock) {
    if let factor = block.roles.lazy.compactMap({ $0?.evaluators.first }).first?.encodingFactor {
      encodeAngles(block.ln1, factor: factor, cos: block.cos, sin: block.sin)
    }
    for projection in block.roles {
      guard let projection, let result = projection.result else { continue }
      project(projection, block.ln1, cos: block.cos, sin: block.sin, into: result, accumulating: false)
    }
  }

  /// From the gradients of queries, keys and values (`narrow[2...4]`) to that of LN1's output, overwritten.
  func projectBackward(_ block: TransformerBlock, into dx: Planes) {
    var accumulating = false
    for (projection, dy) in zip(block.roles, narrow[2...]) {
      guard let projection else { continue }
      projectBackward(
        projection, dy, x: block.ln1, cos: block.cos, sin: block.sin, into: dx, accumulating: accumulating)
      accumulating = true
    }
  }

  // MARK: Heads

  /// Every head's attention.
  func attend(_ block: TransformerBlock, saving: Bool) {
    if architecture.uniformAttention, !isMasked {
      uniformAttentionForward(v: block.value, tokens: architecture.tokens, into: block.attended)
      return
    }
    let tokens = architecture.tokens
    for head in 0..<architecture.heads {
      let (q, k, v) = (plane(block.query, head), plane(block.key, head), block.value.channels(columns(ofHead: head)))
      let (out, inverse) = (block.attended.channels(columns(ofHead: head)), block.inverse[head])
      if isMasked {
        attentionForward(
          q: q, k: k, v: v, tokens: tokens, mask: block.attentionMasks[head], into: out,
          exponentials: block.exponentials[head], inverse: inverse)
        continue
      }
      guard let q, let k else { preconditionFailure("attention without queries and keys") }
      if let polynomial,
        polynomial.forward(slot: block.slots[head], q: q, k: k, v: v, tokens: tokens, into: out, inverse: inverse)
      {
        continue
      }
      if let tiled {
        tiled.forward(
          q: q, k: k, v: v, tokens: tokens, into: out, exponentials: block.exponentials[head], inverse: inverse,
          saving: saving)
        continue
      }
      attentionForward(
        q: q, k: k, v: v, tokens: tokens, into: out, exponentials: block.exponentials[head], inverse: inverse,
        saving: saving)
    }
  }

  /// From the gradient of attention's output to those of queries, keys and values, in `narrow[2...4]`.
  func attendBackward(_ block: TransformerBlock, _ dAttended: Planes) {
    let (dQuery, dKey, dValue) = (narrow[2], narrow[3], narrow[4])
    if architecture.uniformAttention, !isMasked {
      uniformAttentionBackward(dAttended, tokens: architecture.tokens, dv: dValue)
      return
    }
    for head in 0..<architecture.heads {
      let columns = columns(ofHead: head)
      let (q, k, v) = (plane(block.query, head), plane(block.key, head), block.value.channels(columns))
      let (dq, dk, dv) = (dQuery.channels(columns), dKey.channels(columns), dValue.channels(columns))
      let (dOut, out, inverse) = (dAttended.channels(columns), block.attended.channels(columns), block.inverse[head])
      if isMasked {
        attentionBackward(
          dOut, out: out, q: q, k: k, v: v, tokens: architecture.tokens, mask: block.attentionMasks[head],
          exponentials: block.exponentials[head], inverse: inverse, scratch: attentionScratch,
          dq: q == nil ? nil : dq, dk: k == nil ? nil : dk, dv: dv)
        continue
      }
      guard let q, let k else { preconditionFailure("attention without queries and keys") }
      if let polynomial,
        polynomial.backward(slot: block.slots[head], dOut, out: out, v: v, inverse: inverse, dq: dq, dk: dk, dv: dv)
      {
        continue
      }
      if let tiled {
        tiled.backward(
          dOut, out: out, q: q, k: k, v: v, tokens: architecture.tokens, exponentials: block.exponentials[head],
          inverse: inverse, scratch: attentionScratch, dq: dq, dk: dk, dv: dv)
        continue
      }
      attentionBackward(
        dOut, out: out, q: q, k: k, v: v, tokens: architecture.tokens, exponentials: block.exponentials[head],
        inverse: inverse, scratch: attentionScratch, dq: dq, dk: dk, dv: dv)
    }
  }

  private func columns(ofHead head: Int) -> Range<Int> {
    head * architecture.headDimension..<(head + 1) * architecture.headDimension
  }

  private func plane(_ planes: Planes?, _ head: Int) -> Planes? { planes?.channels(columns(ofHead: head)) }

  // MARK: The output

  /// Adds attention's projected output to the stream.
  func projectOutput(_ block: TransformerBlock) {
    let branch = narrow[0]
    guard let output = block.output else {
      if isMasked {
        applyMask(block.branchMasks[0], block.attended, into: branch)
        stream.add(branch)
      } else {
        stream.add(block.attended)
      }
      return
    }
    if let factor = output.evaluators.first?.encodingFactor {
      encodeAngles(block.attended, factor: factor, cos: block.outputCos, sin: block.outputSin)
    }
    let direct = output.kind == .linear && !isMasked
    project(
      output, block.attended, cos: block.outputCos, sin: block.outputSin, into: direct ? stream : branch,
      accumulating: direct)
    if direct { return }
    if isMasked { applyMask(block.branchMasks[0], to: branch) }
    stream.add(branch)
  }

  /// The gradient of attention's output, from that of the branch: filled into `dAttended`, or the branch's own where there is
  /// no projection.
  func projectOutputBackward(_ block: TransformerBlock, _ dBranch: Planes, into dAttended: Planes) -> Planes {
    guard let output = block.output else { return dBranch }
    projectBackward(
      output, dBranch, x: block.attended, cos: block.outputCos, sin: block.outputSin, into: dAttended,
      accumulating: false)
    return dAttended
  }

  // MARK: One projection

  /// y = the projection of x; of a circuit, of the angles whose cosines and sines are given. Only a linear one accumulates.
  private func project(
    _ projection: BlockProjection, _ x: Planes, cos: Planes, sin: Planes, into y: Planes, accumulating: Bool
  ) {
    let places = projection.places
    switch projection.kind {
    case .identity: break  // y is x
    case .linear: linear(x, places.weight, places.bias, into: y, accumulating: accumulating)
    case .diagonal:
      diagonalForward(
        x, weight: parameters + places.weight.lowerBound, bias: parameters + places.bias.lowerBound, into: y)
    case .bottleneck:
      if let middle = projection.middle {
        bottleneckForward(
          x, down: parameters + places.weight.lowerBound, up: parameters + places.bias.lowerBound, middle: middle,
          into: y)
      }
    case .cosine:
      linear(x, places.weight, places.bias, into: y, accumulating: false)
      if let derivative = projection.derivative { cosineForward(y, derivative: derivative) }
    case .tanh:
      linear(x, places.weight, places.bias, into: y, accumulating: false)
      if let derivative = projection.derivative { tanhForward(y, derivative: derivative) }
    case .circuit:
      for (index, evaluator) in projection.evaluators.enumerated() {
        let columns = columns(ofCircuit: index, evaluator)
        circuitForward(evaluator, cos: cos.channels(columns), sin: sin.channels(columns), into: y.channels(columns))
      }
    }
  }

  /// dx from dy, overwritten or (`accumulating`) added to; adds to the sums of the parameters' gradients. dy of a cosine or a
  /// tanh is scratch.
  private func projectBackward(
    _ projection: BlockProjection, _ dy: Planes, x: Planes, cos: Planes, sin: Planes, into dx: Planes,
    accumulating: Bool
  ) {
    let places = projection.places
    switch projection.kind {
    case .identity:
      if !accumulating { dx.clear() }
      dx.add(dy)
    case .linear: linearBackward(dy, x: x, places.weight, places.bias, into: dx, accumulating: accumulating)
    case .diagonal:
      diagonalBackward(
        dy, x: x, weight: parameters + places.weight.lowerBound, into: dx, accumulating: accumulating,
        dWeight: sums(places.weight.lowerBound), dBias: sums(places.bias.lowerBound))
    case .bottleneck:
      if let middle = projection.middle {
        bottleneckBackward(
          dy, x: x, middle: middle, down: parameters + places.weight.lowerBound,
          up: parameters + places.bias.lowerBound,
          into: dx, accumulating: accumulating, dDown: sums(places.weight.lowerBound),
          dUp: sums(places.bias.lowerBound))
      }
    case .cosine, .tanh:
      if let derivative = projection.derivative { multiplyByDerivative(dy, derivative: derivative) }
      linearBackward(dy, x: x, places.weight, places.bias, into: dx, accumulating: accumulating)
    case .circuit:
      if !accumulating { dx.clear() }
      var offset = projection.parameters.lowerBound
      for (index, evaluator) in projection.evaluators.enumerated() {
        let columns = columns(ofCircuit: index, evaluator)
        circuitBackward(
          evaluator, dy.channels(columns), cos: cos.channels(columns), sin: sin.channels(columns),
          addingTo: dx.channels(columns), dTheta: sums(offset))
        offset += evaluator.circuit.parameterCount
      }
    }
  }

  private func columns(ofCircuit index: Int, _ evaluator: CircuitEvaluator<Lanes>) -> Range<Int> {
    index * evaluator.circuit.qubits..<(index + 1) * evaluator.circuit.qubits
  }
}
