public import Architectures
public import Threads
import VectorMath
import TinyViTKernels

/// What a TinyViT says about one image.
public struct TinyViTOutput: Sendable, Equatable {
  /// The penultimate vector [q].
  public var penultimate: [Float]
  /// [K].
  public var logits: [Float]
}

/// Evaluates a model with its running statistics. The result for an image depends on nothing but the image and the
/// weights: not on the batch it comes in, nor on the number of threads.
public final class TinyViTInference: Sendable {
  private let model: TinyViTModel
  private let pool: WorkerPool
  private let weights: PackedWeights
  private let scratch: ScratchMemory
  private let idle = Guarded<[Activations]>([])
  private let tables: [[Float]]

  /// Pixels along a side of the images it takes.
  public var imageSide: Int { model.configuration.imageSide }

  /// Packs the weights of products, which later changes of the model do not reach; the rest is read from the model, which must
  /// not change any more.
  public init(
    _ model: TinyViTModel, normalisation: PixelNormalisation, precision: MatrixPrecision = .float32, pool: WorkerPool
  ) {
    self.model = model
    self.pool = pool
    weights = PackedWeights(
      model.architecture, parameters: model.parameters, training: false, rounding: precision.rounding)
    weights.pack(pool)
    scratch = ScratchMemory(size: Network.scratchSize(model.architecture))
    tables = normalisation.tables
  }

  /// The outputs for images uint8 [count, side, side, channels], channels 1 or 3, in their order.
  /// - Precondition: as many pixels as that.
  public func outputs(images: [UInt8], count: Int, channels: Int) -> [TinyViTOutput] {
    let side = model.configuration.imageSide
    precondition(
      (channels == 1 || channels == 3) && images.count == count * side * side * channels,
      "\(images.count) bytes for \(count) images of \(side) by \(side) with \(channels) channels")
    let running = model.runningNormalisations
    return images.withUnsafeBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return [] }
      // Invariant: the pixels are only read, and outlive the call.
      nonisolated(unsafe) let first = base
      return Array(unsafeUninitializedCapacity: count) { outputs, initialized in
        // Invariant: every chunk initialises its own element.
        nonisolated(unsafe) let outputs = outputs
        pool.run(chunks: count) { image in
          let activations = idle.withLock { $0.popLast() } ?? Activations(model.architecture, images: 1, keeping: false)
          let network = Network(
            model.architecture, parameters: model.parameters, weights: weights, activations: activations,
            work: BatchWork(images: 1, pool: nil, scratch: scratch), running: running, frozen: true)
          network.forward(
            ImageSource(
              pixels: first + image * side * side * channels, side: side, channels: channels, tables: tables))
          let output = Head(architecture: model.architecture, parameters: model.parameters)
            .forward(activations.pooled.image(0))
          outputs.initializeElement(
            at: image, to: TinyViTOutput(penultimate: output.penultimate, logits: output.logits))
          idle.withLock { $0.append(activations) }
        }
        initialized = count
      }
    }
  }
}

extension TinyViTModel {
  /// What each batch norm does to its channels by its running statistics.
  var runningNormalisations: [Normalisation] {
    architecture.norms.map { norm in
      Normalisation(
        mean: statistics.elements[norm.mean..<norm.mean + norm.channels].map(Double.init),
        variance: statistics.elements[norm.variance..<norm.variance + norm.channels].map(Double.init),
        gamma: parameters.base + norm.gamma, beta: parameters.base + norm.beta)
    }
  }
}
