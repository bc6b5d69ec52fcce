import Architectures
import VectorMath
import TransformerKernels
import Testing

/// The kernels that are tiled over channels, for the numbers of channels that leave every kind of remainder, against the
/// reference in double precision.
@Suite struct TiledKernelTests {
  /// Random planes with padding that is zero, and their values `[T, channels]`.
  private static func planes(
    _ channels: Int, tokens: Int, _ purpose: String, in memory: AlignedMemory<Lanes>
  ) -> (planes: Planes, values: [Double]) {
    let planes = Planes(memory.base, channels: channels, vectors: (tokens + laneCount - 1) / laneCount)
    var stream = RandomStream(seed: 4, purpose: purpose, UInt64(channels))
    for c in 0..<channels {
      for t in 0..<tokens { planes[c, t] = Float(stream.uniform(in: -1...1)) }
    }
    return (planes, values(planes, tokens))
  }

  private static func values(_ planes: Planes, _ tokens: Int) -> [Double] {
    (0..<tokens).flatMap { (t: Int) in (0..<planes.channels).map { (c: Int) -> Double in Double(planes[c, t]) } }
  }

  private static func numbers(_ count: Int, _ purpose: String) -> [Float] {
    var stream = RandomStream(seed: 5, purpose: purpose, UInt64(count))
    return (0..<count).map { _ in Float(stream.uniform(in: -1...1)) }
  }

  private static func memory(_ channels: Int) -> AlignedMemory<Lanes> { AlignedMemory(count: channels * 13) }

  @Test(arguments: [1, 2, 3, 4, 6, 8, 10, 17, 20, 33, 64], [1, 2, 4, 5, 6, 7, 10, 16, 21, 64]) func linear(
    inputs: Int, outputs: Int
  ) {
    let tokens = 37
    let memories = (0..<4).map { _ in Self.memory(64) }
    defer { withExtendedLifetime(memories) {} }
    let (x, xValues) = Self.planes(inputs, tokens: tokens, "x", in: memories[0])
    let (dy, dyValues) = Self.planes(outputs, tokens: tokens, "dy", in: memories[1])
    let y = Planes(memories[2].base, channels: outputs, vectors: x.vectors)
    let dx = Planes(memories[3].base, channels: inputs, vectors: x.vectors)
    let (weight, bias) = (Self.numbers(inputs * outputs, "weight"), Self.numbers(outputs, "bias"))
    let (dWeight, dBias) = (AlignedMemory<Lanes>(count: inputs * outputs), AlignedMemory<Lanes>(count: outputs))
    for accumulating in [false, true] {
      linearForward(x, weight: weight, bias: bias, into: y, accumulating: accumulating)
      linearBackward(
        dy, x: x, weight: weight, into: dx, accumulating: accumulating, dWeight: dWeight.base, dBias: dBias.base)
    }
    let wide = (weight: weight.map(Double.init), bias: bias.map(Double.init))
    let expected = Reference.linear(xValues, weight: wide.weight, bias: wide.bias)
    var gradient = (weight: [Double](repeating: 0, count: weight.count), bias: [Double](repeating: 0, count: outputs))
    let dxExpected = Reference.linearBackward(
      dyValues, x: xValues, weight: wide.weight, dWeight: &gradient.weight, dBias: &gradient.bias)
    // Everything was done twice.
    #expect(relativeDifference(Self.values(y, tokens), expected.map { 2 * $0 }) < 1e-6)
    #expect(relativeDifference(Self.values(dx, tokens), dxExpected.map { 2 * $0 }) < 1e-6)
    #expect(
      relativeDifference(dWeight.elements.map { Double(sum($0)) }, gradient.weight.map { 2 * $0 }) < 1e-6)
    #expect(relativeDifference(dBias.elements.map { Double(sum($0)) }, gradient.bias.map { 2 * $0 }) < 1e-6)
  }

  @Test(arguments: [(28, 1), (28, 3), (224, 1), (224, 3)], [2, 4, 6, 8, 10, 30, 64])
  func patchEmbedding(shape: (size: Int, channels: Int), outputs: Int) {
    let (size, channels) = shape
    let geometry = PatchGeometry(imageSize: size, channels: channels)
    let grid = VisionTransformerArchitecture.gridSize
    let (tokens, weights) = (grid * grid, outputs * 3 * geometry.patch * geometry.patch)
    let moments = [(0.5, 0.5), (0.4, 0.2), (0.6, 0.3)]
    var stream = RandomStream(seed: 6, purpose: "image", UInt64(size))
    let image = (0..<geometry.imageBytes).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
    let prepared = AlignedMemory<UInt8>(count: geometry.preparedBytes)
    image.withUnsafeBufferPointer { geometry.prepare($0.baseAddress.unsafelyUnwrapped, into: prepared.base) }
    let (weight, bias) = (Self.numbers(weights, "weight"), Self.numbers(outputs, "bias"))
    let memories = (0..<3).map { _ in Self.memory(64) }
    defer { withExtendedLifetime(memories) {} }
    let (dy, dyValues) = Self.planes(outputs, tokens: tokens, "dy", in: memories[0])
    let y = Planes(memories[1].base, channels: outputs, vectors: dy.vectors)
    let pixels = Planes(memories[2].base, channels: size == 28 ? geometry.patchBytes : 0, vectors: dy.vectors)

    let embedding = PatchEmbedding(geometry: geometry, outputs: outputs, moments: moments)
    embedding.bind(weight: weight, bias: bias)
    embedding.forward(prepared.base, next: prepared.base, pixels: pixels, into: y)
    let sums = (AlignedMemory<Lanes>(count: embedding.gradientCount), AlignedMemory<Lanes>(count: outputs))
    embedding.backward(dy, image: prepared.base, pixels: pixels, dWeight: sums.0.base, dBias: sums.1.base)
    var found = (weight: [Float](repeating: 0, count: weights), bias: [Float](repeating: 0, count: outputs))
    embedding.finish(dWeight: sums.0.base, dBias: sums.1.base, intoWeight: &found.weight, intoBias: &found.bias)

    let x = (0..<3).flatMap { (c: Int) -> [Double] in
      (0..<size * size).map { (pixel: Int) -> Double in
        let byte = image[pixel * channels + (channels == 1 ? 0 : c)]
        return (Double(byte) / 255 - moments[c].0) / moments[c].1
      }
    }
    let expected = Reference.patchEmbedding(
      x, size: size, patch: geometry.patch, weight: weight.map(Double.init), bias: bias.map(Double.init))
    var gradient = (weight: [Double](repeating: 0, count: weights), bias: [Double](repeating: 0, count: outputs))
    Reference.patchEmbeddingBackward(
      dyValues, x: x, size: size, patch: geometry.patch, weight: weight.map(Double.init), dWeight: &gradient.weight,
      dBias: &gradient.bias)
    #expect(relativeDifference(Self.values(y, tokens), expected) < 1e-5)
    #expect(relativeDifference(found.weight.map(Double.init), gradient.weight) < 1e-5)
    #expect(relativeDifference(found.bias.map(Double.init), gradient.bias) < 1e-5)
  }
}
