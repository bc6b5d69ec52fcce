internal import VectorMath

// One image, H rows, W columns, C channels, stride s of 1 or 2, padding 1; H and W are multiples of s.
//
//   y[i, j, c]  = Σ_{u, v} w[u, v, c] · x[s i + u − 1, s j + v − 1, c],   u, v in 0 … 2
//   dw[u, v, c] += Σ_{i, j} dy[i, j, c] · x[s i + u − 1, s j + v − 1, c]
//   dx[a, b, c] = Σ_{u, v} w[u, v, c] · d[a + 1 − u, b + 1 − v, c],   d = dy with s − 1 zeros between its elements
//
// Taps w [3, 3, C] have the channel last (the parameter is [C, 1, 3, 3]). Channels lie in the lanes, every output is one
// chain over (u, v) in order. Saved between forward and backward: x.

/// The geometry of a depthwise convolution.
package struct DepthwiseShape: Sendable {
  /// Rows of x.
  package var height: Int
  /// Columns of x.
  package var width: Int
  /// Channels, a multiple of 16.
  package var channels: Int
  /// 1 or 2.
  package var step: Int

  /// A convolution over [height, width, channels].
  /// - Precondition: see the head of this file.
  package init(height: Int, width: Int, channels: Int, step: Int) {
    precondition(
      channels % laneCount == 0 && height % step == 0 && width % step == 0,
      "a depthwise convolution over [\(height), \(width), \(channels)] with stride \(step)")
    self.height = height
    self.width = width
    self.channels = channels
    self.step = step
  }

  /// Floats of scratch memory that forward and backward need.
  package var scratchSize: Int { PaddedRows.memorySize(width: width, channels: channels) + 9 * channels }
}

/// y [H/s, W/s, C] of one image.
/// - Parameters:
///   - fetch: writes row a of x, [W, C], to the address; called once for each row in order.
@inline(__always)
package func depthwiseForward(
  _ shape: DepthwiseShape, taps: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>,
  into y: UnsafeMutablePointer<Float>, fetch: (_ row: Int, _ to: UnsafeMutablePointer<Float>) -> Void
) {
  let columns = shape.width / shape.step
  var rows = PaddedRows(height: shape.height, width: shape.width, channels: shape.channels, memory: scratch)
  for i in 0..<shape.height / shape.step {
    let window = rows.window(centre: i * shape.step, fetch)
    depthwiseRow(
      columns: columns, channels: shape.channels, step: shape.step, window, taps: taps,
      into: y + i * columns * shape.channels)
  }
}

/// dx [H, W, C] overwritten and dw [3, 3, C] accumulated, of one image.
/// - Parameters:
///   - dy: [H/s, W/s, C].
///   - fetch: writes row a of x, as in the forward pass.
///   - completed: called after each row of dx is written.
@inline(__always)
package func depthwiseBackward(
  _ shape: DepthwiseShape, dy: UnsafePointer<Float>, taps: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>,
  into dx: UnsafeMutablePointer<Float>, dTaps: UnsafeMutablePointer<Float>,
  fetch: (_ row: Int, _ to: UnsafeMutablePointer<Float>) -> Void, completed: (_ row: Int) -> Void
) {
  let channels = shape.channels
  let step = shape.step
  let columns = shape.width / step
  var rows = PaddedRows(height: shape.height, width: shape.width, channels: channels, memory: scratch)
  for i in 0..<shape.height / step {
    let window = rows.window(centre: i * step, fetch)
    depthwiseRowGradient(
      columns: columns, channels: channels, step: step, window, dy: dy + i * columns * channels, into: dTaps)
  }

  // The input gradient is the forward pass over the spread-out dy with the taps turned round.
  let turned = scratch + PaddedRows.memorySize(width: shape.width, channels: channels)
  for tap in 0..<9 { (turned + tap * channels).update(from: taps + (8 - tap) * channels, count: channels) }
  rows = PaddedRows(height: shape.height, width: shape.width, channels: channels, memory: scratch)
  for a in 0..<shape.height {
    let window = rows.window(centre: a) { row, to in
      if row % step != 0 {
        to.update(repeating: 0, count: shape.width * channels)
      } else if step == 1 {
        to.update(from: dy + row * columns * channels, count: columns * channels)
      } else {
        // Odd columns are never written and stay zero, but the slot may come from a row of another parity: all are.
        to.update(repeating: 0, count: shape.width * channels)
        let from = dy + row / step * columns * channels
        for j in 0..<columns { (to + j * step * channels).update(from: from + j * channels, count: channels) }
      }
    }
    depthwiseRow(
      columns: shape.width, channels: channels, step: 1, window, taps: turned, into: dx + a * shape.width * channels)
    completed(a)
  }
}

/// One row of outputs from three padded rows, four outputs at a time: they share the taps, and their inputs overlap.
private func depthwiseRow(
  columns: Int, channels: Int, step: Int, _ window: InlineArray<3, UnsafePointer<Float>>, taps: UnsafePointer<Float>,
  into y: UnsafeMutablePointer<Float>
) {
  precondition(step == 1 || step == 2, "a step of \(step)")
  var j = 0
  while columns - j >= 4 {
    // So many input columns belong to four outputs.
    if step == 1 {
      depthwiseTile(InlineArray<4, Lanes>.self, InlineArray<6, Lanes>.self, j, 1, channels, window, taps, y)
    } else {
      depthwiseTile(InlineArray<4, Lanes>.self, InlineArray<9, Lanes>.self, j, 2, channels, window, taps, y)
    }
    j += 4
  }
  while j < columns {
    depthwiseTile(InlineArray<1, Lanes>.self, InlineArray<3, Lanes>.self, j, step, channels, window, taps, y)
    j += 1
  }
}

/// R outputs from column j on, of all channels; each is a sum over the taps in their order.
@inline(__always)
private func depthwiseTile<let R: Int, let inputs: Int>(
  _ outputs: InlineArray<R, Lanes>.Type, _ patch: InlineArray<inputs, Lanes>.Type, _ j: Int, _ step: Int,
  _ channels: Int, _ window: InlineArray<3, UnsafePointer<Float>>, _ taps: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Float>
) {
  for c in stride(from: 0, to: channels, by: laneCount) {
    var totals = InlineArray<R, Lanes>(repeating: splat(0))
    for u in 0..<3 {
      let from = window[u] + (j &* step &* channels &+ c)
      var x = InlineArray<inputs, Lanes>(repeating: splat(0))
      for column in 0..<inputs { x[column] = loadLanes(from + column &* channels) }
      for v in 0..<3 {
        let w = loadLanes(taps + ((u &* 3 &+ v) &* channels &+ c))
        for r in 0..<R {
          let input = x[r &* step &+ v]
          totals[r] = u &+ v == 0 ? w * input : multiplyAdd(w, input, totals[r])
        }
      }
    }
    for r in 0..<R { storeLanes(totals[r], to: y + ((j &+ r) &* channels &+ c)) }
  }
}

/// What one row of dy adds to the gradient of the taps.
private func depthwiseRowGradient(
  columns: Int, channels: Int, step: Int, _ window: InlineArray<3, UnsafePointer<Float>>, dy: UnsafePointer<Float>,
  into dTaps: UnsafeMutablePointer<Float>
) {
  for c in stride(from: 0, to: channels, by: laneCount) {
    var dw = InlineArray<9, Lanes>(repeating: splat(0))
    for tap in 0..<9 { dw[tap] = loadLanes(dTaps + (tap &* channels &+ c)) }
    for j in 0..<columns {
      let d = loadLanes(dy + (j &* channels &+ c))
      let at = j &* step &* channels &+ c
      for u in 0..<3 {
        for v in 0..<3 {
          dw[u &* 3 &+ v] = multiplyAdd(d, loadLanes(window[u] + (at &+ v &* channels)), dw[u &* 3 &+ v])
        }
      }
    }
    for tap in 0..<9 { storeLanes(dw[tap], to: dTaps + (tap &* channels &+ c)) }
  }
}
