import Testing

@testable import TinyViTKernels

@Suite struct NormTests {
  @Test(arguments: [1, 3, 50], [16, 48, 160])
  func layerNormAgreesWithTheReference(rows: Int, channels: Int) {
    let reference = Reference.Norm(rows: rows, channels: channels, overBatch: false)
    let x = testNumbers(rows * channels, 40, scale: 3).map { $0 + 5 }
    let gamma = testNumbers(channels, 41)
    let beta = testNumbers(channels, 42)
    let dy = testNumbers(rows * channels, 43)
    let residual = testNumbers(rows * channels, 44)
    let y = Floats(zeros: x.count)
    layerNormForward(
      rows: rows, channels: channels, Floats(x).base, gamma: Floats(gamma).base, beta: Floats(beta).base, into: y.base)
    expectClose(y.values, reference.forward(x, gamma: gamma, beta: beta), tolerance: 1e-5)
    let dx = Floats(residual)
    let dGamma = Floats(zeros: channels)
    let dBeta = Floats(zeros: channels)
    layerNormBackward(
      rows: rows, channels: channels, dy: Floats(dy).base, Floats(x).base, gamma: Floats(gamma).base,
      addingTo: dx.base, dGamma: dGamma.base, dBeta: dBeta.base)
    let expected = reference.backward(dy: dy, x, gamma: gamma)
    expectClose(dx.values, zip(expected.dx, residual).map { $0 + $1 }, tolerance: 1e-5)
    expectClose(dGamma.values, expected.dGamma, tolerance: 1e-5)
    expectClose(dBeta.values, expected.dBeta, tolerance: 1e-5)
  }

  @Test(arguments: [2, 7, 300], [16, 48])
  func batchNormInTrainingAgreesWithTheReference(rows: Int, channels: Int) {
    let reference = Reference.Norm(rows: rows, channels: channels, overBatch: true)
    // A mean far from 0 shows a variance computed by cancellation.
    let x = testNumbers(rows * channels, 50).map { Double(Float($0 + 20)) }
    let gamma = testNumbers(channels, 51)
    let beta = testNumbers(channels, 52)
    let dy = testNumbers(rows * channels, 53)
    let input = Floats(x)
    // Two chunks, the first of one row.
    var moments = ChannelMoments(channels: channels)
    moments.add(rows: 1, input.base)
    var second = ChannelMoments(channels: channels)
    second.add(rows: rows - 1, input.base + channels)
    moments.merge(second)
    let (means, variances) = reference.moments(x)
    for (found, expected) in zip(moments.variance, variances) { #expect(abs(found / expected - 1) < 1e-5) }
    for (found, expected) in zip(moments.mean, means) { #expect(abs(found - expected) < 1e-5) }

    let normalisation = Normalisation(
      mean: moments.mean, variance: moments.variance, gamma: Floats(gamma).base, beta: Floats(beta).base)
    let y = Floats(zeros: x.count)
    normalise(rows: rows, input.base, normalisation, gelu: false, into: y.base)
    let expected = reference.forward(x, gamma: gamma, beta: beta)
    expectClose(y.values, expected, tolerance: 3e-5)
    normalise(rows: rows, input.base, normalisation, gelu: true, into: y.base)
    expectClose(y.values, expected.map { Reference.gelu($0) }, tolerance: 3e-5)

    var sums = ChannelGradientSums(channels: channels)
    sums.add(rows: 1, dy: Floats(dy).base, input.base, normalisation)
    var secondSums = ChannelGradientSums(channels: channels)
    secondSums.add(rows: rows - 1, dy: Floats(dy).base + channels, input.base + channels, normalisation)
    sums.merge(secondSums)
    let backward = NormalisationGradient(sums, normalisation, frozen: false)
    let dx = Floats(dy)
    backward.backward(rows: rows, dy: dx.base, input.base, into: dx.base)
    let gradient = reference.backward(dy: dy, x, gamma: gamma)
    if rows > 2 { expectClose(dx.values, gradient.dx, tolerance: 1e-4) }
    expectClose(backward.dGamma, gradient.dGamma, tolerance: 3e-5)
    expectClose(backward.dBeta, gradient.dBeta, tolerance: 1e-5)
  }

  @Test func frozenBatchNormIsAnAffineMap() {
    let (rows, channels) = (5, 16)
    let mean = testNumbers(channels, 60)
    let variance = testNumbers(channels, 61).map { $0 * $0 + 0.1 }
    let gamma = testNumbers(channels, 62)
    let beta = testNumbers(channels, 63)
    let x = testNumbers(rows * channels, 64)
    let dy = testNumbers(rows * channels, 65)
    let normalisation = Normalisation(
      mean: mean, variance: variance, gamma: Floats(gamma).base, beta: Floats(beta).base)
    let y = Floats(zeros: x.count)
    normalise(rows: rows, Floats(x).base, normalisation, gelu: false, into: y.base)
    let factor = (0..<channels).map { gamma[$0] / (variance[$0] + 1e-5).squareRoot() }
    expectClose(
      y.values, x.indices.map { (x[$0] - mean[$0 % channels]) * factor[$0 % channels] + beta[$0 % channels] },
      tolerance: 1e-6)
    var sums = ChannelGradientSums(channels: channels)
    sums.add(rows: rows, dy: Floats(dy).base, Floats(x).base, normalisation)
    let dx = Floats(zeros: x.count)
    NormalisationGradient(sums, normalisation, frozen: true)
      .backward(rows: rows, dy: Floats(dy).base, Floats(x).base, into: dx.base)
    expectClose(dx.values, dy.indices.map { dy[$0] * factor[$0 % channels] }, tolerance: 1e-6)
  }

  @Test func residualAndActivationBehindABatchNorm() {
    let (rows, channels) = (4, 32)
    let mean = testNumbers(channels, 70)
    let gamma = testNumbers(channels, 71)
    let beta = testNumbers(channels, 72)
    let x = testNumbers(rows * channels, 73)
    let residual = testNumbers(rows * channels, 74)
    let dy = testNumbers(rows * channels, 75)
    let one = [Double](repeating: 1, count: channels)
    let normalisation = Normalisation(mean: mean, variance: one, gamma: Floats(gamma).base, beta: Floats(beta).base)
    let plain = x.indices.map {
      (x[$0] - mean[$0 % channels]) / (1 + 1e-5).squareRoot() * gamma[$0 % channels] + beta[$0 % channels]
    }
    let sums = zip(plain, residual).map { $0 + $1 }
    let y = Floats(zeros: x.count)
    normaliseAddGELU(rows: rows, Floats(x).base, normalisation, residual: Floats(residual).base, into: y.base)
    expectClose(y.values, sums.map { Reference.gelu($0) }, tolerance: 1e-6)
    let added = Floats(dy)
    normaliseAddGELUBackward(
      rows: rows, Floats(x).base, normalisation, residual: Floats(residual).base, dy: added.base)
    expectClose(added.values, zip(dy, sums).map { $0 * Reference.geluDerivative($1) }, tolerance: 1e-6)
    let alone = Floats(dy)
    normaliseGELUBackward(rows: rows, Floats(x).base, normalisation, dy: alone.base)
    expectClose(alone.values, zip(dy, plain).map { $0 * Reference.geluDerivative($1) }, tolerance: 1e-6)
  }

  @Test(arguments: [true, false])
  func referenceGradientsAgreeWithCentralDifferences(overBatch: Bool) {
    let reference = Reference.Norm(rows: 5, channels: 6, overBatch: overBatch)
    let x = testNumbers(30, 80)
    let gamma = testNumbers(6, 81)
    let beta = testNumbers(6, 82)
    let dy = testNumbers(30, 83)
    let gradient = reference.backward(dy: dy, x, gamma: gamma)
    expectGradient(gradient.dx, of: { dot(dy, reference.forward($0, gamma: gamma, beta: beta)) }, at: x)
    expectGradient(gradient.dGamma, of: { dot(dy, reference.forward(x, gamma: $0, beta: beta)) }, at: gamma)
    expectGradient(gradient.dBeta, of: { dot(dy, reference.forward(x, gamma: gamma, beta: $0)) }, at: beta)
  }
}
