public import VectorMath

// Element by element, C channels, T tokens in lanes.
//
//     diagonal:  y[c] = w[c] x[c] + b[c]
//     cosine:    y = cos z,    y' = −sin z
//     tanh:      y = tanh z,   y' = 1 − y²
//
// Saved: y', of the latter two.

/// y = w ∘ x + b; weight and bias `[C]`.
public func diagonalForward(_ x: Planes, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, into y: Planes) {
  precondition(x.channels == y.channels, "the diagonal's planes")
  for c in 0..<x.channels {
    for v in 0..<x.vectors { y.channel(c)[v] = multiplyAdd(x.channel(c)[v], weight[c], splat(bias[c])) }
  }
}

/// dx = w ∘ dy, or += where `accumulating`; in lanes, dw[c] += Σ dy x and db[c] += Σ dy, one `Lanes` per parameter.
public func diagonalBackward(
  _ dy: Planes, x: Planes, weight: UnsafePointer<Float>, into dx: Planes, accumulating: Bool,
  dWeight: UnsafeMutablePointer<Lanes>, dBias: UnsafeMutablePointer<Lanes>
) {
  precondition(x.channels == dy.channels && dx.channels == dy.channels, "the diagonal's planes")
  for c in 0..<x.channels {
    var (w, b) = (dWeight[c], dBias[c])
    for v in 0..<x.vectors {
      let gradient = dy.channel(c)[v]
      let place = dx.channel(c) + v
      place.pointee = multiplyAdd(gradient, weight[c], accumulating ? place.pointee : splat(0))
      w = multiplyAdd(gradient, x.channel(c)[v], w)
      b += gradient
    }
    (dWeight[c], dBias[c]) = (w, b)
  }
}

/// z becomes cos z, in place; fills `derivative`.
public func cosineForward(_ z: Planes, derivative: Planes) {
  precondition(derivative.channels == z.channels, "the cosine's planes")
  for index in 0..<z.channels * z.vectors {
    let (s, c) = sinCos(z.base[index])
    z.base[index] = c
    derivative.base[index] = -s
  }
}

/// z becomes tanh z, in place; fills `derivative`.
public func tanhForward(_ z: Planes, derivative: Planes) {
  precondition(derivative.channels == z.channels, "the hyperbolic tangent's planes")
  for index in 0..<z.channels * z.vectors {
    let y = tanh(z.base[index])
    z.base[index] = y
    derivative.base[index] = multiplySubtract(y, y, from: splat(1))
  }
}

/// dy becomes dz = dy y', in place.
public func multiplyByDerivative(_ dy: Planes, derivative: Planes) {
  precondition(dy.channels == derivative.channels, "the derivative's planes")
  for index in 0..<dy.channels * dy.vectors { dy.base[index] *= derivative.base[index] }
}
