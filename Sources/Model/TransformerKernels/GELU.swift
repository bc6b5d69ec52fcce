import VectorMath

// Element by element, Φ and φ the normal distribution function and its density:
//
//     y = x Φ(x),   y' = Φ(x) + x φ(x)
//
// Saved: y'.

/// y = GELU(x) and the saved derivative.
public func geluForward(_ x: Planes, into y: Planes, derivative: Planes) {
  precondition(y.channels == x.channels && derivative.channels == x.channels, "GELU's planes")
  for index in 0..<x.channels * x.vectors {
    let value = x.base[index]
    let (cumulative, density) = normalDistribution(value)
    y.base[index] = value * cumulative
    derivative.base[index] = multiplyAdd(value, density, cumulative)
  }
}

/// dy becomes dx = dy y', in place.
public func geluBackward(_ dy: Planes, derivative: Planes) {
  precondition(dy.channels == derivative.channels, "GELU's planes")
  for index in 0..<dy.channels * dy.vectors { dy.base[index] *= derivative.base[index] }
}
