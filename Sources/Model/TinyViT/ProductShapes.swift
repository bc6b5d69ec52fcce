import TinyViTKernels

/// A matrix product of the network: `rows` tokens of one image, from `inputs` to `outputs` channels.
public struct ProductShape: Hashable, Sendable {
  /// Tokens of one image.
  public var rows: Int
  /// Channels in; of a strided convolution the floats of a patch.
  public var inputs: Int
  /// Channels out.
  public var outputs: Int
  /// Whether a training step needs the gradient of the input: not so for the images themselves.
  public var hasInputGradient = true
}

extension TinyViTModel {
  /// All matrix products with a weight of a forward pass over one image, in the network's order; attention's own products
  /// and the head are not among them.
  public var productShapes: [ProductShape] {
    var shapes: [ProductShape] = []
    func add(_ layer: ProductLayer, rows: Int) {
      shapes.append(ProductShape(rows: rows, inputs: layer.inputs, outputs: layer.outputs))
    }
    func add(_ chain: ConvolutionChain) {
      add(chain.expand.product, rows: chain.inputPixels)
      add(chain.project.product, rows: chain.filter.outputPixels)
    }
    for (stem, hasInputGradient) in [(architecture.stem1, false), (architecture.stem2, true)] {
      let shape = stem.shape
      shapes.append(
        ProductShape(
          rows: shape.height / 2 * (shape.width / 2), inputs: shape.patchSize, outputs: shape.outputs,
          hasInputGradient: hasInputGradient))
    }
    architecture.convolutions.forEach(add)
    for stage in architecture.stages {
      add(stage.merging)
      for block in stage.blocks {
        for linear in [block.qkv, block.projection, block.mlpExpand, block.mlpProject] {
          add(linear.product, rows: block.tokens)
        }
      }
    }
    return shapes
  }
}
