import Losses
import Training
import VectorMath
import VisionTransformers

/// Training steps: forward, backward, Adam.
///
/// The degree of a QViT's attention depends on its parameters, so that a student that goes on training on random labels gets
/// slower. Once every batch has had its turn, training begins anew: rates are those of the parameters that inference is
/// measured with, however long they are measured.
final class TrainingBatches {
  private var benchmark: BenchmarkCase
  private let first: [Float]
  private var steps = 0
  private let batches: PreparedBatches
  private var optimizer: Adam<Float>
  private var gradient: [Float]

  init(_ benchmark: BenchmarkCase) {
    self.benchmark = benchmark
    batches = PreparedBatches(benchmark)
    first = benchmark.parameters
    optimizer = Adam(count: benchmark.parameters.count, settings: .init())
    gradient = [Float](repeating: 0, count: benchmark.parameters.count)
  }

  /// One step; returns its images.
  func step() -> Int {
    if steps % PreparedBatches.batches == 0 {
      benchmark.parameters = first
      optimizer = Adam(count: first.count, settings: .init())
    }
    steps += 1
    let (images, labels) = batches.take()
    _ = benchmark.student.gradient(
      parameters: benchmark.parameters, images: images, objective: .labels(labels), into: &gradient)
    optimizer.step(&benchmark.parameters, gradient: gradient, learningRate: 1e-3)
    return images.count
  }
}

/// Logits of one batch after the other.
final class InferenceBatches {
  private let benchmark: BenchmarkCase
  private let batches: PreparedBatches
  /// Kept, so that the work cannot be left out.
  private(set) var last: [Float] = []

  init(_ benchmark: BenchmarkCase) {
    self.benchmark = benchmark
    batches = PreparedBatches(benchmark)
  }

  /// One batch; returns its images.
  func step() -> Int {
    let (images, _) = batches.take()
    last = benchmark.student.outputs(parameters: benchmark.parameters, images: images).logits
    return images.count
  }
}
