import Architectures
import Glibc
import QuantumCircuits
import Testing
import VectorMath

@testable import VisionTransformers

@Suite("Attention maps") struct AttentionMapTests {
  private func image(_ size: Int, channels: Int) -> [UInt8] {
    var stream = RandomStream(seed: 3, purpose: "attention map test")
    return (0..<size * size * channels).map { _ in UInt8(stream.index(below: 256)) }
  }

  private func architecture(_ projection: Projection, pooling: VisionTransformerArchitecture.Pooling, blocks: Int)
    -> VisionTransformerArchitecture
  {
    var architecture = VisionTransformerArchitecture(imageSize: 28, classes: 3)
    architecture.projections = Projections(all: projection)
    if projection == .circuit { architecture.circuit = CircuitDesign(layout: PairLayout.chain.pairs(qubits: 4)) }
    architecture.pooling = pooling
    architecture.blocks = blocks
    return architecture
  }

  @Test(
    "they are the means of the reference's attention weights",
    arguments: [
      (Projection.linear, VisionTransformerArchitecture.Pooling.mean, 1), (.circuit, .mean, 1),
      (.linear, .classToken, 2),
    ])
  func againstReference(projection: Projection, pooling: VisionTransformerArchitecture.Pooling, blocks: Int) throws {
    let architecture = architecture(projection, pooling: pooling, blocks: blocks)
    // Larger than at the start, so that weights differ.
    let parameters = ParameterLayout(architecture).initialParameters(seed: 5).map { $0 * 3 }
    let pixels = image(28, channels: 1)
    let maps = AttentionMaps(architecture, parameters: parameters, pixels: pixels)
    let reference = ReferenceTransformer<Double>(architecture, parameters: parameters.map(Double.init)).forward(pixels)
    #expect(maps.heads.map { [$0.block, $0.head] } == (0..<blocks).flatMap { [[$0, 0], [$0, 1]] })
    for (found, expected) in zip(maps.logits, reference.logits) { #expect(abs(Double(found) - expected) < 1e-3) }
    let (tokens, width, channels) = (architecture.tokens, architecture.headDimension, architecture.qubits)
    for map in maps.heads {
      let block = reference.blocks[map.block]
      let readers = pooling == .classToken ? tokens - 1..<tokens : 0..<tokens
      var means = [Double](repeating: 0, count: tokens)
      for reader in readers {
        let weights = (0..<tokens).map { token in
          exp(
            (0..<width).reduce(0.0) { sum, c in
              let column = map.head * width + c
              return sum + block.q[reader * channels + column] * block.k[token * channels + column]
            } / Double(width).squareRoot())
        }
        let total = weights.reduce(0, +)
        for token in 0..<tokens { means[token] += weights[token] / total / Double(readers.count) }
      }
      #expect(map.weights.count == 196)
      for (found, expected) in zip(map.weights, means) { #expect(abs(Double(found) - expected) < 1e-4) }
      if pooling == .mean { #expect(abs(map.weights.reduce(0, +) - 1) < 1e-4) }
    }
  }

  @Test("uniform attention looks nowhere in particular")
  func uniform() {
    var architecture = architecture(.linear, pooling: .mean, blocks: 1)
    architecture.uniformAttention = true
    let parameters = ParameterLayout(architecture).initialParameters(seed: 5)
    #expect(AttentionMaps(architecture, parameters: parameters, pixels: image(28, channels: 3)).heads == [])
  }
}
