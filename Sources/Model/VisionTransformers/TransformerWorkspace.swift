import CircuitKernels
import Architectures
import VectorMath
import QuantumCircuits
import TransformerKernels

/// The fast student on one thread: activations of one image, sums of gradients of one chunk of images.
///
/// The steps are those of `ReferenceTransformer`, in the layout of `Planes`; each image is taken forward and backward while its
/// activations are in the cache.
final class TransformerWorkspace {
  private let architecture: VisionTransformerArchitecture
  private let layout: ParameterLayout
  private let ranges: TransformerRanges
  private let geometry: PatchGeometry
  private let embedding: PatchEmbedding
  private let blocks: [Block]

  private let pixels: Planes
  private let stream: Planes  // x, which the blocks add to
  private let gradientStream: Planes  // dx
  private let narrow: [Planes]  // scratch [C, T]
  private let wide: Planes  // scratch [mlpWidth, T]
  private let attentionScratch: Planes  // [D + 1, T]
  private let polynomial: PolynomialAttention?
  private let lastNormal: Planes
  private let lastScale: Planes
  private let memory: AlignedMemory<Lanes>

  /// A megabyte of addresses between one thread's workspace and the next one's. Attention goes through its exponentials in
  /// strides of 12 kB, and the processor, which reads ahead by a few strides, would take lines of the next workspace out of
  /// the cache of the core that is writing them: two threads were 1.3 times as fast as one instead of 1.95 times.
  private static let margin = 1 << 14

  /// One `Lanes` for each parameter behind the positions; their lanes are summed when the chunk ends.
  private let sums: AlignedMemory<Lanes>
  private let patchSums: AlignedMemory<Lanes>
  private let patchBiasSums: AlignedMemory<Lanes>
  private let positions: Planes
  private let positionSums: Planes

  private let parameterCopy: AlignedMemory<Float>
  private let parameters: UnsafePointer<Float>
  private var boundStep: Int?

  /// The penultimate vector before ReLU, the penultimate vector and the logits of the last image.
  private(set) var pooled: [Float]
  private(set) var penultimate: [Float]
  private(set) var logits: [Float]

  /// What one block keeps from forward to backward. A class, so that handing it on counts one reference, not ten.
  private final class Block {
    let names: BlockRanges
    let normal1, scale1, cos, sin, ln1: Planes
    let projected: [Planes]  // q, k, v
    let attended: Planes
    let inverse: [Planes]  // of each head
    let slots: [Int]  // of each head, in `polynomial`
    let exponentials: [UnsafeMutablePointer<Lanes>]  // of each head
    let normal2, scale2, ln2, activated, derivative: Planes
    let evaluators: [[CircuitEvaluator<Lanes>]]  // [q, k, v][circuit]

    init(
      _ index: Int, _ architecture: VisionTransformerArchitecture, _ layout: ParameterLayout, method: CircuitMethod?,
      planes: (Int) -> Planes
    ) {
      let (q, heads, wide) = (architecture.qubits, architecture.heads, architecture.mlpWidth)
      names = BlockRanges(layout, block: index, architecture)
      (normal1, scale1, cos, sin, ln1) = (planes(q), planes(1), planes(q), planes(q), planes(q))
      projected = (0..<3).map { _ in planes(q) }
      attended = planes(q)
      inverse = (0..<heads).map { _ in planes(1) }
      slots = (0..<heads).map { index * heads + $0 }
      (normal2, scale2, ln2, activated, derivative) = (planes(q), planes(1), planes(q), planes(wide), planes(wide))
      exponentials = (0..<heads).map { _ in planes(architecture.tokens).base }
      let vectors = attended.vectors
      evaluators = (0..<3).map { _ in
        architecture.circuits.map {
          CircuitEvaluator(circuit: $0, method: method ?? .fastest(for: $0), capacity: vectors)
        }
      }
    }
  }

  init(
    _ architecture: VisionTransformerArchitecture, layout: ParameterLayout, channels: Int, method: CircuitMethod?,
    attention: AttentionMethod
  ) {
    self.architecture = architecture
    self.layout = layout
    ranges = TransformerRanges(layout)
    let geometry = PatchGeometry(imageSize: architecture.imageSize, channels: channels)
    self.geometry = geometry
    let (q, t) = (architecture.qubits, architecture.tokens)
    let vectors = (t + laneCount - 1) / laneCount
    embedding = PatchEmbedding(
      geometry: geometry, outputs: q, moments: architecture.normalisation.moments)
    let perBlock =
      vectors * (11 * q + 2 + architecture.heads + 2 * architecture.mlpWidth) + architecture.heads * vectors * t
    let shared = vectors * (geometry.patchBytes + 10 * q + architecture.headDimension + 2 + architecture.mlpWidth)
    memory = AlignedMemory(count: perBlock * architecture.blocks + shared, margin: Self.margin)
    var next = memory.base
    func planes(_ channels: Int) -> Planes {
      defer { next += channels * vectors }
      return Planes(next, channels: channels, vectors: vectors)
    }
    blocks = (0..<architecture.blocks).map { Block($0, architecture, layout, method: method, planes: planes) }
    pixels = planes(geometry.repacks ? geometry.patchBytes : 0)
    stream = planes(q)
    gradientStream = planes(q)
    narrow = (0..<5).map { _ in planes(q) }
    attentionScratch = planes(architecture.headDimension + 1)
    polynomial =
      attention == .polynomial
      ? PolynomialAttention(vectors: vectors, slots: architecture.blocks * architecture.heads) : nil
    wide = planes(architecture.mlpWidth)
    lastNormal = planes(q)
    lastScale = planes(1)
    positions = planes(q)
    positionSums = planes(q)
    precondition(next <= memory.base + memory.elements.count, "the workspace is too small")
    let summed = layout.count - ranges.position.upperBound
    sums = AlignedMemory(count: (summed + laneCount - 1) / laneCount * laneCount)
    patchSums = AlignedMemory(count: embedding.gradientCount)
    patchBiasSums = AlignedMemory(count: q)
    parameterCopy = AlignedMemory(count: layout.count)
    parameters = UnsafePointer(parameterCopy.base)
    pooled = Array(repeating: 0, count: q)
    penultimate = pooled
    logits = Array(repeating: 0, count: architecture.classes)
  }

  /// Takes the parameters `[P]` for the images that follow, unless it has already taken those of this `step`. They are
  /// copied.
  func bind(_ values: UnsafePointer<Float>, step: Int) {
    guard boundStep != step else { return }
    boundStep = step
    parameterCopy.base.update(from: values, count: layout.count)
    embedding.bind(
      weight: parameters + ranges.patchWeight.lowerBound,
      bias: parameters + ranges.patchBias.lowerBound)
    let (q, position) = (architecture.qubits, parameters + ranges.position.lowerBound)
    for c in 0..<q {
      for t in 0..<architecture.tokens { positions[c, t] = position[t * q + c] }
    }
    for block in blocks {
      for (projection, evaluators) in block.evaluators.enumerated() {
        var offset = block.names.projectionWeights[projection]
        for evaluator in evaluators {
          evaluator.bind { Double(parameters[offset + $0]) }
          offset += evaluator.circuit.parameterCount
        }
      }
    }
  }

  /// Computes the logits of a prepared image; `saving` what `backward` needs. `next` is the image that is likely to follow.
  func forward(_ image: UnsafePointer<UInt8>, next: UnsafePointer<UInt8>?, saving: Bool) {
    embedding.forward(image, next: next, pixels: pixels, into: stream)
    embedPositions()
    for block in blocks { forward(block, saving: saving) }
    let last = narrow[0]
    layerNorm(
      stream, ranges.ln3Weight, ranges.ln3Bias, normal: lastNormal, scale: lastScale, into: last)
    let q = architecture.qubits
    for c in 0..<q {
      switch architecture.pooling {
      case .mean: pooled[c] = tokenSum(last, c) / Float(architecture.tokens)
      case .classToken: pooled[c] = last[c, architecture.tokens - 1]
      }
      penultimate[c] = max(pooled[c], 0)
    }
    let (weight, bias) = (ranges.headWeight.lowerBound, ranges.headBias.lowerBound)
    for k in 0..<architecture.classes {
      var sum = parameters[bias + k]
      for c in 0..<q { sum = penultimate[c].multiplied(by: parameters[weight + k * q + c], adding: sum) }
      logits[k] = sum
    }
  }

  /// Adds the positions (and puts the class token in its place).
  private func embedPositions() {
    let q = architecture.qubits
    if architecture.pooling == .classToken {
      let token = ranges.classToken.lowerBound
      for c in 0..<q { stream[c, architecture.patchCount] = parameters[token + c] }
    }
    stream.add(positions)
    // Padding must be finite; the embedding left bias and old values there.
    for c in 0..<q {
      for t in architecture.tokens..<stream.vectors * laneCount { stream[c, t] = 0 }
    }
  }

  private func forward(_ block: Block, saving: Bool) {
    let names = block.names
    layerNorm(stream, names.ln1Weight, names.ln1Bias, normal: block.normal1, scale: block.scale1, into: block.ln1)
    project(block)
    for head in 0..<architecture.heads {
      let columns = columns(ofHead: head)
      let (q, k, v) = (
        block.projected[0].channels(columns), block.projected[1].channels(columns), block.projected[2].channels(columns)
      )
      let (tokens, out, inverse) = (architecture.tokens, block.attended.channels(columns), block.inverse[head])
      if let polynomial,
        polynomial.forward(slot: block.slots[head], q: q, k: k, v: v, tokens: tokens, into: out, inverse: inverse)
      {
        continue
      }
      attentionForward(
        q: q, k: k, v: v, tokens: tokens, into: out, exponentials: block.exponentials[head], inverse: inverse,
        saving: saving)
    }
    linear(block.attended, names.projWeight, names.projBias, into: stream, accumulating: true)
    layerNorm(stream, names.ln2Weight, names.ln2Bias, normal: block.normal2, scale: block.scale2, into: block.ln2)
    linear(block.ln2, names.fc1Weight, names.fc1Bias, into: wide, accumulating: false)
    geluForward(wide, into: block.activated, derivative: block.derivative)
    linear(block.activated, names.fc2Weight, names.fc2Bias, into: stream, accumulating: true)
  }

  /// Queries, keys and values.
  private func project(_ block: Block) {
    guard let first = block.evaluators[0].first else {
      for projection in 0..<3 {
        let start = block.names.projectionWeights[projection]
        let q = architecture.qubits
        linear(
          block.ln1, start..<start + q * q, start + q * q..<start + q * q + q, into: block.projected[projection],
          accumulating: false)
      }
      return
    }
    encodeAngles(block.ln1, factor: first.encodingFactor, cos: block.cos, sin: block.sin)
    for (projection, evaluators) in block.evaluators.enumerated() {
      for (index, evaluator) in evaluators.enumerated() {
        let columns = columns(ofCircuit: index, evaluator)
        circuitForward(
          evaluator, cos: block.cos.channels(columns), sin: block.sin.channels(columns),
          into: block.projected[projection].channels(columns))
      }
    }
  }

  /// Sets the sums of gradients to zero: a chunk begins.
  func beginChunk() {
    sums.clear()
    positionSums.clear()
    patchSums.clear()
    patchBiasSums.clear()
  }

  /// Adds the gradient of a loss whose derivatives with respect to the last image's logits `[K]` and penultimate vector
  /// `[C]` are given. `image` is the one `forward` was given, with `saving`.
  func backward(_ image: UnsafePointer<UInt8>, dLogits: [Float], dPenultimate: [Float]) {
    let dx = gradientStream
    backwardHead(dLogits: dLogits, dPenultimate: dPenultimate, into: narrow[0])
    TransformerKernels.layerNormBackward(
      narrow[0], normal: lastNormal, scale: lastScale, weight: parameters + ranges.ln3Weight.lowerBound,
      into: dx, accumulating: false, dWeight: sums(ranges.ln3Weight.lowerBound),
      dBias: sums(ranges.ln3Bias.lowerBound))
    for block in blocks.reversed() { backward(block) }
    positionSums.add(dx)
    if architecture.pooling == .classToken {
      let token = sums(ranges.classToken.lowerBound)
      for c in 0..<architecture.qubits {
        token[c][0] += dx[c, architecture.patchCount]
        dx[c, architecture.patchCount] = 0
      }
    }
    embedding.backward(
      dx, image: image, pixels: pixels, dWeight: patchSums.base, dBias: patchBiasSums.base)
  }

  /// Where the gradient of a parameter behind the positions is summed.
  private func sums(_ parameter: Int) -> UnsafeMutablePointer<Lanes> {
    sums.base + (parameter - ranges.position.upperBound)
  }

  /// Through head, ReLU and pooling: fills dy `[C, T]` with the gradient of LN3's output, padding zero.
  private func backwardHead(dLogits: [Float], dPenultimate: [Float], into dy: Planes) {
    let q = architecture.qubits
    let (weight, bias) = (ranges.headWeight.lowerBound, ranges.headBias.lowerBound)
    let (dWeight, dBias) = (sums(weight), sums(bias))
    dy.clear()
    for k in 0..<architecture.classes {
      dBias[k][0] += dLogits[k]
      for c in 0..<q {
        let place = dWeight + k * q + c
        place.pointee[0] = dLogits[k].multiplied(by: penultimate[c], adding: place.pointee[0])
      }
    }
    for c in 0..<q where pooled[c] > 0 {
      var gradient = dPenultimate[c]
      for k in 0..<architecture.classes {
        gradient = dLogits[k].multiplied(by: parameters[weight + k * q + c], adding: gradient)
      }
      switch architecture.pooling {
      case .mean:
        let share = gradient / Float(architecture.tokens)
        let whole = architecture.tokens / laneCount
        for v in 0..<whole { dy.base[c * dy.vectors + v] = splat(share) }
        for t in whole * laneCount..<architecture.tokens { dy[c, t] = share }
      case .classToken: dy[c, architecture.tokens - 1] = gradient
      }
    }
  }

  private func backward(_ block: Block) {
    let names = block.names
    let dx = gradientStream
    let (dMiddle, dAttended) = (narrow[0], narrow[1])
    linearBackward(dx, x: block.activated, names.fc2Weight, names.fc2Bias, into: wide, accumulating: false)
    geluBackward(wide, derivative: block.derivative)
    linearBackward(wide, x: block.ln2, names.fc1Weight, names.fc1Bias, into: dMiddle, accumulating: false)
    layerNormBackward(
      dMiddle, normal: block.normal2, scale: block.scale2, names.ln2Weight, names.ln2Bias, addingTo: dx)
    linearBackward(dx, x: block.attended, names.projWeight, names.projBias, into: dAttended, accumulating: false)
    let dProjected = [narrow[2], narrow[3], narrow[4]]
    for head in 0..<architecture.heads {
      let columns = columns(ofHead: head)
      let (q, k, v) = (
        block.projected[0].channels(columns), block.projected[1].channels(columns), block.projected[2].channels(columns)
      )
      let (dq, dk, dv) = (
        dProjected[0].channels(columns), dProjected[1].channels(columns), dProjected[2].channels(columns)
      )
      let (dOut, out, inverse) = (dAttended.channels(columns), block.attended.channels(columns), block.inverse[head])
      if let polynomial,
        polynomial.backward(
          slot: block.slots[head], dOut, out: out, v: v, inverse: inverse, dq: dq, dk: dk, dv: dv)
      {
        continue
      }
      attentionBackward(
        dOut, out: out, q: q, k: k, v: v, tokens: architecture.tokens, exponentials: block.exponentials[head],
        inverse: inverse, scratch: attentionScratch, dq: dq, dk: dk, dv: dv)
    }
    let dNormal = narrow[0]
    projectBackward(block, dProjected, into: dNormal)
    layerNormBackward(
      dNormal, normal: block.normal1, scale: block.scale1, names.ln1Weight, names.ln1Bias, addingTo: dx)
  }

  private func projectBackward(_ block: Block, _ dy: [Planes], into dx: Planes) {
    guard !block.evaluators[0].isEmpty else {
      let q = architecture.qubits
      for projection in 0..<3 {
        let start = block.names.projectionWeights[projection]
        linearBackward(
          dy[projection], x: block.ln1, start..<start + q * q, start + q * q..<start + q * q + q, into: dx,
          accumulating: projection > 0)
      }
      return
    }
    dx.clear()
    for (projection, evaluators) in block.evaluators.enumerated() {
      var offset = block.names.projectionWeights[projection]
      for (index, evaluator) in evaluators.enumerated() {
        let columns = columns(ofCircuit: index, evaluator)
        circuitBackward(
          evaluator, dy[projection].channels(columns), cos: block.cos.channels(columns),
          sin: block.sin.channels(columns), addingTo: dx.channels(columns), dTheta: sums(offset))
        offset += evaluator.circuit.parameterCount
      }
    }
  }

  /// Writes the gradient `[P]` of the chunk's images.
  func finishChunk(into gradient: UnsafeMutablePointer<Float>) {
    let first = ranges.position.upperBound
    for index in stride(from: first, to: layout.count, by: laneCount) {
      let totals = VectorMath.sums(sums(index))
      for lane in 0..<min(laneCount, layout.count - index) { gradient[index + lane] = totals[lane] }
    }
    let q = architecture.qubits
    let position = gradient + ranges.position.lowerBound
    for c in 0..<q {
      for t in 0..<architecture.tokens { position[t * q + c] = positionSums[c, t] }
    }
    embedding.finish(
      dWeight: patchSums.base, dBias: patchBiasSums.base, intoWeight: gradient + ranges.patchWeight.lowerBound,
      intoBias: gradient + ranges.patchBias.lowerBound)
  }

  // MARK: Kernels with their parameters

  private func columns(ofHead head: Int) -> Range<Int> {
    head * architecture.headDimension..<(head + 1) * architecture.headDimension
  }

  private func columns(ofCircuit index: Int, _ evaluator: CircuitEvaluator<Lanes>) -> Range<Int> {
    index * evaluator.circuit.qubits..<(index + 1) * evaluator.circuit.qubits
  }

  /// Σ over the tokens of a channel, vector by vector and then over the lanes; padding left out.
  private func tokenSum(_ planes: Planes, _ channel: Int) -> Float {
    let whole = architecture.tokens / laneCount
    var total = splat(0)
    for v in 0..<whole { total += planes.base[channel * planes.vectors + v] }
    for t in whole * laneCount..<architecture.tokens { total[t % laneCount] += planes[channel, t] }
    return sum(total)
  }

  private func linear(
    _ x: Planes, _ weight: Range<Int>, _ bias: Range<Int>, into y: Planes, accumulating: Bool
  ) {
    linearForward(
      x, weight: parameters + weight.lowerBound, bias: parameters + bias.lowerBound, into: y, accumulating: accumulating
    )
  }

  private func linearBackward(
    _ dy: Planes, x: Planes, _ weight: Range<Int>, _ bias: Range<Int>, into dx: Planes, accumulating: Bool
  ) {
    TransformerKernels.linearBackward(
      dy, x: x, weight: parameters + weight.lowerBound, into: dx, accumulating: accumulating,
      dWeight: sums(weight.lowerBound), dBias: sums(bias.lowerBound))
  }

  private func layerNorm(
    _ x: Planes, _ weight: Range<Int>, _ bias: Range<Int>, normal: Planes, scale: Planes, into y: Planes
  ) {
    layerNormForward(
      x, weight: parameters + weight.lowerBound, bias: parameters + bias.lowerBound, normal: normal, scale: scale,
      into: y)
  }

  private func layerNormBackward(
    _ dy: Planes, normal: Planes, scale: Planes, _ weight: Range<Int>, _ bias: Range<Int>, addingTo dx: Planes
  ) {
    TransformerKernels.layerNormBackward(
      dy, normal: normal, scale: scale, weight: parameters + weight.lowerBound, into: dx, accumulating: true,
      dWeight: sums(weight.lowerBound), dBias: sums(bias.lowerBound))
  }
}

/// Where the parameters outside the blocks are in the flat vector, looked up once: kernels need them for every image.
struct TransformerRanges {
  let patchWeight, patchBias, position, ln3Weight, ln3Bias, headWeight, headBias: Range<Int>
  /// Empty unless tokens are pooled by a class token.
  let classToken: Range<Int>

  init(_ layout: ParameterLayout) {
    patchWeight = layout.range("patch.weight")
    patchBias = layout.range("patch.bias")
    position = layout.range("pos")
    ln3Weight = layout.range("ln3.weight")
    ln3Bias = layout.range("ln3.bias")
    headWeight = layout.range("head.weight")
    headBias = layout.range("head.bias")
    classToken = layout.parameter(named: "class_token")?.range ?? 0..<0
  }
}

/// Where a block's parameters are in the flat vector.
struct BlockRanges {
  let ln1Weight, ln1Bias, projWeight, projBias, ln2Weight, ln2Bias, fc1Weight, fc1Bias, fc2Weight, fc2Bias: Range<Int>
  /// Where the parameters of q, k and v begin: θ, or the weight with the bias behind it.
  let projectionWeights: [Int]

  init(_ layout: ParameterLayout, block: Int, _ architecture: VisionTransformerArchitecture) {
    let name = "blocks.\(block)"
    func range(_ suffix: String) -> Range<Int> { layout.range("\(name).\(suffix)") }
    ln1Weight = range("ln1.weight")
    ln1Bias = range("ln1.bias")
    projWeight = range("attn.proj.weight")
    projBias = range("attn.proj.bias")
    ln2Weight = range("ln2.weight")
    ln2Bias = range("ln2.bias")
    fc1Weight = range("fc1.weight")
    fc1Bias = range("fc1.bias")
    fc2Weight = range("fc2.weight")
    fc2Bias = range("fc2.bias")
    let kind = architecture.projection == .linear ? "weight" : "theta"
    projectionWeights = ["q", "k", "v"].map { range("attn.\($0).\(kind)").lowerBound }
  }
}
