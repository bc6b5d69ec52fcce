import VectorMath
import TinyViTKernels

/// Where a pointwise convolution takes its input from.
enum PointwiseInput {
  /// An activation as it is.
  case plain(Activation)
  /// GELU of the batch norm of an activation, redone wherever it is needed.
  case activated(Activation, BatchNormLayer)
}

extension Network {
  /// Runs all layers up to the mean over the last stage's tokens.
  func forward(_ source: ImageSource) {
    stem(source)
    for (chain, saved) in zip(architecture.convolutions, activations.chains) {
      forward(chain, saved)
      addResidual(chain, saved)
    }
    for (index, stage) in architecture.stages.enumerated() {
      let merging = activations.mergings[index]
      forward(stage.merging, merging)
      normalise(merging.projected, stage.merging.project.norm, into: merging.output)
      for (block, saved) in zip(stage.blocks, activations.blocks[index]) {
        attention(block, saved)
        localConvolution(block, saved)
        multilayerPerceptron(block, saved)
      }
    }
    let last = activations.output
    let pooled = activations.pooled
    work.run { _, images, _ in
      for image in images {
        meanPoolForward(tokens: last.rows, channels: last.channels, last.image(image), into: pooled.image(image))
      }
    }
  }

  // MARK: Convolutions

  /// Two strided convolutions: x = bn(conv(GELU(bn(conv(image))))).
  private func stem(_ source: ImageSource) {
    strided(architecture.stem1, into: activations.stem1) { row, image, to in
      source.writeRow(row, ofImage: image, to: to)
    }
    strided(architecture.stem2, into: activations.stem2) { row, image, to in
      self.writeActivatedStemRow(row, ofImage: image, to: to)
    }
    normalise(activations.stem2, architecture.stem2.norm, into: activations.stemOutput)
  }

  /// One row of the second convolution's input, GELU(bn(stem1)).
  func writeActivatedStemRow(_ row: Int, ofImage image: Int, to: UnsafeMutablePointer<Float>) {
    let width = architecture.stem2.shape.width
    let saved = activations.stem1
    TinyViTKernels.normalise(
      rows: width, saved.image(image) + row * width * saved.channels, normalisation(architecture.stem1.norm),
      gelu: true,
      into: to)
  }

  private func strided(
    _ layer: StridedLayer, into output: Activation, fetch: (Int, Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    let chunks = work.map { _, images, scratch in
      weights.withArithmetic(of: layer.product) { arithmetic in
        for image in images {
          stridedForward(
            layer.shape, arithmetic, weight: weights.forward(layer.product), scratch: scratch,
            into: output.image(image)
          ) { row, to in fetch(row, image, to) }
        }
      }
      return moments(of: output, images)
    }
    settle(layer.norm, chunks)
  }

  /// The three convolutions of a chain; the last one's batch norm is left to the caller.
  private func forward(_ chain: ConvolutionChain, _ saved: ChainActivations) {
    pointwise(chain.expand, .plain(saved.input), into: saved.expanded)
    depthwise(chain.filter, into: saved.filtered) { row, image, to in
      self.writeActivatedRow(row, ofImage: image, saved.expanded, chain, to: to)
    }
    pointwise(chain.project, .activated(saved.filtered, chain.filter.norm), into: saved.projected)
  }

  /// One row of a chain's depthwise convolution's input, GELU(bn(expanded)).
  func writeActivatedRow(
    _ row: Int, ofImage image: Int, _ expanded: Activation, _ chain: ConvolutionChain, to: UnsafeMutablePointer<Float>
  ) {
    let width = chain.filter.shape.width
    TinyViTKernels.normalise(
      rows: width, expanded.image(image) + row * width * expanded.channels, normalisation(chain.expand.norm),
      gelu: true,
      into: to)
  }

  private func pointwise(_ layer: PointwiseLayer, _ input: PointwiseInput, into output: Activation) {
    let (inputs, outputs) = (layer.product.inputs, layer.product.outputs)
    let chunks = work.map { _, images, scratch in
      var moments = ChannelMoments(channels: outputs)
      forEachBlock(output, images) { first, count in
        let rows = inputRows(input, first: first, count: count, scratch: scratch)
        let to = output.memory.base + first * outputs
        weights.withArithmetic(of: layer.product) { arithmetic in
          multiply(
            arithmetic, rows: count, columns: outputs, steps: inputs, rows, stride: inputs,
            weights.forward(layer.product), into: to, resultStride: outputs, from: .zero)
        }
        if !frozen { moments.add(rows: count, to) }
      }
      return moments
    }
    settle(layer.norm, chunks)
  }

  /// Rows of a pointwise convolution's input, where they lie or redone in the scratch memory.
  func inputRows(
    _ input: PointwiseInput, first: Int, count: Int, scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    switch input {
    case .plain(let activation): return UnsafePointer(activation.memory.base + first * activation.channels)
    case .activated(let activation, let norm):
      TinyViTKernels.normalise(
        rows: count, activation.memory.base + first * activation.channels, normalisation(norm), gelu: true,
        into: scratch)
      return UnsafePointer(scratch)
    }
  }

  private func depthwise(
    _ layer: DepthwiseLayer, into output: Activation, fetch: (Int, Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    let chunks = work.map { _, images, scratch in
      for image in images {
        depthwiseForward(layer.shape, taps: weights.taps(layer), scratch: scratch, into: output.image(image)) {
          row, to in fetch(row, image, to)
        }
      }
      return moments(of: output, images)
    }
    settle(layer.norm, chunks)
  }

  private func moments(of output: Activation, _ images: Range<Int>) -> ChannelMoments {
    var moments = ChannelMoments(channels: output.channels)
    guard !frozen else { return moments }
    forEachBlock(output, images) { first, count in
      moments.add(rows: count, output.memory.base + first * output.channels)
    }
    return moments
  }

  /// y = bn(x).
  private func normalise(_ input: Activation, _ norm: BatchNormLayer, into output: Activation) {
    work.run { _, images, _ in
      forEachBlock(output, images) { first, count in
        TinyViTKernels.normalise(
          rows: count, input.memory.base + first * input.channels, normalisation(norm), gelu: false,
          into: output.memory.base + first * output.channels)
      }
    }
  }

  /// y = GELU(x + bn(projected)).
  private func addResidual(_ chain: ConvolutionChain, _ saved: ChainActivations) {
    work.run { _, images, _ in
      forEachBlock(saved.output, images) { first, count in
        let offset = first * saved.output.channels
        normaliseAddGELU(
          rows: count, saved.projected.memory.base + offset, normalisation(chain.project.norm),
          residual: saved.input.memory.base + offset, into: saved.output.memory.base + offset)
      }
    }
  }

  // MARK: Attention blocks

  /// middle = x + proj(attention(LN(x))), window by window.
  private func attention(_ block: AttentionBlock, _ saved: BlockActivations) {
    let (tokens, channels) = (block.tokens, block.channels)
    let shape = block.attention
    work.run { _, images, scratch in
      let rows = scratch
      let memory = scratch + tokens * channels
      for image in images {
        normaliseWindows(block, saved.input.image(image), into: rows)
        linear(block.qkv, rows: tokens, UnsafePointer(rows), into: saved.qkv.image(image))
        for window in 0..<tokens / shape.tokens {
          attentionForward(
            shape, qkv: saved.qkv.image(image) + window * shape.tokens * 3 * channels, bias: weights.biases(block),
            scratch: memory, into: saved.attended.image(image) + window * shape.tokens * channels)
        }
        linear(block.projection, rows: tokens, UnsafePointer(saved.attended.image(image)), into: rows)
        let input = saved.input.image(image)
        let output = saved.middle.image(image)
        forEachWindowRun(block) { inWindows, inGrid, count in
          let from = rows + inWindows * channels
          for i in stride(from: 0, to: count * channels, by: laneCount) {
            let at = inGrid * channels + i
            storeLanes(loadLanes(input + at) + loadLanes(from + i), to: output + at)
          }
        }
      }
    }
  }

  /// LN(x) of one image in the order of windows, [T, C].
  func normaliseWindows(
    _ block: AttentionBlock, _ input: UnsafePointer<Float>, into rows: UnsafeMutablePointer<Float>
  ) {
    let channels = block.channels
    forEachWindowRun(block) { inWindows, inGrid, count in
      layerNormForward(
        rows: count, channels: channels, input + inGrid * channels, gamma: parameters.base + block.attentionNorm.gamma,
        beta: parameters.base + block.attentionNorm.beta, into: rows + inWindows * channels)
    }
  }

  /// Y = X · Wᵀ + b.
  private func linear(
    _ layer: LinearLayer, rows: Int, _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
  ) {
    let (inputs, outputs) = (layer.product.inputs, layer.product.outputs)
    weights.withArithmetic(of: layer.product) { arithmetic in
      multiply(
        arithmetic, rows: rows, columns: outputs, steps: inputs, input, stride: inputs,
        weights.forward(layer.product), into: output, resultStride: outputs,
        from: .bias(UnsafePointer(parameters.base + layer.bias)))
    }
  }

  private func localConvolution(_ block: AttentionBlock, _ saved: BlockActivations) {
    let rowSize = block.side * block.channels
    depthwise(block.local, into: saved.filtered) { row, image, to in
      to.update(from: saved.middle.image(image) + row * rowSize, count: rowSize)
    }
  }

  /// y = x + fc2(GELU(fc1(LN(x)))), x = bn(filtered).
  private func multilayerPerceptron(_ block: AttentionBlock, _ saved: BlockActivations) {
    let channels = block.channels
    work.run { _, images, scratch in
      let rows = scratch
      let activated = scratch + Self.blockRows * channels
      forEachBlock(saved.output, images) { first, count in
        let output = saved.output.memory.base + first * channels
        let hidden = saved.hidden.memory.base + first * 4 * channels
        TinyViTKernels.normalise(
          rows: count, saved.filtered.memory.base + first * channels, normalisation(block.local.norm), gelu: false,
          into: output)
        layerNormForward(
          rows: count, channels: channels, output, gamma: parameters.base + block.mlpNorm.gamma,
          beta: parameters.base + block.mlpNorm.beta, into: rows)
        linear(block.mlpExpand, rows: count, UnsafePointer(rows), into: hidden)
        geluForward(count: count * 4 * channels, hidden, into: activated)
        linear(block.mlpProject, rows: count, UnsafePointer(activated), into: rows)
        for i in stride(from: 0, to: count * channels, by: laneCount) {
          storeLanes(loadLanes(output + i) + loadLanes(rows + i), to: output + i)
        }
      }
    }
  }
}
