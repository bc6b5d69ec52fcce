public import VectorMath

// C channels, T tokens in lanes.
//
//     s[t] = Σ_i down[i] x[i, t],   y[c, t] = up[c] s[t]
//
// A linear projection of rank one: 2C parameters in the place of C² + C. Saved: s, and x, which the caller keeps.

/// y = up (down · x); down and up `[C]`. Fills `middle` `[1, T]` with s, in one chain of fused multiply-adds from the
/// lowest i.
public func bottleneckForward(
  _ x: Planes, down: UnsafePointer<Float>, up: UnsafePointer<Float>, middle: Planes, into y: Planes
) {
  precondition(x.channels == y.channels && middle.channels == 1, "the bottleneck's planes")
  let narrow = middle.channel(0)
  for v in 0..<x.vectors {
    var sum = splat(0)
    for i in 0..<x.channels { sum = multiplyAdd(x.channel(i)[v], down[i], sum) }
    narrow[v] = sum
    for c in 0..<y.channels { y.channel(c)[v] = sum * splat(up[c]) }
  }
}

/// With ds = Σ_c up[c] dy[c]: dx[i] = down[i] ds, or += where `accumulating`; in lanes, ddown[i] += Σ ds x[i] and
/// dup[c] += Σ dy[c] s, one `Lanes` per parameter.
public func bottleneckBackward(
  _ dy: Planes, x: Planes, middle: Planes, down: UnsafePointer<Float>, up: UnsafePointer<Float>, into dx: Planes,
  accumulating: Bool, dDown: UnsafeMutablePointer<Lanes>, dUp: UnsafeMutablePointer<Lanes>
) {
  precondition(
    x.channels == dy.channels && dx.channels == dy.channels && middle.channels == 1, "the bottleneck's planes")
  let narrow = middle.channel(0)
  for v in 0..<x.vectors {
    var gradient = splat(0)
    for c in 0..<dy.channels {
      gradient = multiplyAdd(dy.channel(c)[v], up[c], gradient)
      dUp[c] = multiplyAdd(dy.channel(c)[v], narrow[v], dUp[c])
    }
    for i in 0..<x.channels {
      dDown[i] = multiplyAdd(gradient, x.channel(i)[v], dDown[i])
      let place = dx.channel(i) + v
      place.pointee = multiplyAdd(gradient, down[i], accumulating ? place.pointee : splat(0))
    }
  }
}
