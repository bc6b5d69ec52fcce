import Architectures
import Testing
import Threads
import VectorMath
import _TestSupport

@testable import TinyViT

/// The sizes that settings can name, against timm (`Tests/Fixtures/generate_tinyvit.py`).
@Suite(.enabled(if: isOptimised, "run it in release"))
struct FamilyTests {
  private let fixture: NPZ

  init() throws { fixture = try NPZ(path: Fixtures.path("tinyvit/family.npz")) }

  @Test(arguments: TinyViTVariant.allCases)
  func parameterCount(variant: TinyViTVariant) throws {
    let configuration = variant.configuration(penultimate: 6, classes: 5)
    let head = (configuration.channels[3] + 1) * 6 + 7 * 5
    let headless = try fixture.integers("\(variant.rawValue).headless")
    #expect(headless == [TinyViTModel(configuration, seed: 0).parameterCount - head])
    // What timm's and TinyViT's tables print, with 1,000 classes.
    let published: [TinyViTVariant: Int] = [
      .fiveMillion: 5_392_764, .elevenMillion: 10_996_972, .twentyOneMillion: 21_198_568,
    ]
    if let published = published[variant] {
      #expect(headless[0] + (configuration.channels[3] + 1) * 1_000 == published)
    }
  }

  @Test(arguments: TinyViTVariant.allCases)
  func inferenceAgreesWithTimm(variant: TinyViTVariant) throws {
    let model = SmallModel.filled(TinyViTModel(variant.configuration(penultimate: 4, classes: 3), seed: 0))
    let side = variant.imageSide
    var stream = RandomStream(seed: 7, purpose: "tinyvit images", 1)
    let pixels = (0..<side * side * 3).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
    let output = TinyViTInference(model, normalisation: .half, pool: WorkerPool(threads: 2))
      .outputs(images: pixels, count: 1, channels: 3)[0]
    let expected = try fixture.doubles("\(variant.rawValue).logits")
    #expect(output.logits.count == expected.count)
    for (found, expected) in zip(output.logits, expected) { #expect(abs(Double(found) - expected) <= 2e-5) }
  }

  /// What a step keeps is what memory is asked for before it.
  @Test(arguments: [TinyViTVariant.sample, .fiveMillion])
  func activationsAreCounted(variant: TinyViTVariant) {
    let configuration = variant.configuration(penultimate: 4, classes: 3)
    let activations = Activations(Architecture(configuration), images: 1, keeping: true)
    func size(_ activation: Activation) -> Int { activation.rows * activation.channels }
    var count = size(activations.stem1) + size(activations.stem2) + size(activations.stemOutput)
    for chain in activations.chains + activations.mergings {
      count += size(chain.expanded) + size(chain.filtered) + size(chain.projected) + size(chain.output)
    }
    for block in activations.blocks.joined() {
      count += size(block.qkv) + size(block.attended) + size(block.middle) + size(block.filtered)
      count += size(block.hidden) + size(block.output)
    }
    #expect(count == configuration.activationCount)
  }
}
