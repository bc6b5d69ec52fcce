import Architectures
import Datasets
import Learners
import Metrics
import SafeTensors
import Threads
import TinyViT
import Training
import VectorMath

/// The model that is measured.
private func makeModel() -> TinyViTModel { TinyViTModel(.fiveMillion(penultimate: 4, classes: 8), seed: 1) }

/// Random images [count, 224, 224, 3] with labels.
private struct RandomImages {
  let pixels: [UInt8]
  let labels: [Int]

  init(count: Int, model: TinyViTModel) {
    var stream = RandomStream(seed: 1, purpose: "benchmark images")
    let side = model.configuration.imageSide
    pixels = (0..<count * side * side * 3).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
    labels = (0..<count).map { _ in stream.index(below: model.configuration.classes) }
  }

  /// The pixels of an image.
  func image(_ index: Int) -> ArraySlice<UInt8> {
    let size = pixels.count / labels.count
    return pixels[index * size..<(index + 1) * size]
  }
}

/// Training steps as the trainer takes them: reading a batch, forward, backward, Adam.
final class TrainingSteps {
  private let trainer: Trainer<TinyViTLearner>
  private var state: TrainingState

  init(batch: Int, threads: Int, precision: MatrixPrecision) throws {
    let model = makeModel()
    let pool = WorkerPool(threads: threads)
    let images = RandomImages(count: batch, model: model)
    let split = TinyViTLearner.Split(labels: images.labels) { index, buffer in
      _ = buffer.update(fromContentsOf: images.image(index))
    }
    let learner = TinyViTLearner(
      model: model,
      makeTrainer: {
        TinyViTBackpropagation(
          model, batchSize: batch, mode: .training, normalisation: .half, precision: precision, pool: pool)
      },
      makeInference: { TinyViTInference(model, normalisation: .half, precision: precision, pool: pool) },
      training: split,
      validation: TinyViTLearner.Split(labels: []) { _, _ in }, task: .multiClass, channels: 3)
    var settings = TrainingSettings()
    settings.epochs = .max
    settings.batchSize = batch
    settings.selection = .lastEpoch
    trainer = Trainer(learner, settings: settings, seed: 1)
    state = TrainingState(
      parameters: model.parameterValues, statistics: model.statisticValues, settings: settings.adam)
  }

  /// An epoch, which is one step; returns its images.
  func step() throws -> Int {
    _ = try trainer.advance(&state)
    return trainer.learner.trainingCount
  }
}

/// Outputs of a batch.
final class InferenceBatches {
  private let inference: TinyViTInference
  private let images: RandomImages
  /// Kept, so that the work cannot be left out.
  private(set) var last: [TinyViTOutput] = []

  init(batch: Int, threads: Int, precision: MatrixPrecision) {
    let model = makeModel()
    inference = TinyViTInference(
      model, normalisation: .half, precision: precision, pool: WorkerPool(threads: threads))
    images = RandomImages(count: batch, model: model)
  }

  /// One batch; returns its images.
  func step() -> Int {
    last = inference.outputs(images: images.pixels, count: images.labels.count, channels: 3)
    return last.count
  }
}

extension Benchmark {
  /// Writes `weights.safetensors` with timm's names, and `case.safetensors`: a batch with its logits in inference and in training,
  /// and the gradient of every parameter; all in single precision.
  static func exportCase(to directory: String) throws {
    let model = makeModel()
    // Every parameter is moved a little, so that no gradient is small only because training has not begun.
    var stream = RandomStream(seed: 1, purpose: "benchmark parameters")
    model.parameterValues = model.parameterValues.map { $0 + Float(0.05 * stream.normal()) }
    try model.save(weights: directory + "/weights.safetensors")
    let images = RandomImages(count: 4, model: model)
    // Before the step moves the running statistics.
    let outputs = TinyViTInference(model, normalisation: .half, pool: WorkerPool(threads: 1))
      .outputs(images: images.pixels, count: images.labels.count, channels: 3)
    let trainer = TinyViTBackpropagation(
      model, batchSize: 4, mode: .training, normalisation: .half, pool: WorkerPool(threads: 1))
    let result = trainer.step(images: images.pixels, channels: 3, labels: images.labels)
    let gradients = trainer.gradients
    let side = model.configuration.imageSide
    try writeSafeTensors(
      [
        NamedTensor(name: "images", shape: [4, side, side, 3], elements: .integers(images.pixels.map(Int64.init))),
        NamedTensor(name: "labels", shape: [4], elements: .integers(images.labels.map(Int64.init))),
        NamedTensor(
          name: "logits", shape: [4, model.configuration.classes], elements: .floats(result.logits.flatMap { $0 })),
        NamedTensor(
          name: "inference", shape: [4, model.configuration.classes], elements: .floats(outputs.flatMap(\.logits))),
      ]
        + model.parameterPlaces.map {
          NamedTensor(name: "gradient/\($0.name)", shape: $0.shape, elements: .floats(Array(gradients[$0.range])))
        },
      to: directory + "/case.safetensors")
  }
}
