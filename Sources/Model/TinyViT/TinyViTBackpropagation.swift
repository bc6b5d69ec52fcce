public import Architectures
public import Threads
import VectorMath
import Losses
import TinyViTKernels

/// What one training step gives.
public struct TrainingStep: Sendable, Equatable {
  /// The mean cross-entropy over the batch.
  public var loss: Double
  /// The logits of each image, [images][K], before the step.
  public var logits: [[Float]]
  /// The penultimate vector of each image, [images][q].
  public var penultimate: [[Float]]
}

/// Computes losses and gradients of a model, batch by batch.
///
/// Memory grows with the largest batch: about 40 MB for each image of 224 pixels and half a gigabyte besides. Results do
/// not depend on the number of threads.
public final class TinyViTBackpropagation {
  let model: TinyViTModel
  private let mode: BatchNormMode
  private let pool: WorkerPool
  private let weights: PackedWeights
  let activations: Activations
  private let memory: GradientMemory
  private let scratch: ScratchMemory
  private let tables: [[Float]]

  /// Memory for batches of up to `batchSize` images.
  public convenience init(
    _ model: TinyViTModel, batchSize: Int, mode: BatchNormMode, normalisation: PixelNormalisation,
    precision: MatrixPrecision = .float32, pool: WorkerPool
  ) {
    self.init(
      model, batchSize: batchSize, mode: mode, normalisation: normalisation, rounding: precision.rounding, pool: pool)
  }

  /// The same with a chosen way to round operands to bfloat16; nil in single precision.
  init(
    _ model: TinyViTModel, batchSize: Int, mode: BatchNormMode, normalisation: PixelNormalisation,
    rounding: BFloat16Method?, pool: WorkerPool
  ) {
    precondition(batchSize > 0, "a batch of \(batchSize)")
    self.model = model
    self.mode = mode
    self.pool = pool
    weights = PackedWeights(model.architecture, parameters: model.parameters, training: true, rounding: rounding)
    activations = Activations(model.architecture, images: batchSize, keeping: true)
    memory = GradientMemory(model.architecture, images: batchSize)
    scratch = ScratchMemory(size: Network.scratchSize(model.architecture))
    tables = normalisation.tables
  }

  /// The gradients of the last step, in the places of the model's parameters.
  public var gradients: [Float] { Array(memory.parameters.elements) }

  /// Forward and backward of the mean cross-entropy over a batch; the parameters stay as they are, running statistics
  /// move if batch norms are trained.
  /// - Parameters:
  ///   - images: uint8 [labels.count, side, side, channels], channels 1 or 3.
  ///   - labels: 0 … K − 1.
  /// - Precondition: as many pixels as that; at least one image, at most the batch size.
  public func step(images: [UInt8], channels: Int, labels: [Int]) -> TrainingStep {
    let side = model.configuration.imageSide
    precondition(
      (channels == 1 || channels == 3) && images.count == labels.count * side * side * channels
        && 1...activations.images ~= labels.count,
      "\(images.count) bytes for \(labels.count) images of \(side) by \(side) with \(channels) channels")
    precondition(
      labels.allSatisfy { 0..<model.configuration.classes ~= $0 },
      "a label outside 0 ..< \(model.configuration.classes)")
    weights.pack(pool)
    return images.withUnsafeBufferPointer { pixels in
      guard let base = pixels.baseAddress else { preconditionFailure("no images") }
      let source = ImageSource(pixels: base, side: side, channels: channels, tables: tables)
      let network = Network(
        model.architecture, parameters: model.parameters, weights: weights, activations: activations,
        work: BatchWork(images: labels.count, pool: pool, scratch: scratch), running: model.runningNormalisations,
        frozen: mode == .frozen)
      network.forward(source)
      let result = head(labels)
      var backward = BackwardPass(network: network, memory: memory)
      backward.run(source)
      moveStatistics(network.moments)
      return result
    }
  }

  /// Loss and gradients of the head, image by image.
  private func head(_ labels: [Int]) -> TrainingStep {
    let head = Head(architecture: model.architecture, parameters: model.parameters)
    let start = model.architecture.headNorm.gamma
    (memory.parameters.base + start).update(repeating: 0, count: model.parameterCount - start)
    var loss = 0.0
    var logits: [[Float]] = []
    var penultimate: [[Float]] = []
    for (image, label) in labels.enumerated() {
      let output = head.forward(activations.pooled.image(image))
      let (ofImage, dLogits) = crossEntropySummand(output.logits, label: label, batch: labels.count)
      loss += ofImage
      logits.append(output.logits)
      penultimate.append(output.penultimate)
      head.backward(
        dLogits: dLogits, output, pooled: activations.pooled.image(image), gradients: memory.parameters.base,
        dPooled: memory.pooled.image(image))
    }
    return TrainingStep(loss: loss / Double(labels.count), logits: logits, penultimate: penultimate)
  }

  /// running ← 0.9 running + 0.1 batch, with the unbiased variance.
  private func moveStatistics(_ moments: [ChannelMoments?]) {
    for (norm, moments) in zip(model.architecture.norms, moments) {
      guard let moments else { continue }
      let mean = moments.mean
      let variance = moments.variance
      let unbiased = moments.rows / max(moments.rows - 1, 1)
      for c in 0..<norm.channels {
        let oldMean = Double(model.statistics.elements[norm.mean + c])
        let oldVariance = Double(model.statistics.elements[norm.variance + c])
        model.statistics.elements[norm.mean + c] = Float(0.9 * oldMean + 0.1 * mean[c])
        model.statistics.elements[norm.variance + c] = Float(0.9 * oldVariance + 0.1 * variance[c] * unbiased)
      }
      model.batchesSeen[norm.index] &+= 1
    }
  }
}
