public import VectorMath

// C channels, T tokens in lanes; statistics over the channels of each token.
//
//     x̂ = (x − mean)/√(var + ε),   y = w x̂ + b,   ε = 10⁻⁵
//
// Saved: x̂ `[C, T]` and 1/√(var + ε) `[1, T]`.

/// y = LN(x); fills the saved planes `normal` (x̂) and `scale`.
public func layerNormForward(
  _ x: Planes, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, normal: Planes, scale: Planes, into y: Planes
) {
  precondition(normal.channels == x.channels && y.channels == x.channels && scale.channels == 1, "layer norm's planes")
  let channels = x.channels
  let share = splat(1 / Float(channels))
  for v in 0..<x.vectors {
    var sum = splat(0)
    for c in 0..<channels { sum += x.channel(c)[v] }
    let mean = sum * share
    var squares = splat(0)
    for c in 0..<channels {
      let centred = x.channel(c)[v] - mean
      squares = multiplyAdd(centred, centred, squares)
    }
    let factor = splat(1) / squareRoot(multiplyAdd(squares, share, splat(1e-5)))
    scale.base[v] = factor
    for c in 0..<channels {
      let value = (x.channel(c)[v] - mean) * factor
      normal.channel(c)[v] = value
      y.channel(c)[v] = multiplyAdd(value, splat(weight[c]), splat(bias[c]))
    }
  }
}

/// With g = dy·w: dx = (g − mean(g) − x̂ mean(g x̂)) scale, overwritten or (`accumulating`) added; in lanes,
/// dw[c] += Σ dy x̂ and db[c] += Σ dy. dWeight and dBias `[C]` hold one `Lanes` per parameter.
public func layerNormBackward(
  _ dy: Planes, normal: Planes, scale: Planes, weight: UnsafePointer<Float>, into dx: Planes, accumulating: Bool,
  dWeight: UnsafeMutablePointer<Lanes>, dBias: UnsafeMutablePointer<Lanes>
) {
  precondition(normal.channels == dy.channels && dx.channels == dy.channels, "layer norm's planes")
  let channels = dy.channels
  let share = splat(1 / Float(channels))
  for v in 0..<dy.vectors {
    var (sum, product) = (splat(0), splat(0))
    for c in 0..<channels {
      let gradient = dy.channel(c)[v] * splat(weight[c])
      sum += gradient
      product = multiplyAdd(gradient, normal.channel(c)[v], product)
    }
    let (mean, slope) = (sum * share, product * share)
    for c in 0..<channels {
      let x = normal.channel(c)[v]
      let gradient = multiplyAdd(dy.channel(c)[v], splat(weight[c]), splat(0) - mean)
      let value = multiplySubtract(x, slope, from: gradient) * scale.base[v]
      let place = dx.channel(c) + v
      place.pointee = accumulating ? place.pointee + value : value
    }
  }
  for c in 0..<channels {
    var (w, b) = (dWeight[c], dBias[c])
    for v in 0..<dy.vectors {
      let gradient = dy.channel(c)[v]
      w = multiplyAdd(gradient, normal.channel(c)[v], w)
      b += gradient
    }
    dWeight[c] = w
    dBias[c] = b
  }
}
