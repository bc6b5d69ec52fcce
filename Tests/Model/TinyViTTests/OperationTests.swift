import Architectures
import Testing
import TinyViTKernels

@testable import TinyViT

@Suite struct OperationTests {
  /// "1.3 GFLOPs" of TinyViT-5M at 224 pixels, which counts multiply-adds of the network with a head of 1,000 classes.
  @Test func tinyViTHasThePublishedOperations() throws {
    let parts = TinyViTConfiguration.fiveMillion(penultimate: 4, classes: 2).operations
    #expect(
      parts.map(\.name) == ["patch embedding", "stage 0", "stage 1", "stage 2", "stage 3", "head"])
    #expect(try #require(parts.last).count == OperationCount(multiplyAdds: 320 * 4 + 4 * 2))
    let published = [PartOperations](parts.dropLast()).total.multiplyAdds + 320 * 1_000
    #expect((published + 50_000_000) / 100_000_000 == 13)
    // Each part in millions.
    let millions = parts.dropLast().map { Double($0.count.multiplyAdds) / 1e6 }
    for (found, expected) in zip(millions, [68.6, 220.0, 369.2, 458.2, 139.0]) {
      #expect((found - expected).magnitude < 0.15, "\(found), \(expected)")
    }
  }

  /// The formulas against the layers that are run: products, depthwise convolutions, attention, and what is activated.
  @Test(arguments: [TinyViTConfiguration.fiveMillion(penultimate: 8, classes: 11), SmallModel.configuration])
  func formulasCountTheLayers(configuration: TinyViTConfiguration) {
    let model = TinyViTModel(configuration, seed: 0)
    let architecture = model.architecture
    var count = OperationCount(
      multiplyAdds: model.productShapes.reduce(0) { $0 + $1.rows * $1.inputs * $1.outputs }
        + architecture.penultimate.product.size + architecture.classifier.product.size)
    // The engine fills patches up with zeros to whole vectors.
    for stem in [architecture.stem1.shape, architecture.stem2.shape] {
      count.multiplyAdds -= stem.height / 2 * (stem.width / 2) * (stem.patchSize - 9 * stem.inputs) * stem.outputs
    }
    let stem = architecture.stem1.shape
    count.elementaryFunctions += stem.height / 2 * (stem.width / 2) * stem.outputs
    func add(_ chain: ConvolutionChain) {
      let hidden = chain.expand.product.outputs
      count.multiplyAdds += chain.filter.outputPixels * hidden * 9
      count.elementaryFunctions += (chain.inputPixels + chain.filter.outputPixels) * hidden
    }
    for chain in architecture.convolutions {
      add(chain)
      count.elementaryFunctions += chain.inputPixels * chain.project.product.outputs
    }
    for stage in architecture.stages {
      add(stage.merging)
      for block in stage.blocks {
        let weights = block.attention.heads * block.attention.tokens * block.tokens
        count.multiplyAdds += 2 * weights * block.channels / block.attention.heads
        count.multiplyAdds += 9 * block.tokens * block.channels
        count.elementaryFunctions += weights + block.tokens * block.mlpExpand.product.outputs
      }
    }
    #expect(configuration.operations.total == count)
    #expect(configuration.multiplyAdds == count.multiplyAdds)
  }
}
