import Threads
import VectorMath
import TinyViTKernels

/// Memory for gradients on their way back, shared by all layers.
struct GradientMemory {
  /// The gradient of the running activation, and a second one for the layer that turns one into the other.
  var stream: Activation
  var other: Activation
  /// Gradients inside a convolution chain.
  let filtered: Activation
  let expanded: Activation
  /// The parameters' gradients of each chunk, before they are summed.
  let partial: AlignedMemory<Float>
  /// The gradients of all parameters.
  let parameters: AlignedMemory<Float>
  /// The gradient of the pooled features, [images, C].
  let pooled: Activation

  init(_ architecture: Architecture, images: Int) {
    let stem = architecture.stem2.shape
    var wide = stem.height * stem.width * stem.inputs
    var narrow = 0
    // The parameters that a layer accumulates for each chunk.
    var layerParameters = max(architecture.stem1.product.size, architecture.stem2.product.size)
    for chain in architecture.convolutions + architecture.stages.map(\.merging) {
      wide = max(wide, chain.inputPixels * chain.expand.norm.channels)
      narrow = max(
        narrow, chain.inputPixels * chain.expand.product.inputs, chain.filter.outputPixels * chain.project.norm.channels
      )
      layerParameters = max(
        layerParameters, chain.expand.product.size, chain.project.product.size, 9 * chain.filter.norm.channels)
    }
    for block in architecture.stages.flatMap(\.blocks) {
      layerParameters = max(layerParameters, block.attentionParameters.count, block.mlpParameters.count)
    }
    let chunks = (images + BatchWork.imagesPerChunk - 1) / BatchWork.imagesPerChunk
    func make(_ size: Int) -> Activation {
      Activation(memory: AlignedMemory(count: images * size), rows: size, channels: 1, capacity: size)
    }
    stream = make(narrow)
    other = make(narrow)
    filtered = make(wide)
    expanded = make(wide)
    partial = AlignedMemory(count: chunks * layerParameters)
    parameters = AlignedMemory(count: architecture.table.parameterCount)
    pooled = make(architecture.features).reshaped(rows: 1, channels: architecture.features)
  }
}

/// The backward pass: all parameters' gradients from that of the pooled features.
///
/// Each layer's weight gradient is accumulated image by image within a chunk and then over the chunks in their order.
struct BackwardPass {
  let network: Network
  var memory: GradientMemory

  private var architecture: Architecture { network.architecture }
  private var saved: Activations { network.activations }
  private var weights: PackedWeights { network.weights }
  private var work: BatchWork { network.work }
  private var gradients: UnsafeMutablePointer<Float> { memory.parameters.base }
  private var parameters: UnsafeMutablePointer<Float> { network.parameters.base }

  /// Goes back through all layers. Overwrites the gradients of all parameters but the head's.
  mutating func run(_ source: ImageSource) {
    poolBackward()
    for index in architecture.stages.indices.reversed() {
      let stage = architecture.stages[index]
      for (block, activations) in zip(stage.blocks, saved.blocks[index]).reversed() {
        let sums = multilayerPerceptron(block, activations)
        localConvolution(block, activations, sums)
        attention(block, activations)
      }
      let merging = saved.mergings[index]
      memory.stream = memory.stream.reshaped(
        rows: merging.projected.rows, channels: merging.projected.channels)
      let sums = gradientSums(memory.stream, merging.projected, stage.merging.project.norm)
      chain(stage.merging, merging, sums, residual: false)
    }
    for (layer, activations) in zip(architecture.convolutions, saved.chains).reversed() {
      let sums = residualBackward(layer, activations)
      chain(layer, activations, sums, residual: true)
    }
    stem(source)
  }

  // MARK: Parameter gradients

  /// Runs the chunks with a zeroed piece of memory for the gradients of the parameters in `range`, and sums the pieces in
  /// the order of the chunks.
  private func accumulate<Result>(
    _ range: Range<Int>,
    _ body: (_ images: Range<Int>, _ scratch: UnsafeMutablePointer<Float>, _ gradients: UnsafeMutablePointer<Float>) ->
      Result
  ) -> [Result] {
    let partial = memory.partial.base
    let results = work.map { chunk, images, scratch in
      let own = partial + chunk * range.count
      own.update(repeating: 0, count: range.count)
      return body(images, scratch, own - range.lowerBound)
    }
    let to = gradients + range.lowerBound
    let piece = 16_384
    let chunks = work.chunks
    func sum(_ index: Int) {
      let end = min((index + 1) * piece, range.count)
      var i = index * piece
      while end - i >= laneCount {
        var total = loadLanes(partial + i)
        for chunk in 1..<chunks { total += loadLanes(partial + (chunk &* range.count &+ i)) }
        storeLanes(total, to: to + i)
        i += laneCount
      }
      while i < end {
        var total = partial[i]
        for chunk in 1..<chunks { total += partial[chunk &* range.count &+ i] }
        to[i] = total
        i += 1
      }
    }
    let pieces = (range.count + piece - 1) / piece
    if let pool = work.pool { pool.run(chunks: pieces, sum) } else { for index in 0..<pieces { sum(index) } }
    return results
  }

  /// Settles a batch norm's backward pass and stores the gradients of its γ and β.
  private func settle(_ layer: BatchNormLayer, _ chunks: [ChannelGradientSums]) -> NormalisationGradient {
    var all = ChannelGradientSums(channels: layer.channels)
    for chunk in chunks { all.merge(chunk) }
    let gradient = NormalisationGradient(all, network.normalisation(layer), frozen: network.frozen)
    for c in 0..<layer.channels {
      gradients[layer.gamma + c] = gradient.dGamma[c]
      gradients[layer.beta + c] = gradient.dBeta[c]
    }
    return gradient
  }

  private func gradientSums(
    _ dy: Activation, _ x: Activation, _ norm: BatchNormLayer
  ) -> [ChannelGradientSums] {
    let normalisation = network.normalisation(norm)
    return work.map { _, images, _ in
      var sums = ChannelGradientSums(channels: norm.channels)
      network.forEachBlock(x, images) { first, count in
        let offset = first * norm.channels
        sums.add(rows: count, dy: dy.memory.base + offset, x.memory.base + offset, normalisation)
      }
      return sums
    }
  }

  // MARK: Convolutions

  private mutating func poolBackward() {
    let last = saved.output
    memory.stream = memory.stream.reshaped(rows: last.rows, channels: last.channels)
    let (stream, pooled) = (memory.stream, memory.pooled)
    work.run { _, images, _ in
      for image in images {
        meanPoolBackward(
          tokens: last.rows, channels: last.channels, dy: pooled.image(image), into: stream.image(image))
      }
    }
  }

  /// Through GELU(x + bn(projected)): the stream becomes the gradient of the sum.
  private mutating func residualBackward(
    _ chain: ConvolutionChain, _ activations: ChainActivations
  ) -> [ChannelGradientSums] {
    let channels = activations.output.channels
    let normalisation = network.normalisation(chain.project.norm)
    memory.stream = memory.stream.reshaped(rows: activations.output.rows, channels: channels)
    let stream = memory.stream
    return work.map { _, images, _ in
      var sums = ChannelGradientSums(channels: channels)
      network.forEachBlock(stream, images) { first, count in
        let offset = first * channels
        let dy = stream.memory.base + offset
        let x = activations.projected.memory.base + offset
        normaliseAddGELUBackward(
          rows: count, x, normalisation, residual: activations.input.memory.base + offset, dy: dy)
        sums.add(rows: count, dy: dy, x, normalisation)
      }
      return sums
    }
  }

  /// Through a chain's convolutions; the stream holds the gradient of the last batch norm's output. With a residual that
  /// same gradient reaches the input too.
  private mutating func chain(
    _ chain: ConvolutionChain, _ activations: ChainActivations, _ sums: [ChannelGradientSums], residual: Bool
  ) {
    let filtered = memory.filtered.reshaped(rows: activations.filtered.rows, channels: activations.filtered.channels)
    let expanded = memory.expanded.reshaped(rows: activations.expanded.rows, channels: activations.expanded.channels)
    let filteredSums = pointwise(
      chain.project, dy: memory.stream, x: activations.projected, sums,
      .activated(activations.filtered, chain.filter.norm), into: filtered, adding: false)
    let normalisation = network.normalisation(chain.expand.norm)
    let expandedSums = depthwise(chain.filter, dy: filtered, x: activations.filtered, filteredSums, into: expanded) {
      row, image, to in
      network.writeActivatedRow(row, ofImage: image, activations.expanded, chain, to: to)
    } completed: { row, image, sums in
      let size = chain.filter.shape.width * expanded.channels
      let dy = expanded.image(image) + row * size
      let x = activations.expanded.image(image) + row * size
      normaliseGELUBackward(rows: chain.filter.shape.width, x, normalisation, dy: dy)
      sums.add(rows: chain.filter.shape.width, dy: dy, x, normalisation)
    }
    memory.stream = memory.stream.reshaped(rows: activations.input.rows, channels: activations.input.channels)
    _ = pointwise(
      chain.expand, dy: expanded, x: activations.expanded, expandedSums, .plain(activations.input),
      into: memory.stream, adding: residual)
  }

  /// Through a pointwise convolution and the batch norm behind it.
  /// - Parameters:
  ///   - dy: the gradient of the batch norm's output.
  ///   - x: the convolution's output.
  ///   - dInput: overwritten or added to; if the input was activated, taken back through GELU.
  /// - Returns: the sums for the batch norm in front of an activated input; empty otherwise.
  private func pointwise(
    _ layer: PointwiseLayer, dy: Activation, x: Activation, _ sums: [ChannelGradientSums], _ input: PointwiseInput,
    into dInput: Activation, adding: Bool
  ) -> [ChannelGradientSums] {
    let (inputs, outputs) = (layer.product.inputs, layer.product.outputs)
    let norm = settle(layer.norm, sums)
    let start = layer.product.weight
    return accumulate(start..<start + inputs * outputs) { images, scratch, gradients in
      var inputSums = ChannelGradientSums(channels: inputs)
      let dx = scratch
      let redone = scratch + Network.blockRows * outputs
      network.forEachBlock(x, images) { first, count in
        norm.backward(
          rows: count, dy: dy.memory.base + first * outputs, x.memory.base + first * outputs, into: dx)
        let rows = network.inputRows(input, first: first, count: count, scratch: redone)
        let to = dInput.memory.base + first * inputs
        weights.withArithmetic(of: layer.product) { arithmetic in
          addWeightGradient(
            arithmetic, rows: count, outputs: outputs, inputs: inputs, dy: UnsafePointer(dx), rows,
            into: gradients + start)
          multiply(
            arithmetic, rows: count, columns: inputs, steps: outputs, UnsafePointer(dx), stride: outputs,
            weights.backward(layer.product), into: to, resultStride: inputs, from: adding ? .result : .zero)
        }
        if case .activated(let activation, let inputNorm) = input {
          let from = activation.memory.base + first * inputs
          let normalisation = network.normalisation(inputNorm)
          normaliseGELUBackward(rows: count, from, normalisation, dy: to)
          inputSums.add(rows: count, dy: to, from, normalisation)
        }
      }
      return inputSums
    }
  }

  /// Through a depthwise convolution and the batch norm behind it; `dy` is overwritten by the gradient of the
  /// convolution's output.
  private func depthwise(
    _ layer: DepthwiseLayer, dy: Activation, x: Activation, _ sums: [ChannelGradientSums], into dInput: Activation,
    fetch: (Int, Int, UnsafeMutablePointer<Float>) -> Void,
    completed: (Int, Int, inout ChannelGradientSums) -> Void
  ) -> [ChannelGradientSums] {
    let channels = layer.shape.channels
    let norm = settle(layer.norm, sums)
    return accumulate(layer.weight..<layer.weight + 9 * channels) { images, scratch, gradients in
      var inputSums = ChannelGradientSums(channels: channels)
      let dTaps = scratch
      dTaps.update(repeating: 0, count: 9 * channels)
      for image in images {
        norm.backward(rows: x.rows, dy: dy.image(image), x.image(image), into: dy.image(image))
        depthwiseBackward(
          layer.shape, dy: UnsafePointer(dy.image(image)), taps: weights.taps(layer), scratch: scratch + 9 * channels,
          into: dInput.image(image), dTaps: dTaps, fetch: { row, to in fetch(row, image, to) },
          completed: { row in completed(row, image, &inputSums) })
      }
      for c in 0..<channels {
        for tap in 0..<9 { gradients[layer.weight + c * 9 + tap] = dTaps[tap * channels + c] }
      }
      return inputSums
    }
  }

  /// Through the two strided convolutions; the stream holds the gradient of the stem's output.
  private mutating func stem(_ source: ImageSource) {
    let (stem1, stem2) = (architecture.stem1, architecture.stem2)
    memory.stream = memory.stream.reshaped(rows: saved.stem2.rows, channels: saved.stem2.channels)
    let stream = memory.stream
    let norm2 = settle(stem2.norm, gradientSums(stream, saved.stem2, stem2.norm))
    let dHidden = memory.expanded.reshaped(rows: saved.stem1.rows, channels: saved.stem1.channels)
    let normalisation1 = network.normalisation(stem1.norm)
    let sums = strided(stem2, dy: stream, x: saved.stem2, norm2) { row, image, to in
      network.writeActivatedStemRow(row, ofImage: image, to: to)
    } inputGradient: { image, arithmetic, scratch, sums in
      stridedInputGradient(
        stem2.shape, arithmetic, dy: UnsafePointer(stream.image(image)), weight: weights.backward(stem2.product),
        scratch: scratch, into: dHidden.image(image))
      network.forEachBlock(saved.stem1, image..<image + 1) { first, count in
        let offset = first * dHidden.channels
        let dy = dHidden.memory.base + offset
        let x = saved.stem1.memory.base + offset
        normaliseGELUBackward(rows: count, x, normalisation1, dy: dy)
        sums.add(rows: count, dy: dy, x, normalisation1)
      }
    }
    let norm1 = settle(stem1.norm, sums)
    _ = strided(stem1, dy: dHidden, x: saved.stem1, norm1) { row, image, to in
      source.writeRow(row, ofImage: image, to: to)
    } inputGradient: { _, _, _, _ in
    }
  }

  private func strided(
    _ layer: StridedLayer, dy: Activation, x: Activation, _ norm: NormalisationGradient,
    fetch: (Int, Int, UnsafeMutablePointer<Float>) -> Void,
    inputGradient: (Int, ProductArithmetic, UnsafeMutablePointer<Float>, inout ChannelGradientSums) -> Void
  ) -> [ChannelGradientSums] {
    let size = layer.shape.outputs * layer.shape.patchSize
    let start = layer.product.weight
    return accumulate(start..<start + layer.product.inputs * layer.product.outputs) { images, scratch, gradients in
      var sums = ChannelGradientSums(channels: layer.shape.inputs)
      let dWeight = scratch
      let memory = scratch + size
      dWeight.update(repeating: 0, count: size)
      for image in images {
        norm.backward(rows: x.rows, dy: dy.image(image), x.image(image), into: dy.image(image))
        weights.withArithmetic(of: layer.product) { arithmetic in
          stridedWeightGradient(
            layer.shape, arithmetic, dy: UnsafePointer(dy.image(image)), scratch: memory, into: dWeight
          ) { row, to in fetch(row, image, to) }
          inputGradient(image, arithmetic, memory, &sums)
        }
      }
      unpackStridedGradient(layer.shape, dWeight, addingTo: gradients + start)
      return sums
    }
  }

  // MARK: Attention blocks

  /// Through y = x + fc2(GELU(fc1(LN(x)))), x = bn(filtered): the stream becomes the gradient of x.
  private mutating func multilayerPerceptron(
    _ block: AttentionBlock, _ activations: BlockActivations
  ) -> [ChannelGradientSums] {
    let channels = block.channels
    memory.stream = memory.stream.reshaped(rows: block.tokens, channels: channels)
    let stream = memory.stream
    let normalisation = network.normalisation(block.local.norm)
    return accumulate(block.mlpParameters) { images, scratch, gradients in
      var sums = ChannelGradientSums(channels: channels)
      let size = Network.blockRows * channels
      let (x, normalised, activated) = (scratch, scratch + size, scratch + 2 * size)
      let dHidden = scratch + 6 * size
      let dNormalised = scratch + 10 * size
      network.forEachBlock(stream, images) { first, count in
        let filtered = activations.filtered.memory.base + first * channels
        let hidden = activations.hidden.memory.base + first * 4 * channels
        let dy = stream.memory.base + first * channels
        normalise(rows: count, filtered, normalisation, gelu: false, into: x)
        layerNormForward(
          rows: count, channels: channels, x, gamma: parameters + block.mlpNorm.gamma,
          beta: parameters + block.mlpNorm.beta, into: normalised)
        geluForward(count: count * 4 * channels, hidden, into: activated)
        linear(block.mlpProject, rows: count, dy: dy, activated, into: dHidden, gradients)
        geluBackward(count: count * 4 * channels, dy: dHidden, hidden, into: dHidden)
        linear(block.mlpExpand, rows: count, dy: dHidden, normalised, into: dNormalised, gradients)
        layerNormBackward(
          rows: count, channels: channels, dy: dNormalised, x, gamma: parameters + block.mlpNorm.gamma, addingTo: dy,
          dGamma: gradients + block.mlpNorm.gamma, dBeta: gradients + block.mlpNorm.beta)
        sums.add(rows: count, dy: dy, filtered, normalisation)
      }
      return sums
    }
  }

  /// Through Y = X · Wᵀ + b: dX overwritten, the gradients of W and b accumulated.
  private func linear(
    _ layer: LinearLayer, rows: Int, dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, _ gradients: UnsafeMutablePointer<Float>
  ) {
    let (inputs, outputs) = (layer.product.inputs, layer.product.outputs)
    addBiasGradient(rows: rows, outputs: outputs, dy: dy, into: gradients + layer.bias)
    weights.withArithmetic(of: layer.product) { arithmetic in
      addWeightGradient(
        arithmetic, rows: rows, outputs: outputs, inputs: inputs, dy: dy, x, into: gradients + layer.product.weight)
      multiply(
        arithmetic, rows: rows, columns: inputs, steps: outputs, dy, stride: outputs, weights.backward(layer.product),
        into: dx, resultStride: inputs, from: .zero)
    }
  }

  /// Through the local convolution and its batch norm: the gradient moves from the stream to the other memory, and the two
  /// change names.
  private mutating func localConvolution(
    _ block: AttentionBlock, _ activations: BlockActivations, _ sums: [ChannelGradientSums]
  ) {
    let rowSize = block.side * block.channels
    let dInput = memory.other.reshaped(rows: block.tokens, channels: block.channels)
    _ = depthwise(block.local, dy: memory.stream, x: activations.filtered, sums, into: dInput) { row, image, to in
      to.update(from: activations.middle.image(image) + row * rowSize, count: rowSize)
    } completed: { _, _, _ in
    }
    memory.other = memory.stream
    memory.stream = dInput
  }

  /// Through middle = x + proj(attention(LN(x))): the stream becomes the gradient of x.
  private func attention(_ block: AttentionBlock, _ activations: BlockActivations) {
    let (tokens, channels) = (block.tokens, block.channels)
    let shape = block.attention
    let stream = memory.stream
    _ = accumulate(block.attentionParameters) { images, scratch, gradients in
      let size = tokens * channels
      let dBias = scratch
      let memory = dBias + shape.biasSize
      let normalised = memory + shape.scratchSize
      let dRows = normalised + size
      let dAttended = dRows + size
      let dqkv = dAttended + size
      dBias.update(repeating: 0, count: shape.biasSize)
      for image in images {
        let qkv = activations.qkv.image(image)
        network.normaliseWindows(block, activations.input.image(image), into: normalised)
        network.forEachWindowRun(block) { inWindows, inGrid, count in
          (dRows + inWindows * channels).update(
            from: stream.image(image) + inGrid * channels, count: count * channels)
        }
        linear(
          block.projection, rows: tokens, dy: dRows, activations.attended.image(image), into: dAttended, gradients)
        for window in 0..<tokens / shape.tokens {
          let first = window * shape.tokens * channels
          attentionBackward(
            shape, dOutput: dAttended + first, qkv: qkv + 3 * first, bias: weights.biases(block), scratch: memory,
            into: dqkv + 3 * first, dBias: dBias)
        }
        linear(block.qkv, rows: tokens, dy: dqkv, normalised, into: dRows, gradients)
        network.forEachWindowRun(block) { inWindows, inGrid, count in
          layerNormBackward(
            rows: count, channels: channels, dy: dRows + inWindows * channels,
            activations.input.image(image) + inGrid * channels, gamma: parameters + block.attentionNorm.gamma,
            addingTo: stream.image(image) + inGrid * channels, dGamma: gradients + block.attentionNorm.gamma,
            dBeta: gradients + block.attentionNorm.beta)
        }
      }
      foldAttentionBiasGradient(shape, dBias, addingTo: gradients + block.biases)
    }
  }
}
