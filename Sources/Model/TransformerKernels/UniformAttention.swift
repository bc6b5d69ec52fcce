import VectorMath

// Every token attends to all T tokens alike: the heads do not matter.
//
//     out[i] = Σ_j v[j] / T,   dv[j] = Σ_i dout[i] / T
//
// Nothing is saved.

/// The mean of the values, for every token. v and out are `[C, T]`.
public func uniformAttentionForward(v: Planes, tokens: Int, into out: Planes) {
  precondition(v.channels == out.channels && v.vectors == out.vectors, "attention's planes")
  for c in 0..<v.channels {
    let mean = splat(tokenSum(v, c, tokens: tokens) / Float(tokens))
    for vector in 0..<out.vectors { out.channel(c)[vector] = mean }
  }
}

/// dv, overwritten, its padding zero. The padding of dOut is zero.
public func uniformAttentionBackward(_ dOut: Planes, tokens: Int, dv: Planes) {
  precondition(dOut.channels == dv.channels && dOut.vectors == dv.vectors, "attention's planes")
  dv.clear()
  for c in 0..<dOut.channels {
    let mean = tokenSum(dOut, c, tokens: tokens) / Float(tokens)
    for token in 0..<tokens { dv[c, token] = mean }
  }
}

/// Σ over the tokens of a channel, vector by vector and then over the lanes; padding left out.
public func tokenSum(_ planes: Planes, _ channel: Int, tokens: Int) -> Float {
  let whole = tokens / laneCount
  var total = splat(0)
  for v in 0..<whole { total += planes.base[channel * planes.vectors + v] }
  for t in whole * laneCount..<tokens { total[t % laneCount] += planes[channel, t] }
  return sum(total)
}
