import Architectures
import TinyViTKernels

// The layers of a TinyViT: what each computes, and where its parameters begin in the flat array of all parameters.

/// A batch norm.
struct BatchNormLayer: Sendable {
  var channels: Int
  var gamma: Int
  var beta: Int
  /// Where its running mean and variance begin among the statistics.
  var mean: Int
  var variance: Int
  /// Its number, in the order of the network's state dictionary.
  var index: Int
}

/// A matrix product over tokens: a linear layer, or a convolution seen as one.
struct ProductLayer: Sendable {
  var weight: Int
  var inputs: Int
  var outputs: Int
  /// Its number among the packed weights.
  var index: Int

  /// Elements of the weight.
  var size: Int { inputs * outputs }
}

/// A 1×1 convolution and its batch norm.
struct PointwiseLayer: Sendable {
  var product: ProductLayer
  var norm: BatchNormLayer
}

/// A strided 3×3 convolution and its batch norm.
struct StridedLayer: Sendable {
  var product: ProductLayer
  var shape: StridedShape
  var norm: BatchNormLayer
}

/// A depthwise convolution and its batch norm.
struct DepthwiseLayer: Sendable {
  var weight: Int
  var shape: DepthwiseShape
  var norm: BatchNormLayer
  /// Its number among the packed taps.
  var index: Int

  /// Pixels of the output.
  var outputPixels: Int { shape.height / shape.step * (shape.width / shape.step) }
}

/// A linear layer with bias.
struct LinearLayer: Sendable {
  var product: ProductLayer
  var bias: Int
}

/// A layer norm.
struct LayerNormLayer: Sendable {
  var channels: Int
  var gamma: Int
  var beta: Int
}

/// Pointwise, depthwise and pointwise convolution with GELU between them: an MBConv (with a residual) or a patch merging
/// (stride 2).
struct ConvolutionChain: Sendable {
  var expand: PointwiseLayer
  var filter: DepthwiseLayer
  var project: PointwiseLayer

  /// Pixels of the input.
  var inputPixels: Int { filter.shape.height * filter.shape.width }
}

/// Window attention, local convolution and MLP.
struct AttentionBlock: Sendable {
  /// Tokens along a side of the grid.
  var side: Int
  var attention: AttentionShape
  var biases: Int
  /// Its number among the expanded biases.
  var biasIndex: Int
  var attentionNorm: LayerNormLayer
  var qkv: LinearLayer
  var projection: LinearLayer
  var mlpNorm: LayerNormLayer
  var mlpExpand: LinearLayer
  var mlpProject: LinearLayer
  var local: DepthwiseLayer
  /// The parameters of the attention, and those of the MLP; each consecutive.
  var attentionParameters: Range<Int>
  var mlpParameters: Range<Int>

  var tokens: Int { side * side }
  var channels: Int { attention.channels }
}

/// A patch merging and the blocks behind it.
struct AttentionStage: Sendable {
  var merging: ConvolutionChain
  var blocks: [AttentionBlock]
}

/// All layers.
struct Architecture: Sendable {
  let configuration: TinyViTConfiguration
  let table: ParameterTable
  let stem1: StridedLayer
  let stem2: StridedLayer
  let convolutions: [ConvolutionChain]
  let stages: [AttentionStage]
  let headNorm: LayerNormLayer
  let penultimate: LinearLayer
  let classifier: LinearLayer
  /// All batch norms in the order of their index.
  let norms: [BatchNormLayer]
  /// All products with a weight, by their index.
  let products: [ProductLayer]
  /// How many packed taps and expanded biases there are.
  let tapCount: Int
  let biasCount: Int

  init(_ configuration: TinyViTConfiguration) {
    var builder = ArchitectureBuilder()
    let channels = configuration.channels
    let side = configuration.imageSide
    stem1 = builder.strided("patch_embed.conv1", side: side, inputs: 3, outputs: channels[0] / 2)
    stem2 = builder.strided("patch_embed.conv2", side: side / 2, inputs: channels[0] / 2, outputs: channels[0])
    convolutions = (0..<configuration.depths[0]).map {
      builder.chain(
        "stages.0.blocks.\($0)", side: side / 4, inputs: channels[0], hidden: 4 * channels[0], outputs: channels[0],
        step: 1)
    }
    stages = (1...3).map { stage in
      let merging = builder.chain(
        "stages.\(stage).downsample", side: side >> (stage + 1), inputs: channels[stage - 1],
        hidden: channels[stage], outputs: channels[stage], step: 2)
      let blocks = (0..<configuration.depths[stage]).map {
        builder.block(
          "stages.\(stage).blocks.\($0)", side: side >> (stage + 2), channels: channels[stage],
          window: configuration.windows[stage - 1])
      }
      return AttentionStage(merging: merging, blocks: blocks)
    }
    headNorm = builder.layerNorm("head.norm", channels[3])
    penultimate = builder.linear("head.fc.0", inputs: channels[3], outputs: configuration.penultimate)
    classifier = builder.linear("head.fc.2", inputs: configuration.penultimate, outputs: configuration.classes)
    self.configuration = configuration
    table = builder.table
    norms = builder.norms
    products = builder.products
    tapCount = builder.tapCount
    biasCount = builder.biasCount
  }

  /// The channels that enter the head.
  var features: Int { headNorm.channels }
}

/// Numbers the layers and places their parameters, in timm's order.
private struct ArchitectureBuilder {
  var table = ParameterTable()
  var norms: [BatchNormLayer] = []
  var products: [ProductLayer] = []
  var tapCount = 0
  var biasCount = 0

  mutating func batchNorm(_ name: String, _ channels: Int) -> BatchNormLayer {
    let gamma = table.parameter("\(name).weight", channels)
    let beta = table.parameter("\(name).bias", channels)
    let mean = table.statistic("\(name).running_mean", channels)
    let variance = table.statistic("\(name).running_var", channels)
    let index = table.counter("\(name).num_batches_tracked")
    norms.append(
      BatchNormLayer(channels: channels, gamma: gamma, beta: beta, mean: mean, variance: variance, index: index))
    return norms[index]
  }

  private mutating func product(weight: Int, inputs: Int, outputs: Int) -> ProductLayer {
    products.append(ProductLayer(weight: weight, inputs: inputs, outputs: outputs, index: products.count))
    return products[products.count - 1]
  }

  mutating func strided(_ name: String, side: Int, inputs: Int, outputs: Int) -> StridedLayer {
    let weight = table.parameter("\(name).conv.weight", outputs, inputs, 3, 3)
    return StridedLayer(
      product: product(weight: weight, inputs: 9 * inputs, outputs: outputs),
      shape: StridedShape(height: side, width: side, inputs: inputs, outputs: outputs),
      norm: batchNorm("\(name).bn", outputs))
  }

  private mutating func pointwise(_ name: String, inputs: Int, outputs: Int) -> PointwiseLayer {
    let weight = table.parameter("\(name).conv.weight", outputs, inputs, 1, 1)
    return PointwiseLayer(
      product: product(weight: weight, inputs: inputs, outputs: outputs), norm: batchNorm("\(name).bn", outputs))
  }

  private mutating func depthwise(_ name: String, side: Int, channels: Int, step: Int) -> DepthwiseLayer {
    let weight = table.parameter("\(name).conv.weight", channels, 1, 3, 3)
    tapCount += 1
    return DepthwiseLayer(
      weight: weight, shape: DepthwiseShape(height: side, width: side, channels: channels, step: step),
      norm: batchNorm("\(name).bn", channels), index: tapCount - 1)
  }

  mutating func chain(
    _ name: String, side: Int, inputs: Int, hidden: Int, outputs: Int, step: Int
  ) -> ConvolutionChain {
    ConvolutionChain(
      expand: pointwise("\(name).conv1", inputs: inputs, outputs: hidden),
      filter: depthwise("\(name).conv2", side: side, channels: hidden, step: step),
      project: pointwise("\(name).conv3", inputs: hidden, outputs: outputs))
  }

  mutating func layerNorm(_ name: String, _ channels: Int) -> LayerNormLayer {
    LayerNormLayer(
      channels: channels, gamma: table.parameter("\(name).weight", channels),
      beta: table.parameter("\(name).bias", channels))
  }

  mutating func linear(_ name: String, inputs: Int, outputs: Int) -> LinearLayer {
    let weight = table.parameter("\(name).weight", outputs, inputs)
    return LinearLayer(
      product: product(weight: weight, inputs: inputs, outputs: outputs),
      bias: table.parameter("\(name).bias", outputs))
  }

  mutating func block(_ name: String, side: Int, channels: Int, window: Int) -> AttentionBlock {
    let attention = AttentionShape(side: window, heads: channels / headWidth)
    let start = table.parameterCount
    let biases = table.parameter("\(name).attn.attention_biases", attention.heads, attention.tokens)
    let attentionNorm = layerNorm("\(name).attn.norm", channels)
    let qkv = linear("\(name).attn.qkv", inputs: channels, outputs: 3 * channels)
    let projection = linear("\(name).attn.proj", inputs: channels, outputs: channels)
    let middle = table.parameterCount
    let mlpNorm = layerNorm("\(name).mlp.norm", channels)
    let mlpExpand = linear("\(name).mlp.fc1", inputs: channels, outputs: 4 * channels)
    let mlpProject = linear("\(name).mlp.fc2", inputs: 4 * channels, outputs: channels)
    let end = table.parameterCount
    biasCount += 1
    return AttentionBlock(
      side: side, attention: attention, biases: biases, biasIndex: biasCount - 1, attentionNorm: attentionNorm,
      qkv: qkv, projection: projection, mlpNorm: mlpNorm, mlpExpand: mlpExpand, mlpProject: mlpProject,
      local: depthwise("\(name).local_conv", side: side, channels: channels, step: 1),
      attentionParameters: start..<middle, mlpParameters: middle..<end)
  }
}
