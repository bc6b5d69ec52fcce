import Architectures
import Threads
import TinyViTKernels
import VectorMath
import Testing
import _TestSupport

@testable import TinyViT

/// The small model with operands rounded to bfloat16.
@Suite(.enabled(if: isOptimised, "run it in release"))
struct PrecisionTests {
  private func step(
    _ rounding: BFloat16Method?, _ mode: BatchNormMode, threads: Int = 2
  ) -> (step: TrainingStep, gradients: [Float], model: TinyViTModel) {
    let model = SmallModel.make()
    let trainer = SmallModel.trainer(model, mode: mode, threads: threads, rounding: rounding)
    let step = trainer.step(images: SmallModel.images, channels: 3, labels: SmallModel.labels)
    return (step, trainer.gradients, model)
  }

  private func distance(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
    zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }.squareRoot()
  }

  /// timm in double precision, its products of operands that are rounded where ours are. A number just beside a tie is rounded the
  /// other way here and there, and what comes of it is rounded again, so that a few layers later the two have little more in common
  /// than their distance to single precision.
  @Test(arguments: [(BatchNormMode.frozen, 0.015, 0.03), (.training, 0.06, 0.06)])
  func stepAgreesWithTimmOverRoundedOperands(mode: BatchNormMode, ofLogits: Double, ofGradients: Double) throws {
    let fixture = try NPZ(path: Fixtures.path("tinyvit/bfloat16.npz"))
    let found = step(.current, mode)
    #expect(abs(found.step.loss - (try fixture.scalar("\(mode.rawValue).loss"))) <= ofLogits)
    for (logit, expected) in zip(found.step.logits.joined(), try fixture.doubles("\(mode.rawValue).logits")) {
      #expect(abs(Double(logit) - expected) <= ofLogits)
    }
    var (squares, size) = (0.0, 0.0)
    for place in found.model.parameterPlaces {
      for (value, wanted) in zip(
        samples(found.gradients[place.range]), try fixture.doubles("\(mode.rawValue).grad.\(place.name)"))
      {
        squares += (value - wanted) * (value - wanted)
        size += wanted * wanted
      }
    }
    #expect((squares / size).squareRoot() <= ofGradients, "\((squares / size).squareRoot())")
  }

  /// Weights that round to the same numbers give the same bits, forward and backward, in all layers that docs/teacher.md says
  /// are rounded, and in no others.
  @Test func whichWeightsAreRounded() {
    let model = SmallModel.make()
    model.parameterValues = model.parameterValues.map { roundToBFloat16($0) }
    let trainer = SmallModel.trainer(model, mode: .frozen, rounding: .current)
    func result() -> (TrainingStep, [Float]) {
      let step = trainer.step(images: SmallModel.images, channels: 3, labels: SmallModel.labels)
      return (step, trainer.gradients)
    }
    let start = model.parameterValues
    let expected = result()
    func isRounded(_ place: TensorPlace) -> Bool {
      let isMatrix = place.shape.count == 2 || place.shape.count == 4 && place.shape[1] > 1
      return isMatrix && !place.name.hasPrefix("head.") && !place.name.hasPrefix("patch_embed.conv1.")
        && !place.name.hasSuffix("attention_biases")
    }
    func values(moving places: [TensorPlace]) -> [Float] {
      var values = start
      for place in places { for index in place.range { values[index] *= 1 + 0x1p-11 } }
      return values
    }
    model.parameterValues = values(moving: model.parameterPlaces.filter(isRounded))
    #expect(model.parameterValues != start)
    let moved = result()
    #expect(moved.0 == expected.0 && moved.1 == expected.1)
    // One of each kind of the others.
    for name in [
      "patch_embed.conv1.conv.weight", "stages.0.blocks.0.conv2.conv.weight",
      "stages.1.blocks.0.local_conv.conv.weight",
      "stages.1.blocks.0.attn.qkv.bias", "stages.1.blocks.0.attn.attention_biases", "head.fc.0.weight",
      "head.fc.2.weight",
    ] {
      let places = model.parameterPlaces.filter { $0.name == name }
      #expect(places.count == 1 && !places.contains(where: isRounded), "\(name)")
      model.parameterValues = values(moving: places)
      #expect(result().0 != expected.0, "\(name)")
    }
  }

  /// 32 pixels are one token in the last stage.
  private static func modelOfOneToken() -> TinyViTModel {
    SmallModel.filled(
      TinyViTModel(
        TinyViTConfiguration(
          imageSide: 32, channels: [32, 32, 64, 96], depths: [1, 1, 1, 1], windows: [4, 2, 1], penultimate: 4,
          classes: 3),
        seed: 0))
  }

  /// Those of a step over one image of 32 pixels.
  private func gradients(_ model: TinyViTModel, _ rounding: BFloat16Method?) -> [Float] {
    let trainer = SmallModel.trainer(model, mode: .frozen, batchSize: 1, rounding: rounding)
    _ = trainer.step(images: Array(SmallModel.images[..<(32 * 32 * 3)]), channels: 3, labels: [1])
    return trainer.gradients
  }

  /// A weight gradient over one row is a product of two numbers of 8 bits, which single precision holds exactly: the last 8 of
  /// its 24 bits are zeros.
  @Test func operandsOfWeightGradientsAreRounded() {
    let model = Self.modelOfOneToken()
    let (exact, rounded) = (gradients(model, nil), gradients(model, .current))
    let names = ["downsample.conv3.conv", "blocks.0.attn.proj", "blocks.0.mlp.fc1", "blocks.0.mlp.fc2"]
    for name in names.map({ "stages.3.\($0).weight" }) {
      let range = model.parameterPlaces.first { $0.name == name }?.range ?? 0..<0
      #expect(exact[range].contains { $0.bitPattern & 0xFF != 0 }, "\(name)")
      #expect(rounded[range].contains { $0 != 0 } && rounded[range].allSatisfy { $0.bitPattern & 0xFF == 0 }, "\(name)")
    }
  }

  /// Where the input of the strided convolution is 8 everywhere, its weight gradient is eight times a sum of numbers of 8 bits: as
  /// they are of much the same size, the last bits of most sums are zeros.
  @Test func operandsOfTheStridedWeightGradientAreRounded() {
    let model = Self.modelOfOneToken()
    func range(_ name: String) -> Range<Int> {
      model.parameterPlaces.first { $0.name == "patch_embed.\(name)" }?.range ?? 0..<0
    }
    var values = model.parameterValues
    for index in range("conv1.bn.weight") { values[index] = 0 }
    for index in range("conv1.bn.bias") { values[index] = 8 }
    model.parameterValues = values
    func share(_ rounding: BFloat16Method?) -> Double {
      let gradients = gradients(model, rounding)[range("conv2.conv.weight")]
      return Double(gradients.count { $0.bitPattern & 0xF == 0 }) / Double(gradients.count)
    }
    let (exact, rounded) = (share(nil), share(.current))
    #expect(exact < 0.2 && rounded > 0.8, "\(exact), \(rounded)")
  }

  /// Near single precision, and not that itself: 8 bits of each operand are left.
  @Test(arguments: [(BatchNormMode.frozen, 0.02), (.training, 0.1)])
  func stepIsNearSinglePrecision(mode: BatchNormMode, tolerance: Double) {
    let (exact, rounded) = (step(nil, mode), step(.current, mode))
    let logits = distance(exact.step.logits.joined(), rounded.step.logits.joined())
    #expect(logits > 1e-4 && logits < tolerance, "logits \(logits)")
    let size = distance(exact.gradients, exact.gradients.map { _ in 0 })
    let gradients = distance(exact.gradients, rounded.gradients) / size
    #expect(gradients > 1e-4 && gradients < tolerance, "gradients \(gradients)")
  }

  /// The layouts of pairs and of reordered numbers give the same bits through the whole network, forward and backward.
  @Test(arguments: [BFloat16Method.portablePairs, .instruction], BatchNormMode.allCases)
  func waysToMultiplyAgree(method: BFloat16Method, mode: BatchNormMode) {
    let (one, other) = (step(.singlePrecision, mode), step(method, mode))
    #expect(one.step == other.step && one.gradients == other.gradients)
    #expect(one.model.statisticValues == other.model.statisticValues)
  }

  @Test(arguments: [1, 3]) func bitsDoNotDependOnThreads(threads: Int) {
    let (one, other) = (step(.current, .training), step(.current, .training, threads: threads))
    #expect(one.step == other.step && one.gradients == other.gradients)
    #expect(one.model.statisticValues == other.model.statisticValues)
  }

  @Test func inferenceIsThatOfFrozenTrainingWhateverTheBatch() {
    let inference = TinyViTInference(
      SmallModel.make(), normalisation: .half, precision: .bfloat16, pool: WorkerPool(threads: 2))
    let all = inference.outputs(images: SmallModel.images, count: 5, channels: 3)
    let third = Array(SmallModel.images[2 * 64 * 64 * 3..<3 * 64 * 64 * 3])
    #expect(inference.outputs(images: third, count: 1, channels: 3) == [all[2]])
    let trained = step(.current, .frozen).step
    #expect(distance(all.flatMap(\.logits), trained.logits.joined()) <= 2e-3)
    let exact = TinyViTInference(SmallModel.make(), normalisation: .half, pool: WorkerPool(threads: 2))
      .outputs(images: SmallModel.images, count: 5, channels: 3)
    #expect(exact != all)
  }

  @Test func learns() {
    let losses = SmallModel.losses(mode: .training, rounding: .current)
    #expect(!losses.contains { !$0.isFinite })
    #expect(losses[11] < losses[0] - 0.01)
  }
}
