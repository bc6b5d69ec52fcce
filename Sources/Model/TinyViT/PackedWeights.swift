import Threads
import VectorMath
import TinyViTKernels

/// The weights of a model in the layouts its kernels read: made anew from the parameters before each step.
///
/// Unchecked Sendable, by this invariant: memory is written in `pack` only, which its owner does not call while a pass
/// reads it.
final class PackedWeights: @unchecked Sendable {
  private struct Product {
    var steps: Int
    var forward: AlignedMemory<Float>
    /// For the input gradient; nil where none is needed.
    var backward: AlignedMemory<Float>?
  }

  private let architecture: Architecture
  private let parameters: AlignedMemory<Float>
  private var products: [Product?]
  private var taps: [AlignedMemory<Float>?]
  private var biases: [AlignedMemory<Float>?]
  private var jobs: [() -> Void] = []

  /// Memory for the weights of a model. `training`: also for input gradients.
  init(_ architecture: Architecture, parameters: AlignedMemory<Float>, training: Bool) {
    self.architecture = architecture
    self.parameters = parameters
    products = Array(repeating: nil, count: architecture.productCount)
    taps = Array(repeating: nil, count: architecture.tapCount)
    biases = Array(repeating: nil, count: architecture.biasCount)
    add(architecture.stem1, backward: false)
    add(architecture.stem2, backward: training)
    for chain in architecture.convolutions { add(chain, training) }
    for stage in architecture.stages {
      add(stage.merging, training)
      for block in stage.blocks {
        for linear in [block.qkv, block.projection, block.mlpExpand, block.mlpProject] {
          add(linear.product, backward: training)
        }
        add(block.local)
        addBiases(block)
      }
    }
  }

  /// Packs all weights as they are now.
  func pack(_ pool: WorkerPool) {
    pool.run(chunks: jobs.count) { jobs[$0]() }
  }

  /// B of Y = X · B.
  func forward(_ layer: ProductLayer) -> RightOperand {
    guard let product = products[layer.index] else { preconditionFailure("product \(layer.index) is not packed") }
    return RightOperand(packed: product.forward.base, steps: product.steps)
  }

  /// B of dX = dY · B.
  func backward(_ layer: ProductLayer) -> RightOperand {
    guard let memory = products[layer.index]?.backward else {
      preconditionFailure("product \(layer.index) is not packed for training")
    }
    return RightOperand(packed: memory.base, steps: layer.outputs)
  }

  /// The taps [3, 3, C].
  func taps(_ layer: DepthwiseLayer) -> UnsafePointer<Float> {
    guard let memory = taps[layer.index] else { preconditionFailure("taps \(layer.index) are not packed") }
    return UnsafePointer(memory.base)
  }

  /// The expanded attention biases [H, T, Tp].
  func biases(_ block: AttentionBlock) -> UnsafePointer<Float> {
    guard let memory = biases[block.biasIndex] else { preconditionFailure("biases \(block.biasIndex) are not packed") }
    return UnsafePointer(memory.base)
  }

  private func add(_ chain: ConvolutionChain, _ training: Bool) {
    add(chain.expand.product, backward: training)
    add(chain.filter)
    add(chain.project.product, backward: training)
  }

  private func add(_ layer: ProductLayer, backward: Bool) {
    let (inputs, outputs) = (layer.inputs, layer.outputs)
    let weight = UnsafePointer(parameters.base + layer.weight)
    let forward = AlignedMemory<Float>(count: panelSize(steps: inputs, columns: outputs))
    jobs.append {
      packPanels(
        steps: inputs, columns: outputs, from: weight, stepStride: 1, columnStride: inputs, into: forward.base)
    }
    products[layer.index] = Product(steps: inputs, forward: forward)
    guard backward else { return }
    let transposed = AlignedMemory<Float>(count: panelSize(steps: outputs, columns: inputs))
    jobs.append {
      packPanels(
        steps: outputs, columns: inputs, from: weight, stepStride: inputs, columnStride: 1, into: transposed.base)
    }
    products[layer.index]?.backward = transposed
  }

  private func add(_ layer: StridedLayer, backward: Bool) {
    let shape = layer.shape
    let (size, outputs) = (shape.patchSize, shape.outputs)
    let weight = UnsafePointer(parameters.base + layer.product.weight)
    let dense = AlignedMemory<Float>(count: outputs * size)
    let forward = AlignedMemory<Float>(count: panelSize(steps: size, columns: outputs))
    let transposed = backward ? AlignedMemory<Float>(count: panelSize(steps: outputs, columns: size)) : nil
    jobs.append {
      packStridedWeight(shape, weight, into: dense.base)
      packPanels(
        steps: size, columns: outputs, from: dense.base, stepStride: 1, columnStride: size, into: forward.base)
      if let transposed {
        packPanels(
          steps: outputs, columns: size, from: dense.base, stepStride: size, columnStride: 1, into: transposed.base)
      }
    }
    products[layer.product.index] = Product(steps: size, forward: forward, backward: transposed)
  }

  private func add(_ layer: DepthwiseLayer) {
    let channels = layer.shape.channels
    let weight = UnsafePointer(parameters.base + layer.weight)
    let memory = AlignedMemory<Float>(count: 9 * channels)
    jobs.append {
      for c in 0..<channels { for tap in 0..<9 { memory.base[tap * channels + c] = weight[c * 9 + tap] } }
    }
    taps[layer.index] = memory
  }

  private func addBiases(_ block: AttentionBlock) {
    let shape = block.attention
    let from = UnsafePointer(parameters.base + block.biases)
    let memory = AlignedMemory<Float>(count: shape.biasSize)
    jobs.append { expandAttentionBias(shape, from, into: memory.base) }
    biases[block.biasIndex] = memory
  }
}
