import VectorMath
import TinyViTKernels

/// A pass through the network over one batch: the activations and where each batch norm takes its statistics from.
///
/// Layers are run one after the other over the whole batch, because a batch norm in training needs all images before its
/// output is known. Within a layer the work goes by chunks of images, and within a chunk by blocks of rows that stay in
/// the cache, so that batch norm, GELU, sums and products touch memory once.
final class Network {
  /// Rows that a product works on at a time: a multiple of a tile's 6, and few enough for the second-level cache.
  static let blockRows = 126

  let architecture: Architecture
  let parameters: AlignedMemory<Float>
  let weights: PackedWeights
  let activations: Activations
  let work: BatchWork
  /// What each batch norm does to its channels; filled during the pass unless they are frozen.
  private(set) var normalisations: [Normalisation]
  /// The statistics of the batch, by batch norm; empty in a frozen pass.
  private(set) var moments: [ChannelMoments?]
  /// Whether batch norms use running statistics.
  let frozen: Bool

  /// - Parameter normalisations: from the running statistics, in the order of the batch norms' index; ignored unless frozen.
  init(
    _ architecture: Architecture, parameters: AlignedMemory<Float>, weights: PackedWeights, activations: Activations,
    work: BatchWork, running normalisations: [Normalisation], frozen: Bool
  ) {
    precondition(work.images <= activations.images, "\(work.images) images, memory for \(activations.images)")
    self.architecture = architecture
    self.parameters = parameters
    self.weights = weights
    self.activations = activations
    self.work = work
    self.normalisations = normalisations
    self.frozen = frozen
    moments = Array(repeating: nil, count: architecture.norms.count)
  }

  /// The scratch memory, in floats, that any layer of this architecture needs for a chunk.
  static func scratchSize(_ architecture: Architecture) -> Int {
    let convolution = [architecture.stem1, architecture.stem2].map {
      $0.shape.scratchSize + $0.shape.outputs * $0.shape.patchSize
    }
    let chains = (architecture.convolutions + architecture.stages.map(\.merging)).map { chain in
      max(
        chain.filter.shape.scratchSize + 9 * chain.filter.shape.channels,
        2 * blockRows * max(chain.filter.norm.channels, chain.project.norm.channels))
    }
    let blocks = architecture.stages.flatMap(\.blocks).map { block in
      max(
        block.attention.biasSize + block.attention.scratchSize + 7 * block.tokens * block.channels,
        blockRows * 11 * block.channels, block.local.shape.scratchSize + 9 * block.channels)
    }
    return (convolution + chains + blocks).max() ?? 1
  }

  /// What the batch norm does to its channels.
  func normalisation(_ layer: BatchNormLayer) -> Normalisation { normalisations[layer.index] }

  /// Decides a batch norm's statistics from those of the chunks, in their order. In a frozen pass there are none.
  func settle(_ layer: BatchNormLayer, _ chunks: [ChannelMoments]) {
    guard !frozen else { return }
    var all = ChannelMoments(channels: layer.channels)
    for chunk in chunks { all.merge(chunk) }
    moments[layer.index] = all
    normalisations[layer.index] = Normalisation(
      mean: all.mean, variance: all.variance, gamma: parameters.base + layer.gamma, beta: parameters.base + layer.beta)
  }

  /// Calls `body` with blocks of at most `blockRows` of an activation's rows in a range of images, as first row and count.
  @inline(__always)
  func forEachBlock(_ activation: Activation, _ images: Range<Int>, _ body: (_ first: Int, _ count: Int) -> Void) {
    let end = images.upperBound * activation.rows
    for first in stride(from: images.lowerBound * activation.rows, to: end, by: Self.blockRows) {
      body(first, min(Self.blockRows, end - first))
    }
  }

  /// Calls `body` with the address of each run of consecutive tokens of one image's windows: where it begins among the
  /// windows' tokens, where in the grid, and its length.
  @inline(__always)
  func forEachWindowRun(_ block: AttentionBlock, _ body: (_ inWindows: Int, _ inGrid: Int, _ count: Int) -> Void) {
    let window = block.attention.side
    guard window < block.side else { return body(0, 0, block.tokens) }
    var position = 0
    for windowRow in 0..<block.side / window {
      for windowColumn in 0..<block.side / window {
        for row in 0..<window {
          body(position, (windowRow * window + row) * block.side + windowColumn * window, window)
          position += window
        }
      }
    }
  }
}
