extension TinyViTConfiguration {
  /// Multiply-adds of a forward pass over one image.
  public var multiplyAdds: Int { operations.total.multiplyAdds }

  /// The work of a forward pass over one image by parts, in the order of the network. With C channels, N tokens, windows of
  /// W × W tokens and 32 channels for each head, a block of attention has
  ///
  ///     N · (3C² + C²)      queries, keys and values; projection
  ///     N · W² · 2C         attention's two products; C/32 · N · W² exponentials
  ///     N · 9C              the local convolution
  ///     N · 8C²             the MLP; 4C · N error functions
  public var operations: [PartOperations] {
    let side = imageSide
    var parts = [
      PartOperations(
        name: "patch embedding",
        count: convolution(outputs: channels[0] / 2, inputs: 9 * 3, side: side / 2, isActivated: true)
          + convolution(outputs: channels[0], inputs: 9 * channels[0] / 2, side: side / 4, isActivated: false)),
      PartOperations(
        name: "stage 0",
        count: depths[0]
          * (chain(inputs: channels[0], hidden: 4 * channels[0], outputs: channels[0], side: side / 4, step: 1)
            // GELU behind the residual sum.
            + OperationCount(elementaryFunctions: channels[0] * (side / 4) * (side / 4)))),
    ]
    for stage in 1...3 {
      let merging = chain(
        inputs: channels[stage - 1], hidden: channels[stage], outputs: channels[stage], side: side >> (stage + 1),
        step: 2)
      let block = attentionBlock(channels: channels[stage], side: side >> (stage + 2), window: windows[stage - 1])
      parts.append(PartOperations(name: "stage \(stage)", count: merging + depths[stage] * block))
    }
    parts.append(
      PartOperations(
        name: "head", count: OperationCount(multiplyAdds: channels[3] * penultimate + penultimate * classes)))
    return parts
  }

  /// The numbers that a training step keeps of one image for its backward pass: the outputs of convolutions before their batch
  /// norms, of linear layers, and what enters each block (docs/teacher.md).
  public var activationCount: Int {
    let side = imageSide
    /// What a chain of convolutions keeps between an input and an output of so many pixels.
    func chain(hidden: Int, outputs: Int, pixels: Int, outputPixels: Int) -> Int {
      hidden * (pixels + outputPixels) + 2 * outputs * outputPixels
    }
    let (first, second) = ((side / 2) * (side / 2), (side / 4) * (side / 4))
    var count = channels[0] / 2 * first + 2 * channels[0] * second
    count +=
      depths[0] * chain(hidden: 4 * channels[0], outputs: channels[0], pixels: second, outputPixels: second)
    for stage in 1...3 {
      let (before, tokens) = ((side >> (stage + 1)), (side >> (stage + 2)))
      count += chain(
        hidden: channels[stage], outputs: channels[stage], pixels: before * before, outputPixels: tokens * tokens)
      // Queries, keys and values, the heads' outputs, the sum, the local convolution, the MLP's hidden layer, the output.
      count += depths[stage] * 11 * channels[stage] * tokens * tokens
    }
    return count
  }

  /// A convolution whose output has `side` × `side` pixels, each of `inputs` weights.
  private func convolution(outputs: Int, inputs: Int, side: Int, isActivated: Bool) -> OperationCount {
    OperationCount(
      multiplyAdds: side * side * outputs * inputs, elementaryFunctions: isActivated ? side * side * outputs : 0)
  }

  /// Pointwise, depthwise and pointwise convolution with GELU between them, on an image of `side` × `side` pixels.
  private func chain(inputs: Int, hidden: Int, outputs: Int, side: Int, step: Int) -> OperationCount {
    convolution(outputs: hidden, inputs: inputs, side: side, isActivated: true)
      + convolution(outputs: hidden, inputs: 9, side: side / step, isActivated: true)
      + convolution(outputs: outputs, inputs: hidden, side: side / step, isActivated: false)
  }

  private func attentionBlock(channels c: Int, side: Int, window: Int) -> OperationCount {
    let (tokens, visible) = (side * side, window * window)
    return OperationCount(
      multiplyAdds: tokens * (12 * c * c + 2 * visible * c + 9 * c),
      elementaryFunctions: tokens * (c / Self.headWidth * visible + 4 * c))
  }
}
