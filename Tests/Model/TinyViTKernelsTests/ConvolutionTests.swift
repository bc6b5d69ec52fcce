import Testing

@testable import TinyViTKernels

@Suite struct ConvolutionTests {
  @Test(arguments: [(1, 1, 16), (2, 2, 16), (3, 5, 32), (7, 7, 48), (8, 4, 16)], [1, 2])
  func depthwiseAgreesWithTheReference(size: (height: Int, width: Int, channels: Int), step: Int) {
    let height = size.height * step
    let width = size.width * step
    let channels = size.channels
    let reference = Reference.Convolution(
      height: height, width: width, inputs: channels, outputs: channels, step: step, depthwise: true)
    let shape = DepthwiseShape(height: height, width: width, channels: channels, step: step)
    let x = testNumbers(height * width * channels, 20)
    let weight = testNumbers(9 * channels, 21)
    let dy = testNumbers(size.height * size.width * channels, 22)
    let taps = Floats((0..<9 * channels).map { weight[$0 % channels * 9 + $0 / channels] })
    let input = Floats(x)
    let scratch = Floats(zeros: shape.scratchSize)
    let rowSize = width * channels
    var fetched: [Int] = []

    let y = Floats(zeros: dy.count)
    depthwiseForward(shape, taps: taps.base, scratch: scratch.base, into: y.base) { row, to in
      fetched.append(row)
      to.update(from: input.base + row * rowSize, count: rowSize)
    }
    #expect(fetched == Array(0..<height))
    expectClose(y.values, reference.forward(x, weight: weight), tolerance: 1e-6)

    let dx = Floats(zeros: x.count)
    let dTaps = Floats(zeros: 9 * channels)
    var completed: [Int] = []
    depthwiseBackward(
      shape, dy: Floats(dy).base, taps: taps.base, scratch: scratch.base, into: dx.base, dTaps: dTaps.base,
      fetch: { row, to in to.update(from: input.base + row * rowSize, count: rowSize) },
      completed: { completed.append($0) })
    let expected = reference.backward(dy: dy, x, weight: weight)
    #expect(completed == Array(0..<height))
    expectClose(dx.values, expected.dx, tolerance: 1e-6)
    let dWeight = (0..<9 * channels).map { dTaps.values[$0 % 9 * channels + $0 / 9] }
    expectClose(dWeight, expected.dWeight, tolerance: 1e-5)
  }

  @Test(arguments: [(1, 1, 3, 16), (2, 3, 3, 32), (5, 4, 16, 16), (7, 7, 8, 64)])
  func stridedAgreesWithTheReference(halfHeight: Int, halfWidth: Int, inputs: Int, outputs: Int) {
    let height = 2 * halfHeight
    let width = 2 * halfWidth
    let reference = Reference.Convolution(
      height: height, width: width, inputs: inputs, outputs: outputs, step: 2, depthwise: false)
    let shape = StridedShape(height: height, width: width, inputs: inputs, outputs: outputs)
    let x = testNumbers(height * width * inputs, 30)
    let weight = testNumbers(9 * inputs * outputs, 31)
    let dy = testNumbers(halfHeight * halfWidth * outputs, 32)
    let input = Floats(x)
    let scratch = Floats(zeros: shape.scratchSize)
    let rowSize = width * inputs
    let patchSize = shape.patchSize
    let dense = Floats(zeros: outputs * patchSize)
    packStridedWeight(shape, Floats(weight).base, into: dense.base)

    let forwardPanels = Floats(zeros: panelSize(steps: patchSize, columns: outputs))
    packPanels(
      steps: patchSize, columns: outputs, from: dense.base, stepStride: 1, columnStride: patchSize,
      into: forwardPanels.base)
    let y = Floats(zeros: dy.count)
    stridedForward(
      shape, .float32, weight: RightOperand(packed: forwardPanels.base, steps: patchSize), scratch: scratch.base,
      into: y.base
    ) { row, to in to.update(from: input.base + row * rowSize, count: rowSize) }
    expectClose(y.values, reference.forward(x, weight: weight), tolerance: 1e-6)

    let expected = reference.backward(dy: dy, x, weight: weight)
    let gradient = Floats(zeros: outputs * patchSize)
    stridedWeightGradient(shape, .float32, dy: Floats(dy).base, scratch: scratch.base, into: gradient.base) { row, to in
      to.update(from: input.base + row * rowSize, count: rowSize)
    }
    let dWeight = Floats(zeros: weight.count)
    unpackStridedGradient(shape, gradient.base, addingTo: dWeight.base)
    expectClose(dWeight.values, expected.dWeight, tolerance: 1e-5)

    let backwardPanels = Floats(zeros: panelSize(steps: outputs, columns: patchSize))
    packPanels(
      steps: outputs, columns: patchSize, from: dense.base, stepStride: patchSize, columnStride: 1,
      into: backwardPanels.base)
    let dx = Floats(testNumbers(x.count, 33))
    stridedInputGradient(
      shape, .float32, dy: Floats(dy).base, weight: RightOperand(packed: backwardPanels.base, steps: outputs),
      scratch: scratch.base, into: dx.base)
    expectClose(dx.values, expected.dx, tolerance: 1e-6)
  }

  @Test(arguments: [(1, true), (2, true), (2, false)])
  func referenceGradientsAgreeWithCentralDifferences(step: Int, depthwise: Bool) {
    let reference = Reference.Convolution(height: 4, width: 6, inputs: 2, outputs: 2, step: step, depthwise: depthwise)
    let x = testNumbers(48, 34)
    let weight = testNumbers(depthwise ? 18 : 36, 35)
    let dy = testNumbers(48 / step / step, 36)
    let gradient = reference.backward(dy: dy, x, weight: weight)
    expectGradient(gradient.dx, of: { dot(dy, reference.forward($0, weight: weight)) }, at: x)
    expectGradient(gradient.dWeight, of: { dot(dy, reference.forward(x, weight: $0)) }, at: weight)
  }
}
