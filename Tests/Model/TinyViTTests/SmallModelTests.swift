import Architectures
import Threads
import VectorMath
import Testing
import _TestSupport

@testable import TinyViT

@Suite(.enabled(if: isOptimised, "run it in release"))
struct SmallModelTests {
  private let fixture: NPZ

  init() throws { fixture = try NPZ(path: Fixtures.path("tinyvit/small.npz")) }

  /// Each sample within `tolerance` of the tensor's norm; where the exact value is 0, rounding remains.
  private func expectClose(
    _ found: some Collection<Float>, _ name: String, tolerance: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try fixture.doubles(name)
    let size = expected[expected.count - 1]
    for (value, wanted) in zip(samples(found), expected) {
      #expect(abs(value - wanted) <= tolerance * size + 1e-6, "\(name)", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [BatchNormMode.frozen, .training])
  func stepAgreesWithTimm(mode: BatchNormMode) throws {
    let model = SmallModel.make()
    let trainer = SmallModel.trainer(model, mode: mode)
    let step = trainer.step(images: SmallModel.images, channels: 3, labels: SmallModel.labels)
    #expect(abs(step.loss - (try fixture.scalar("\(mode.rawValue).loss"))) <= 1e-5)
    for (found, expected) in zip(step.logits.joined(), try fixture.doubles("\(mode.rawValue).logits")) {
      #expect(abs(Double(found) - expected) <= 2e-5)
    }
    for (found, expected) in zip(step.penultimate.joined(), try fixture.doubles("\(mode.rawValue).penultimate")) {
      #expect(abs(Double(found) - expected) <= 2e-5)
    }
    let gradients = trainer.gradients
    for place in model.parameterPlaces {
      try expectClose(gradients[place.range], "\(mode.rawValue).grad.\(place.name)", tolerance: 1e-4)
    }
  }

  @Test func runningStatisticsMove() throws {
    let model = SmallModel.make()
    let before = model.statisticValues
    _ = SmallModel.trainer(model, mode: .frozen).step(
      images: SmallModel.images, channels: 3, labels: SmallModel.labels)
    #expect(model.statisticValues == before)
    _ = SmallModel.trainer(model, mode: .training).step(
      images: SmallModel.images, channels: 3, labels: SmallModel.labels)
    for place in model.architecture.table.statistics {
      try expectClose(model.statisticValues[place.range], "after.\(place.name)", tolerance: 1e-5)
    }
    #expect(model.batchesSeen.allSatisfy { $0 == 1 })
  }

  @Test func inferenceAgreesWithTimmWhateverTheBatch() throws {
    let inference = TinyViTInference(SmallModel.make(), normalisation: .half, pool: WorkerPool(threads: 2))
    let all = inference.outputs(images: SmallModel.images, count: 5, channels: 3)
    for (found, expected) in zip(all.flatMap(\.logits), try fixture.doubles("frozen.logits")) {
      #expect(abs(Double(found) - expected) <= 2e-5)
    }
    let third = Array(SmallModel.images[2 * 64 * 64 * 3..<3 * 64 * 64 * 3])
    #expect(inference.outputs(images: third, count: 1, channels: 3) == [all[2]])
  }

  @Test func greyCountsAsThreeEqualChannels() {
    let inference = TinyViTInference(SmallModel.make(), normalisation: .imageNet, pool: WorkerPool(threads: 1))
    let grey = Array(SmallModel.images.prefix(64 * 64))
    let outputs = inference.outputs(images: grey, count: 1, channels: 1)
    #expect(outputs == inference.outputs(images: grey.flatMap { [$0, $0, $0] }, count: 1, channels: 3))
  }

  /// The bits of loss, gradients and statistics do not depend on the number of threads, nor on the memory's size.
  @Test(arguments: [(2, 5), (3, 5), (1, 9)])
  func bitsDoNotDependOnThreads(threads: Int, batchSize: Int) {
    let one = SmallModel.make()
    let several = SmallModel.make()
    let reference = SmallModel.trainer(one, mode: .training, threads: 1)
    let trainer = SmallModel.trainer(several, mode: .training, threads: threads, batchSize: batchSize)
    // A smaller batch first, so that memory is not fresh.
    let smaller = Array(SmallModel.images.prefix(2 * 64 * 64 * 3))
    for _ in 0..<2 {
      let expected = reference.step(images: SmallModel.images, channels: 3, labels: SmallModel.labels)
      _ = reference.step(images: smaller, channels: 3, labels: [1, 2])
      let found = trainer.step(images: SmallModel.images, channels: 3, labels: SmallModel.labels)
      _ = trainer.step(images: smaller, channels: 3, labels: [1, 2])
      #expect(found == expected)
      #expect(trainer.gradients == reference.gradients)
      #expect(several.statisticValues == one.statisticValues)
    }
  }

  /// Steps down the gradient lower the loss.
  @Test(arguments: BatchNormMode.allCases) func learns(mode: BatchNormMode) {
    let losses = SmallModel.losses(mode: mode)
    #expect(!losses.contains { !$0.isFinite })
    #expect(losses[11] < losses[0] - 0.01)
  }
}
