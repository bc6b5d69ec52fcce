internal import VectorMath

// One image, H rows, W columns (both even), I input channels, O output channels; 3×3, stride 2, padding 1, no bias.
//
//   y[i, j, o]     = Σ_{u, v, c} w[o, u, v, c] · x[2i + u − 1, 2j + v − 1, c]
//   dw[o, u, v, c] += Σ_{i, j} dy[i, j, o] · x[2i + u − 1, 2j + v − 1, c]
//   dx             = the sum of dy[i, j, o] · w[o, u, v, c] over all that x[2i + u − 1, 2j + v − 1, c] went into
//
// Each row of outputs is a matrix product over its patches [W/2, K]; a patch is nine pixels, (u, v, c) in order, 9 I floats
// and zeros up to K, a multiple of 16. Weights [O, K] in the same order. Saved between forward and backward: x.

/// The geometry of a strided convolution.
package struct StridedShape: Sendable {
  /// Rows of x, even.
  package var height: Int
  /// Columns of x, even.
  package var width: Int
  /// Channels of x.
  package var inputs: Int
  /// Channels of y, a multiple of 16.
  package var outputs: Int

  /// A convolution from [height, width, inputs] to [height/2, width/2, outputs].
  package init(height: Int, width: Int, inputs: Int, outputs: Int) {
    precondition(
      height % 2 == 0 && width % 2 == 0 && outputs % laneCount == 0,
      "a strided convolution over [\(height), \(width), \(inputs)] to \(outputs) channels")
    self.height = height
    self.width = width
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Floats of a patch: 9 I, rounded up to a multiple of 16.
  package var patchSize: Int { (9 * inputs + laneCount - 1) / laneCount * laneCount }

  /// Floats of scratch memory that forward and backward need.
  package var scratchSize: Int {
    PaddedRows.memorySize(width: width, channels: inputs) + width / 2 * patchSize + 3 * (width + 2) * inputs
  }
}

/// Lays a parameter [O, I, 3, 3] out as [O, K].
package func packStridedWeight(
  _ shape: StridedShape, _ weight: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>
) {
  packed.update(repeating: 0, count: shape.outputs * shape.patchSize)
  forEachStridedWeight(shape) { parameter, position in packed[position] = weight[parameter] }
}

/// Adds a gradient [O, K] to the parameter's gradient [O, I, 3, 3].
package func unpackStridedGradient(
  _ shape: StridedShape, _ gradient: UnsafePointer<Float>, addingTo dWeight: UnsafeMutablePointer<Float>
) {
  forEachStridedWeight(shape) { parameter, position in dWeight[parameter] += gradient[position] }
}

/// Calls `body` with each element's index in [O, I, 3, 3] and in [O, K].
private func forEachStridedWeight(_ shape: StridedShape, _ body: (_ parameter: Int, _ position: Int) -> Void) {
  for o in 0..<shape.outputs {
    for c in 0..<shape.inputs {
      for tap in 0..<9 {
        body((o * shape.inputs + c) * 9 + tap, o * shape.patchSize + tap * shape.inputs + c)
      }
    }
  }
}

/// y [H/2, W/2, O] of one image.
/// - Parameters:
///   - weight: [O, K] in panels, packed with k as the step and o as the column, as `arithmetic` takes it.
///   - fetch: writes row a of x, [W, I], to the address; called once for each row in order.
@inline(__always)
package func stridedForward(
  _ shape: StridedShape, _ arithmetic: ProductArithmetic, weight: RightOperand, scratch: UnsafeMutablePointer<Float>,
  into y: UnsafeMutablePointer<Float>, fetch: (_ row: Int, _ to: UnsafeMutablePointer<Float>) -> Void
) {
  let columns = shape.width / 2
  let patches = scratch + PaddedRows.memorySize(width: shape.width, channels: shape.inputs)
  patches.update(repeating: 0, count: columns * shape.patchSize)
  var rows = PaddedRows(height: shape.height, width: shape.width, channels: shape.inputs, memory: scratch)
  for i in 0..<shape.height / 2 {
    gatherPatches(shape, rows.window(centre: 2 * i, fetch), into: patches)
    multiply(
      arithmetic, rows: columns, columns: shape.outputs, steps: 9 * shape.inputs, patches, stride: shape.patchSize,
      weight, into: y + i * columns * shape.outputs, resultStride: shape.outputs, from: .zero)
  }
}

/// dw [O, K] accumulated, of one image.
@inline(__always)
package func stridedWeightGradient(
  _ shape: StridedShape, _ arithmetic: ProductArithmetic, dy: UnsafePointer<Float>,
  scratch: UnsafeMutablePointer<Float>, into dWeight: UnsafeMutablePointer<Float>,
  fetch: (_ row: Int, _ to: UnsafeMutablePointer<Float>) -> Void
) {
  let columns = shape.width / 2
  let patches = scratch + PaddedRows.memorySize(width: shape.width, channels: shape.inputs)
  patches.update(repeating: 0, count: columns * shape.patchSize)
  var rows = PaddedRows(height: shape.height, width: shape.width, channels: shape.inputs, memory: scratch)
  for i in 0..<shape.height / 2 {
    gatherPatches(shape, rows.window(centre: 2 * i, fetch), into: patches)
    addWeightGradient(
      arithmetic, rows: columns, outputs: shape.outputs, inputs: shape.patchSize, dy: dy + i * columns * shape.outputs,
      patches,
      into: dWeight)
  }
}

/// dx [H, W, I] of one image, overwritten.
/// - Parameter weight: [O, K] in panels, packed with o as the step and k as the column, as `arithmetic` takes it.
package func stridedInputGradient(
  _ shape: StridedShape, _ arithmetic: ProductArithmetic, dy: UnsafePointer<Float>, weight: RightOperand,
  scratch: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>
) {
  let columns = shape.width / 2
  let rowSize = shape.width * shape.inputs
  let paddedSize = (shape.width + 2) * shape.inputs
  let patches = scratch
  // Three padded rows: 2i − 1 (begun by the row of outputs above), 2i and 2i + 1.
  let sums = scratch + columns * shape.patchSize
  sums.update(repeating: 0, count: 3 * paddedSize)
  for i in 0..<shape.height / 2 {
    multiply(
      arithmetic, rows: columns, columns: shape.patchSize, steps: shape.outputs, dy + i * columns * shape.outputs,
      stride: shape.outputs, weight, into: patches, resultStride: shape.patchSize, from: .zero)
    for j in 0..<columns {
      for u in 0..<3 {
        let from = patches + (j &* shape.patchSize &+ u &* 3 &* shape.inputs)
        let to = sums + (u &* paddedSize &+ 2 &* j &* shape.inputs)
        for k in 0..<3 &* shape.inputs { to[k] += from[k] }
      }
    }
    if i > 0 { (dx + (2 * i - 1) * rowSize).update(from: sums + shape.inputs, count: rowSize) }
    (dx + 2 * i * rowSize).update(from: sums + paddedSize + shape.inputs, count: rowSize)
    sums.update(from: sums + 2 * paddedSize, count: paddedSize)
    (sums + paddedSize).update(repeating: 0, count: 2 * paddedSize)
  }
  (dx + (shape.height - 1) * rowSize).update(from: sums + shape.inputs, count: rowSize)
}

/// The patches of one row of outputs; what lies behind 9 I in each patch stays as it is.
private func gatherPatches(
  _ shape: StridedShape, _ window: InlineArray<3, UnsafePointer<Float>>, into patches: UnsafeMutablePointer<Float>
) {
  let run = 3 * shape.inputs
  for j in 0..<shape.width / 2 {
    let to = patches + j &* shape.patchSize
    for u in 0..<3 { (to + u &* run).update(from: window[u] + 2 &* j &* shape.inputs, count: run) }
  }
}
