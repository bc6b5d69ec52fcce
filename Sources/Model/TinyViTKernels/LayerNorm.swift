internal import VectorMath

// R rows, C channels.
//
//   y[r, c]  = γ[c] · x̂[r, c] + β[c],   x̂ = (x − mean_c x) · s,   s = 1/√(var_c x + ε), the variance biased
//   dβ[c]   += Σ_r dy[r, c]
//   dγ[c]   += Σ_r dy[r, c] · x̂[r, c]
//   dx[r, c] = s · (g − mean_c g − x̂ · mean_c(g · x̂)),   g = γ · dy
//
// Saved between forward and backward: x; mean and s are cheap to have again.

/// ε of every layer norm and batch norm.
package let normEpsilon: Float = 1e-5

/// The mean of a row and the reciprocal of its standard deviation.
@inline(__always)
private func rowMoments(_ channels: Int, _ x: UnsafePointer<Float>) -> (mean: Float, scale: Float) {
  var total = splat(0)
  for c in stride(from: 0, to: channels, by: laneCount) { total += loadLanes(x + c) }
  let mean = sum(total) / Float(channels)
  var squares = splat(0)
  for c in stride(from: 0, to: channels, by: laneCount) {
    let d = loadLanes(x + c) - splat(mean)
    squares = multiplyAdd(d, d, squares)
  }
  return (mean, 1 / (sum(squares) / Float(channels) + normEpsilon).squareRoot())
}

/// y [R, C], see the head of this file.
/// - Precondition: C is a multiple of 16.
package func layerNormForward(
  rows: Int, channels: Int, _ x: UnsafePointer<Float>, gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>,
  into y: UnsafeMutablePointer<Float>
) {
  precondition(channels % laneCount == 0, "layer norm over \(channels) channels, expected a multiple of \(laneCount)")
  for row in 0..<rows {
    let from = x + row * channels
    let to = y + row * channels
    let (mean, scale) = rowMoments(channels, from)
    for c in stride(from: 0, to: channels, by: laneCount) {
      let normalised = (loadLanes(from + c) - splat(mean)) * splat(scale)
      storeLanes(multiplyAdd(normalised, loadLanes(gamma + c), loadLanes(beta + c)), to: to + c)
    }
  }
}

/// dx [R, C] added to what `dx` holds (the residual's gradient), dγ and dβ [C] accumulated.
/// - Precondition: C is a multiple of 16; dx is not dy.
package func layerNormBackward(
  rows: Int, channels: Int, dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, gamma: UnsafePointer<Float>,
  addingTo dx: UnsafeMutablePointer<Float>, dGamma: UnsafeMutablePointer<Float>, dBeta: UnsafeMutablePointer<Float>
) {
  precondition(channels % laneCount == 0, "layer norm over \(channels) channels, expected a multiple of \(laneCount)")
  for row in 0..<rows {
    let from = x + row * channels
    let above = dy + row * channels
    let to = dx + row * channels
    let (mean, scale) = rowMoments(channels, from)
    var gTotal = splat(0)
    var productTotal = splat(0)
    for c in stride(from: 0, to: channels, by: laneCount) {
      let normalised = (loadLanes(from + c) - splat(mean)) * splat(scale)
      let d = loadLanes(above + c)
      let g = d * loadLanes(gamma + c)
      gTotal += g
      productTotal = multiplyAdd(g, normalised, productTotal)
      storeLanes(multiplyAdd(d, normalised, loadLanes(dGamma + c)), to: dGamma + c)
      storeLanes(loadLanes(dBeta + c) + d, to: dBeta + c)
    }
    let gMean = sum(gTotal) / Float(channels)
    let productMean = sum(productTotal) / Float(channels)
    for c in stride(from: 0, to: channels, by: laneCount) {
      let normalised = (loadLanes(from + c) - splat(mean)) * splat(scale)
      let g = loadLanes(above + c) * loadLanes(gamma + c)
      let centred = multiplySubtract(normalised, splat(productMean), from: g - splat(gMean))
      storeLanes(multiplyAdd(centred, splat(scale), loadLanes(to + c)), to: to + c)
    }
  }
}
