import Architectures
import Threads
import VectorMath
import TinyViTKernels

extension MatrixPrecision {
  /// How operands are rounded on this machine; nil in single precision.
  var rounding: BFloat16Method? {
    switch self {
    case .float32: nil
    case .bfloat16: .current
    }
  }
}

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
  /// How operands of products are rounded; nil in single precision.
  private let rounding: BFloat16Method?
  /// Memory for rounded operands, of each thread that multiplies.
  private let roundingMemory: ScratchMemory
  private var products: [Product?]
  private var taps: [AlignedMemory<Float>?]
  private var biases: [AlignedMemory<Float>?]
  private var jobs: [() -> Void] = []

  /// Memory for the weights of a model.
  /// - Parameters:
  ///   - training: also for input gradients.
  ///   - rounding: how operands of products are rounded to bfloat16; nil in single precision.
  init(
    _ architecture: Architecture, parameters: AlignedMemory<Float>, training: Bool, rounding: BFloat16Method?
  ) {
    self.architecture = architecture
    self.parameters = parameters
    self.rounding = rounding
    roundingMemory = ScratchMemory(
      size: rounding.map { method in
        architecture.products.map { roundingMemorySize(method, inputs: $0.inputs, outputs: $0.outputs) }.max() ?? 1
      } ?? 1)
    products = Array(repeating: nil, count: architecture.products.count)
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

  /// Calls `body` with the arithmetic of a layer's products.
  @inline(__always)
  func withArithmetic(of layer: ProductLayer, _ body: (ProductArithmetic) -> Void) {
    guard let method = rounding(of: layer) else { return body(.float32) }
    let memory = roundingMemory.take()
    body(.bfloat16(method, memory: memory.base))
    roundingMemory.giveBack(memory)
  }

  /// B of Y = X · B.
  func forward(_ layer: ProductLayer) -> RightOperand {
    guard let product = products[layer.index] else { preconditionFailure("product \(layer.index) is not packed") }
    return RightOperand(packed: product.forward.base, steps: words(layer, steps: product.steps))
  }

  /// B of dX = dY · B.
  func backward(_ layer: ProductLayer) -> RightOperand {
    guard let memory = products[layer.index]?.backward else {
      preconditionFailure("product \(layer.index) is not packed for training")
    }
    return RightOperand(packed: memory.base, steps: words(layer, steps: layer.outputs))
  }

  /// Pixels have as many bits as bfloat16, and lose some of them as numbers from −1 to 1: the first convolution, 1 % of the
  /// products, takes them as they are.
  private func rounding(of layer: ProductLayer) -> BFloat16Method? {
    layer.index == architecture.stem1.product.index ? nil : rounding
  }

  /// What K steps take in the panels of a layer.
  private func words(_ layer: ProductLayer, steps: Int) -> Int {
    rounding(of: layer)?.words(steps: steps) ?? steps
  }

  /// Memory for the panels of a weight, with what packs a matrix [K, N] into them.
  private func panels(
    _ layer: ProductLayer, steps: Int, columns: Int, stepStride: Int, columnStride: Int
  ) -> (memory: AlignedMemory<Float>, pack: (_ matrix: UnsafePointer<Float>) -> Void) {
    let panels = AlignedMemory<Float>(count: panelSize(steps: steps, columns: columns))
    func pack(_ matrix: UnsafePointer<Float>) {
      packPanels(
        steps: steps, columns: columns, from: matrix, stepStride: stepStride, columnStride: columnStride,
        into: panels.base)
    }
    guard let method = rounding(of: layer) else { return (panels, pack) }
    let rounded = AlignedMemory<Float>(count: method.panelSize(steps: steps, columns: columns))
    return (
      rounded,
      { matrix in
        pack(matrix)
        roundPanels(method, steps: steps, columns: columns, panels.base, into: rounded.base)
      }
    )
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
    let forward = panels(layer, steps: inputs, columns: outputs, stepStride: 1, columnStride: inputs)
    jobs.append { forward.pack(weight) }
    products[layer.index] = Product(steps: inputs, forward: forward.memory)
    guard backward else { return }
    let transposed = panels(layer, steps: outputs, columns: inputs, stepStride: inputs, columnStride: 1)
    jobs.append { transposed.pack(weight) }
    products[layer.index]?.backward = transposed.memory
  }

  private func add(_ layer: StridedLayer, backward: Bool) {
    let shape = layer.shape
    let (size, outputs) = (shape.patchSize, shape.outputs)
    let weight = UnsafePointer(parameters.base + layer.product.weight)
    let dense = AlignedMemory<Float>(count: outputs * size)
    let forward = panels(layer.product, steps: size, columns: outputs, stepStride: 1, columnStride: size)
    let transposed =
      backward ? panels(layer.product, steps: outputs, columns: size, stepStride: size, columnStride: 1) : nil
    jobs.append {
      packStridedWeight(shape, weight, into: dense.base)
      forward.pack(dense.base)
      transposed?.pack(dense.base)
    }
    products[layer.product.index] = Product(steps: size, forward: forward.memory, backward: transposed?.memory)
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
