import Architectures
import Threads
import TinyViTKernels
import VectorMath

@testable import TinyViT

/// Whether the kernels are optimised: without, a step of even the reduced model takes minutes.
let isOptimised = !_isDebugAssertConfiguration()

/// The reduced TinyViT of `Tests/Fixtures/generate_tinyvit.py`, with the same weights and images from the counter-based
/// generator.
enum SmallModel {
  static let labels = [0, 1, 2, 1, 0]

  static let configuration = TinyViTConfiguration(
    imageSide: 64, channels: [32, 32, 64, 96], depths: [1, 2, 1, 1], windows: [4, 4, 2], penultimate: 4, classes: 3)

  /// uint8 [5, 64, 64, 3].
  static let images: [UInt8] = {
    var stream = RandomStream(seed: 7, purpose: "tinyvit images", 0)
    return (0..<labels.count * 64 * 64 * 3).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
  }()

  static func make() -> TinyViTModel { filled(TinyViTModel(configuration, seed: 0)) }

  /// A model of any size with the fixture's weights.
  static func filled(_ model: TinyViTModel) -> TinyViTModel {
    let table = model.architecture.table
    let parameters = table.parameters.enumerated().map { uniform($0.offset, $0.element) }
    let statistics = table.statistics.enumerated().map { uniform(table.parameters.count + $0.offset, $0.element) }
    model.parameterValues = Array(parameters.joined())
    model.statisticValues = Array(statistics.joined())
    return model
  }

  static func trainer(
    _ model: TinyViTModel, mode: BatchNormMode, threads: Int = 2, batchSize: Int = 5, rounding: BFloat16Method? = nil
  ) -> TinyViTBackpropagation {
    TinyViTBackpropagation(
      model, batchSize: batchSize, mode: mode, normalisation: .half, rounding: rounding,
      pool: WorkerPool(threads: threads))
  }

  /// The losses of twelve steps down the gradient, from weights as in a training.
  static func losses(mode: BatchNormMode, rounding: BFloat16Method? = nil) -> [Double] {
    let model = TinyViTModel(configuration, seed: 3)
    let trainer = trainer(model, mode: mode, rounding: rounding)
    return (0..<12).map { _ in
      let loss = trainer.step(images: images, channels: 3, labels: labels).loss
      model.parameterValues = zip(model.parameterValues, trainer.gradients).map { $0 - 0.3 * $1 }
      return loss
    }
  }

  private static func uniform(_ index: Int, _ place: TensorPlace) -> [Float] {
    let name = place.name
    let range: ClosedRange<Double>
    if name.hasSuffix("running_var")
      || place.shape.count == 1 && (name.hasSuffix("norm.weight") || name.hasSuffix("bn.weight"))
    {
      range = 0.5...1.5
    } else if place.shape.count == 1 {
      range = -0.25...0.25
    } else if name.hasSuffix("attention_biases") {
      range = -1...1
    } else {
      let bound = (3 / Double(place.shape[1...].reduce(1, *))).squareRoot()
      range = -bound...bound
    }
    var stream = RandomStream(seed: 7, purpose: "tinyvit fixture", UInt64(index))
    return place.range.map { _ in Float(stream.uniform(in: range)) }
  }
}

/// At most 24 elements, evenly spread, and the Euclidean norm: what the fixture keeps of a tensor.
func samples(_ values: some Collection<Float>) -> [Double] {
  let values = values.map(Double.init)
  let step = max(1, values.count / 24)
  let spread = stride(from: 0, to: values.count, by: step).prefix(24).map { values[$0] }
  return spread + [values.reduce(0) { $0 + $1 * $1 }.squareRoot()]
}
