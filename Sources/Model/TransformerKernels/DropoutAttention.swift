public import VectorMath

// One head of dimension D; T tokens; queries i in lanes, keys j one by one; a mask m[i, j] of dropout on the weights.
//
//     e[i, j] = exp(q[i]·k[j]/√D − max_j), or 1 in uniform attention,   l[i] = Σ_j e[i, j]
//     out[i] = Σ_j m[i, j] e[i, j] v[j] / l[i]
//
// Saved: e and m, `[vectors, T]` with the queries in lanes, and 1/l. Backward, with a = dOut/l and b = a·out:
//
//     ds[i, j] = e[i, j] (m[i, j] a[i]·v[j] − b[i])
//     dq[i] = Σ_j ds k[j]/√D,   dk[j] = Σ_i ds q[i]/√D,   dv[j] = Σ_i m e a[i]
//
// These are plain loops: drawing a mask costs more than using it.

/// One head's attention under a mask. q, k, v and out are `[D, T]`, q and k nil in uniform attention; `exponentials` and
/// `mask` `[vectors, T]`; `inverse` `[1, T]` receives 1/l.
public func attentionForward(
  q: Planes?, k: Planes?, v: Planes, tokens: Int, mask: UnsafePointer<Lanes>, into out: Planes,
  exponentials: UnsafeMutablePointer<Lanes>, inverse: Planes
) {
  precondition(out.channels == v.channels && tokens <= v.vectors * laneCount, "attention's planes")
  if let q, let k {
    exponentiate(q, k, tokens, into: exponentials, inverse: inverse)
  } else {
    for index in 0..<v.vectors * tokens { exponentials[index] = splat(1) }
    for vector in 0..<v.vectors { inverse.base[vector] = splat(1 / Float(tokens)) }
  }
  let step = v.vectors * laneCount
  for vector in 0..<v.vectors {
    let row = vector * tokens
    for d in 0..<v.channels {
      let values = UnsafePointer(v.scalars) + d * step
      var total = splat(0)
      for j in 0..<tokens { total = multiplyAdd(exponentials[row + j] * mask[row + j], values[j], total) }
      out.channel(d)[vector] = total * inverse.base[vector]
    }
  }
}

/// e and 1/l.
private func exponentiate(
  _ q: Planes, _ k: Planes, _ tokens: Int, into exponentials: UnsafeMutablePointer<Lanes>, inverse: Planes
) {
  precondition(q.channels == k.channels && q.vectors == k.vectors, "attention's planes")
  let (step, scale) = (k.vectors * laneCount, splat(log2e / Float(q.channels).squareRoot()))
  for vector in 0..<q.vectors {
    let e = exponentials + vector * tokens
    var largest = splat(-.infinity)
    for j in 0..<tokens {
      var score = splat(0)
      for d in 0..<q.channels { score = multiplyAdd(q.channel(d)[vector], k.scalars[d * step + j], score) }
      e[j] = score * scale
      largest = maximum(largest, e[j])
    }
    var total = splat(0)
    for j in 0..<tokens {
      e[j] = exp2Bounded(maximum(e[j] - largest, splat(-126)))
      total += e[j]
    }
    inverse.base[vector] = splat(1) / total
  }
}

/// The gradients of one head. dOut, out, v, dv are `[D, T]`, likewise q, k, dq and dk, which are all nil in uniform
/// attention; `exponentials`, `mask` and `inverse` as `attentionForward` left them. dq, dk, dv are overwritten; their
/// padding becomes zero.
public func attentionBackward(
  _ dOut: Planes, out: Planes, q: Planes?, k: Planes?, v: Planes, tokens: Int, mask: UnsafePointer<Lanes>,
  exponentials: UnsafePointer<Lanes>, inverse: Planes, scratch: Planes, dq: Planes?, dk: Planes?, dv: Planes
) {
  let channels = dOut.channels
  let (a, b) = normalisedGradient(dOut, out: out, inverse: inverse, scratch: scratch)
  for planes in [dq, dk, dv] { planes?.clear() }
  let step = v.vectors * laneCount
  let scale = splat(1 / Float(channels).squareRoot())
  for j in 0..<tokens {
    for vector in 0..<v.vectors {
      let (e, m) = (exponentials[vector * tokens + j], mask[vector * tokens + j])
      var dWeight = splat(0)
      for d in 0..<channels {
        dWeight = multiplyAdd(a.channel(d)[vector], v.scalars[d * step + j], dWeight)
        dv.scalars[d * step + j] += sum(e * m * a.channel(d)[vector])
      }
      guard let q, let k, let dq, let dk else { continue }
      let ds = e * multiplyAdd(dWeight, m, splat(0) - b[vector]) * scale
      for d in 0..<channels {
        dq.channel(d)[vector] = multiplyAdd(ds, k.scalars[d * step + j], dq.channel(d)[vector])
        dk.scalars[d * step + j] += sum(ds * q.channel(d)[vector])
      }
    }
  }
}
