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
  let architecture: VisionTransformerArchitecture
  private let layout: ParameterLayout
  private let ranges: TransformerRanges
  private let geometry: PatchGeometry
  private let embedding: PatchEmbedding
  let blocks: [TransformerBlock]

  private let pixels: Planes
  let stream: Planes  // x, which the blocks add to
  let gradientStream: Planes  // dx
  let narrow: [Planes]  // scratch [C, T]
  private let wide: Planes  // scratch [mlpWidth, T]
  let attentionScratch: Planes  // [D + 1, T]
  let polynomial: PolynomialAttention?
  let tiled: TiledAttention?
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
  private let tokenMask: Planes?
  /// Whether the last image's numbers were masked by dropout.
  private(set) var isMasked = false

  private let parameterCopy: AlignedMemory<Float>
  let parameters: UnsafePointer<Float>
  private var boundStep: Int?

  /// The penultimate vector before ReLU, the penultimate vector and the logits of the last image.
  private(set) var pooled: [Float]
  private(set) var penultimate: [Float]
  private(set) var logits: [Float]

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
    let drops = architecture.dropout > 0
    let shared =
      geometry.patchBytes + (drops ? 11 : 10) * q + architecture.headDimension + 2 + architecture.mlpWidth
    memory = AlignedMemory(
      count: vectors * (TransformerBlock.size(architecture) * architecture.blocks + shared), margin: Self.margin)
    var next = memory.base
    func planes(_ channels: Int) -> Planes {
      defer { next += channels * vectors }
      return Planes(next, channels: channels, vectors: vectors)
    }
    blocks = (0..<architecture.blocks).map {
      TransformerBlock($0, architecture, layout, method: method, planes: planes)
    }
    pixels = planes(geometry.repacks ? geometry.patchBytes : 0)
    stream = planes(q)
    gradientStream = planes(q)
    narrow = (0..<5).map { _ in planes(q) }
    attentionScratch = planes(architecture.headDimension + 1)
    polynomial =
      attention == .polynomial
      ? PolynomialAttention(vectors: vectors, slots: architecture.blocks * architecture.heads) : nil
    tiled = attention == .tiled ? TiledAttention(dimension: architecture.headDimension, vectors: vectors) : nil
    wide = planes(architecture.mlpWidth)
    lastNormal = planes(q)
    lastScale = planes(1)
    positions = planes(q)
    positionSums = planes(q)
    tokenMask = drops ? planes(q) : nil
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
      for projection in block.roles { projection?.bind(parameters) }
      block.output?.bind(parameters)
    }
  }

  /// Computes the logits of a prepared image; `saving` what `backward` needs. `next` is the image that is likely to follow.
  /// `dropout` says how masks are drawn; nil where nothing is dropped.
  func forward(_ image: UnsafePointer<UInt8>, next: UnsafePointer<UInt8>?, saving: Bool, dropout: ImageDropout? = nil) {
    isMasked = dropout != nil
    embedding.forward(image, next: next, pixels: pixels, into: stream)
    embedPositions()
    if let dropout { drawMasks(dropout) }
    if isMasked, let tokenMask { applyMask(tokenMask, to: stream) }
    for block in blocks { forward(block, saving: saving) }
    let last = narrow[0]
    layerNorm(
      stream, ranges.ln3Weight, ranges.ln3Bias, normal: lastNormal, scale: lastScale, into: last)
    let q = architecture.qubits
    for c in 0..<q {
      switch architecture.pooling {
      case .mean: pooled[c] = tokenSum(last, c, tokens: architecture.tokens) / Float(architecture.tokens)
      case .classToken: pooled[c] = last[c, architecture.tokens - 1]
      }
      penultimate[c] = max(pooled[c], 0)
    }
    let (weight, bias) = (ranges.headWeight.lowerBound, ranges.headBias.lowerBound)
    for k in 0..<architecture.classes {
      var sum = parameters[bias + k]
      for c in 0..<q { sum = multiplyAdd(penultimate[c], parameters[weight + k * q + c], sum) }
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

  /// Draws the masks of the image that is computed.
  private func drawMasks(_ dropout: ImageDropout) {
    let (rate, tokens) = (architecture.dropout, architecture.tokens)
    if let tokenMask { dropoutMask(dropout, .tokens, rate: rate, tokens: tokens, into: tokenMask) }
    for block in blocks {
      for (head, mask) in block.attentionMasks.enumerated() {
        dropoutMask(
          dropout, block: block.index, head: head, rate: rate, tokens: tokens, vectors: stream.vectors, into: mask)
      }
      for (place, mask) in zip(
        [DropoutPlace.attentionBranch(block: block.index), .mlpBranch(block: block.index)], block.branchMasks)
      {
        dropoutMask(dropout, place, rate: rate, tokens: tokens, into: mask)
      }
    }
  }

  private func forward(_ block: TransformerBlock, saving: Bool) {
    let names = block.names
    layerNorm(stream, names.ln1Weight, names.ln1Bias, normal: block.normal1, scale: block.scale1, into: block.ln1)
    project(block)
    attend(block, saving: saving)
    projectOutput(block)
    layerNorm(stream, names.ln2Weight, names.ln2Bias, normal: block.normal2, scale: block.scale2, into: block.ln2)
    linear(block.ln2, names.fc1Weight, names.fc1Bias, into: wide, accumulating: false)
    geluForward(wide, into: block.activated, derivative: block.derivative)
    if isMasked {
      let branch = narrow[0]
      linear(block.activated, names.fc2Weight, names.fc2Bias, into: branch, accumulating: false)
      applyMask(block.branchMasks[1], to: branch)
      stream.add(branch)
    } else {
      linear(block.activated, names.fc2Weight, names.fc2Bias, into: stream, accumulating: true)
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
    if isMasked, let tokenMask { applyMask(tokenMask, to: dx) }
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
  func sums(_ parameter: Int) -> UnsafeMutablePointer<Lanes> {
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
        place.pointee[0] = multiplyAdd(dLogits[k], penultimate[c], place.pointee[0])
      }
    }
    for c in 0..<q where pooled[c] > 0 {
      var gradient = dPenultimate[c]
      for k in 0..<architecture.classes {
        gradient = multiplyAdd(dLogits[k], parameters[weight + k * q + c], gradient)
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

  private func backward(_ block: TransformerBlock) {
    let names = block.names
    let dx = gradientStream
    let (dMiddle, dAttended) = (narrow[0], narrow[1])
    linearBackward(
      branchGradient(block, 1, into: narrow[1]), x: block.activated, names.fc2Weight, names.fc2Bias, into: wide,
      accumulating: false)
    geluBackward(wide, derivative: block.derivative)
    linearBackward(wide, x: block.ln2, names.fc1Weight, names.fc1Bias, into: dMiddle, accumulating: false)
    layerNormBackward(
      dMiddle, normal: block.normal2, scale: block.scale2, names.ln2Weight, names.ln2Bias, addingTo: dx)
    let dBranch = branchGradient(block, 0, into: narrow[0])
    let dOut = projectOutputBackward(block, dBranch, into: dAttended)
    attendBackward(block, dOut)
    let dNormal = narrow[0]
    projectBackward(block, into: dNormal)
    layerNormBackward(
      dNormal, normal: block.normal1, scale: block.scale1, names.ln1Weight, names.ln1Bias, addingTo: dx)
  }

  /// The gradient of a branch's output: that of the stream, masked into `scratch` if dropout masked the branch.
  private func branchGradient(_ block: TransformerBlock, _ branch: Int, into scratch: Planes) -> Planes {
    guard isMasked else { return gradientStream }
    applyMask(block.branchMasks[branch], gradientStream, into: scratch)
    return scratch
  }

  /// Writes the gradient `[P]` of the chunk's images.
  func finishChunk(into gradient: UnsafeMutablePointer<Float>) {
    let first = ranges.position.upperBound
    for index in stride(from: first, to: layout.count, by: laneCount) {
      let totals = VectorMath.sums(sums(index))
      if index + laneCount <= layout.count {
        storeLanes(totals, to: gradient + index)
      } else {
        for lane in 0..<layout.count - index { gradient[index + lane] = totals[lane] }
      }
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

  func linear(
    _ x: Planes, _ weight: Range<Int>, _ bias: Range<Int>, into y: Planes, accumulating: Bool
  ) {
    linearForward(
      x, weight: parameters + weight.lowerBound, bias: parameters + bias.lowerBound, into: y, accumulating: accumulating
    )
  }

  func linearBackward(
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
