import Architectures
import Threads
import VectorMath
import Testing
import _TestSupport

@testable import TinyViT

/// TinyViT-5M at full size against timm (random weights, head Linear(320, 4), ReLU, Linear(4, 2)), two images.
@Suite(
  .serialized, .enabled(if: isOptimised, "run it in release"),
  .enabled(if: Fixtures.golden("tinyvit") != nil, "the golden set is absent"))
struct GoldenTests {
  private let io: NPZ
  private let images: [UInt8]
  private let labels: [Int]

  init() throws {
    io = try NPZ(path: "\(Fixtures.golden("tinyvit") ?? "")/io.npz")
    images = try io.bytes("image_u8")
    labels = try io.integers("labels")
  }

  private func model() throws -> TinyViTModel {
    let model = TinyViTModel(.fiveMillion(penultimate: 4, classes: 2), seed: 0)
    let state = try NPZ(path: "\(Fixtures.golden("tinyvit") ?? "")/state_f32.npz")
    let table = model.architecture.table
    #expect(Set(state.names) == Set((table.parameters + table.statistics).map(\.name) + table.counters))
    var parameters = model.parameterValues
    for place in table.parameters {
      #expect(try state.shape(of: place.name) == place.shape)
      parameters.replaceSubrange(place.range, with: try state.floats(place.name))
    }
    var statistics = model.statisticValues
    for place in table.statistics { statistics.replaceSubrange(place.range, with: try state.floats(place.name)) }
    model.parameterValues = parameters
    model.statisticValues = statistics
    return model
  }

  /// The largest difference between an activation and a golden one [B, C, H, W], relative to the largest value.
  private func error(_ activation: Activation, _ name: String) throws -> Double {
    let expected = try io.doubles(name)
    let largest = expected.map(abs).max() ?? 0
    var worst = 0.0
    for image in labels.indices {
      for row in 0..<activation.rows {
        for c in 0..<activation.channels {
          let found = Double(activation.image(image)[row * activation.channels + c])
          worst = max(
            worst, abs(found - expected[(image * activation.channels + c) * activation.rows + row]))
        }
      }
    }
    return worst / largest
  }

  @Test func parameterCount() {
    let model = TinyViTModel(.fiveMillion(penultimate: 8, classes: 5), seed: 0)
    #expect(model.parameterCount == 5_071_764 + 321 * 8 + 9 * 5)
    #expect(model.tensors.count == 298)
  }

  @Test(arguments: [1, 2]) func inferenceAgrees(threads: Int) throws {
    let inference = TinyViTInference(try model(), normalisation: .half, pool: WorkerPool(threads: threads))
    let outputs = inference.outputs(images: images, count: 2, channels: 3)
    for (found, expected) in zip(outputs.flatMap(\.logits), try io.doubles("eval.logits")) {
      #expect(abs(Double(found) - expected) <= 1e-4)
    }
    for (found, expected) in zip(outputs.flatMap(\.penultimate), try io.doubles("eval.act.head.fc.1")) {
      #expect(abs(Double(found) - expected) <= 1e-4)
    }
  }

  @Test(arguments: [(BatchNormMode.training, "train"), (.frozen, "eval")])
  func activationsAgree(mode: BatchNormMode, prefix: String) throws {
    let trainer = TinyViTBackpropagation(
      try model(), batchSize: 2, mode: mode, normalisation: .half, pool: WorkerPool(threads: 2))
    let step = trainer.step(images: images, channels: 3, labels: labels)
    #expect(abs(step.loss - (try io.scalar("\(prefix).loss"))) <= 1e-4)
    for (found, expected) in zip(step.logits.joined(), try io.doubles("\(prefix).logits")) {
      #expect(abs(Double(found) - expected) <= 1e-4)
    }
    let saved = trainer.activations
    #expect(try error(saved.stemOutput, "\(prefix).act.patch_embed") <= 1e-5)
    #expect(try error(saved.mergings[0].input, "\(prefix).act.stages.0") <= 1e-5)
    #expect(try error(saved.mergings[1].input, "\(prefix).act.stages.1") <= 2e-5)
    #expect(try error(saved.mergings[2].input, "\(prefix).act.stages.2") <= 5e-5)
    #expect(try error(saved.output, "\(prefix).act.stages.3") <= 1e-4)
  }

  @Test func trainingGradientsAgree() throws {
    let golden = try NPZ(path: "\(Fixtures.golden("tinyvit") ?? "")/grads_train_f32.npz")
    let trainer = TinyViTBackpropagation(
      try model(), batchSize: 2, mode: .training, normalisation: .half, pool: WorkerPool(threads: 2))
    _ = trainer.step(images: images, channels: 3, labels: labels)
    let gradients = trainer.gradients
    // Where the exact gradient is 0 (a constant that a batch norm or a softmax takes away again), rounding of single
    // precision remains.
    let floor = 1e-6
    for place in trainer.model.parameterPlaces {
      let expected = try golden.doubles(place.name)
      let largest = expected.map(abs).max() ?? 0
      let worst = zip(gradients[place.range], expected).map { abs(Double($0) - $1) }.max() ?? 0
      #expect(worst <= 1e-3 * largest + floor, "\(place.name): off by \(worst / largest) of the largest")
    }
  }
}
