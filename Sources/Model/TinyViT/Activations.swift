import VectorMath
import TinyViTKernels

/// An activation of a batch: [images, rows, channels].
struct Activation {
  let memory: AlignedMemory<Float>
  let rows: Int
  let channels: Int
  /// Floats of memory for each image.
  let capacity: Int

  /// The first row of an image.
  func image(_ index: Int) -> UnsafeMutablePointer<Float> { memory.base + index * rows * channels }

  /// The same memory seen as an activation of other sizes.
  func reshaped(rows: Int, channels: Int) -> Activation {
    precondition(rows * channels <= capacity, "[\(rows), \(channels)] in \(capacity) floats")
    return Activation(memory: memory, rows: rows, channels: channels, capacity: capacity)
  }
}

/// What a convolution chain keeps: the outputs of its convolutions, before their batch norms, which are cheap to redo.
struct ChainActivations {
  var input: Activation
  var expanded: Activation
  var filtered: Activation
  var projected: Activation
  var output: Activation
}

/// What an attention block keeps.
struct BlockActivations {
  var input: Activation
  /// [T, 3 C] in the order of windows.
  var qkv: Activation
  /// The heads' outputs [T, C] in the order of windows.
  var attended: Activation
  /// The input plus the attention branch.
  var middle: Activation
  /// The local convolution's output before its batch norm.
  var filtered: Activation
  /// The MLP's hidden layer before GELU.
  var hidden: Activation
  var output: Activation
}

/// All activations of a forward pass over up to `images` images.
///
/// In training each has its own memory; in inference those that are never alive together share it, so that a pass stays
/// within the cache.
struct Activations {
  let images: Int
  let stem1: Activation
  let stem2: Activation
  let stemOutput: Activation
  let chains: [ChainActivations]
  let mergings: [ChainActivations]
  let blocks: [[BlockActivations]]
  /// The last stage's output.
  let output: Activation
  /// Mean over tokens [1, C].
  let pooled: Activation

  init(_ architecture: Architecture, images: Int, keeping: Bool) {
    var allocator = Allocator(images: images, keeping: keeping)
    let stem1Shape = architecture.stem1.shape
    let stem2Shape = architecture.stem2.shape
    stem1 = allocator.make(.hidden, rows: stem1Shape.height * stem1Shape.width / 4, stem1Shape.outputs)
    stem2 = allocator.make(.filtered, rows: stem2Shape.height * stem2Shape.width / 4, stem2Shape.outputs)
    stemOutput = allocator.makeNext(rows: stem2.rows, stem2.channels)
    var current = stemOutput
    var chains: [ChainActivations] = []
    for chain in architecture.convolutions {
      chains.append(allocator.make(chain, input: current))
      current = chains[chains.count - 1].output
    }
    var mergings: [ChainActivations] = []
    var blocks: [[BlockActivations]] = []
    for stage in architecture.stages {
      mergings.append(allocator.make(stage.merging, input: current))
      current = mergings[mergings.count - 1].output
      var ofStage: [BlockActivations] = []
      for block in stage.blocks {
        ofStage.append(allocator.make(block, input: current))
        current = ofStage[ofStage.count - 1].output
      }
      blocks.append(ofStage)
    }
    self.images = images
    self.chains = chains
    self.mergings = mergings
    self.blocks = blocks
    output = current
    pooled = allocator.make(.pooled, rows: 1, architecture.features)
  }

  /// What an activation is for; in inference those of one role share memory.
  private enum Role: Hashable {
    case even, odd, hidden, filtered, middle, pooled
  }

  private struct Allocator {
    let images: Int
    let keeping: Bool
    var shared: [Role: AlignedMemory<Float>] = [:]
    var isOdd = false

    mutating func make(_ role: Role, rows: Int, _ channels: Int) -> Activation {
      let count = images * rows * channels
      if !keeping, let memory = shared[role], memory.elements.count >= count {
        return Activation(memory: memory, rows: rows, channels: channels, capacity: rows * channels)
      }
      let memory = AlignedMemory<Float>(count: count)
      shared[role] = memory
      return Activation(memory: memory, rows: rows, channels: channels, capacity: rows * channels)
    }

    /// A block's output, which must not share memory with its input.
    mutating func makeNext(rows: Int, _ channels: Int) -> Activation {
      isOdd.toggle()
      return make(isOdd ? .odd : .even, rows: rows, channels)
    }

    mutating func make(_ chain: ConvolutionChain, input: Activation) -> ChainActivations {
      let pixels = chain.filter.outputPixels
      return ChainActivations(
        input: input, expanded: make(.hidden, rows: chain.inputPixels, chain.expand.norm.channels),
        filtered: make(.filtered, rows: pixels, chain.filter.norm.channels),
        projected: make(.middle, rows: pixels, chain.project.norm.channels),
        output: makeNext(rows: pixels, chain.project.norm.channels))
    }

    mutating func make(_ block: AttentionBlock, input: Activation) -> BlockActivations {
      let (tokens, channels) = (block.tokens, block.channels)
      return BlockActivations(
        input: input, qkv: make(.hidden, rows: tokens, 3 * channels),
        attended: make(.filtered, rows: tokens, channels), middle: make(.middle, rows: tokens, channels),
        filtered: make(.filtered, rows: tokens, channels), hidden: make(.hidden, rows: tokens, 4 * channels),
        output: makeNext(rows: tokens, channels))
    }
  }
}
