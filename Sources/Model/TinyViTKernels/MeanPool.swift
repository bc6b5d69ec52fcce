internal import VectorMath

// T tokens, C channels.
//
//   y[c]     = (Σ_t x[t, c]) / T,   the sum in the order of t
//   dx[t, c] = dy[c] / T
//
// Nothing is saved.

/// y [C] of x [T, C].
/// - Precondition: C is a multiple of 16.
package func meanPoolForward(
  tokens: Int, channels: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
) {
  for c in stride(from: 0, to: channels, by: laneCount) {
    var total = splat(0)
    for t in 0..<tokens { total += loadLanes(x + (t &* channels &+ c)) }
    storeLanes(total * splat(1 / Float(tokens)), to: y + c)
  }
}

/// dx [T, C] of dy [C], overwritten.
/// - Precondition: C is a multiple of 16.
package func meanPoolBackward(
  tokens: Int, channels: Int, dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>
) {
  for c in stride(from: 0, to: channels, by: laneCount) {
    let d = loadLanes(dy + c) * splat(1 / Float(tokens))
    for t in 0..<tokens { storeLanes(d, to: dx + (t &* channels &+ c)) }
  }
}
