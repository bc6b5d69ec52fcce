public import VectorMath

// I input channels, O output channels, T tokens in lanes.
//
//     y[o, t] = b[o] + Σ_i w[o, i] x[i, t]
//
// Weights are single numbers, the same for all tokens. Nothing is saved but x, which the caller keeps.

/// y = w x + b, or y += w x + b where `accumulating`.
///
/// x `[I, T]`, weight `[O, I]`, bias `[O]` → y `[O, T]`. One chain of fused multiply-adds per element, in the order of i,
/// beginning with b.
public func linearForward(
  _ x: Planes, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, into y: Planes, accumulating: Bool
) {
  precondition(x.vectors == y.vectors, "\(x.vectors) and \(y.vectors) vectors")
  var o = 0
  while o < y.channels {
    if y.channels - o >= 4 {
      linearBlock(
        x, weight: weight + o * x.channels, bias: bias + o, into: y, from: o, accumulating, InlineArray<4, Lanes>.self)
      o += 4
    } else if y.channels - o >= 2 {
      linearBlock(
        x, weight: weight + o * x.channels, bias: bias + o, into: y, from: o, accumulating, InlineArray<2, Lanes>.self)
      o += 2
    } else {
      linearBlock(
        x, weight: weight + o * x.channels, bias: bias + o, into: y, from: o, accumulating, InlineArray<1, Lanes>.self)
      o += 1
    }
  }
}

/// N output channels at once: N sums in registers.
@inline(__always)
private func linearBlock<let N: Int>(
  _ x: Planes, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, into y: Planes, from o: Int,
  _ accumulating: Bool, _: InlineArray<N, Lanes>.Type
) {
  let inputs = x.channels
  for v in 0..<x.vectors {
    var sums = InlineArray<N, Lanes>(repeating: splat(0))
    for n in 0..<N { sums[n] = splat(bias[n]) }
    for i in 0..<inputs {
      let value = x.channel(i)[v]
      for n in 0..<N { sums[n] = multiplyAdd(value, weight[n * inputs + i], sums[n]) }
    }
    for n in 0..<N {
      let place = y.channel(o + n) + v
      place.pointee = accumulating ? place.pointee + sums[n] : sums[n]
    }
  }
}

/// dx[i, t] = Σ_o w[o, i] dy[o, t], or += where `accumulating`; in lanes, dw[o, i] += Σ dy[o] x[i] and db[o] += Σ dy[o],
/// summed over the vectors of 16 tokens.
///
/// dWeight `[O, I]` and dBias `[O]` hold one `Lanes` per parameter, whose lanes are summed at the end of a chunk of images.
public func linearBackward(
  _ dy: Planes, x: Planes, weight: UnsafePointer<Float>, into dx: Planes, accumulating: Bool,
  dWeight: UnsafeMutablePointer<Lanes>, dBias: UnsafeMutablePointer<Lanes>
) {
  let (inputs, outputs, vectors) = (x.channels, dy.channels, x.vectors)
  precondition(dx.channels == inputs && dy.vectors == vectors, "\(inputs) → \(outputs)")
  for i in stride(from: 0, to: inputs - 1, by: 2) {
    for v in 0..<vectors {
      var (first, second) = (splat(0), splat(0))
      for o in 0..<outputs {
        let gradient = dy.channel(o)[v]
        first = multiplyAdd(gradient, weight[o * inputs + i], first)
        second = multiplyAdd(gradient, weight[o * inputs + i + 1], second)
      }
      let (a, b) = (dx.channel(i) + v, dx.channel(i + 1) + v)
      a.pointee = accumulating ? a.pointee + first : first
      b.pointee = accumulating ? b.pointee + second : second
    }
  }
  if inputs % 2 == 1 {
    let place = dx.channel(inputs - 1)
    for v in 0..<vectors {
      var sum = splat(0)
      for o in 0..<outputs { sum = multiplyAdd(dy.channel(o)[v], weight[o * inputs + inputs - 1], sum) }
      place[v] = accumulating ? place[v] + sum : sum
    }
  }
  weightGradient(dy, x: x, dWeight: dWeight)
  for o in 0..<outputs {
    var sum = dBias[o]
    for v in 0..<vectors { sum += dy.channel(o)[v] }
    dBias[o] = sum
  }
}

/// dw[o, i] += Σ_v dy[o, v] x[i, v], 2 × 2 parameters at a time, and what is left over one by one.
@inline(__always)
func weightGradient(_ dy: Planes, x: Planes, dWeight: UnsafeMutablePointer<Lanes>) {
  let (inputs, outputs) = (x.channels, dy.channels)
  for o in stride(from: 0, to: outputs - 1, by: 2) {
    for i in stride(from: 0, to: inputs - 1, by: 2) {
      let (row, next) = (dWeight + o * inputs + i, dWeight + (o + 1) * inputs + i)
      var (s00, s01, s10, s11) = (row[0], row[1], next[0], next[1])
      for v in 0..<x.vectors {
        let (d0, d1) = (dy.channel(o)[v], dy.channel(o + 1)[v])
        let (x0, x1) = (x.channel(i)[v], x.channel(i + 1)[v])
        s00 = multiplyAdd(d0, x0, s00)
        s01 = multiplyAdd(d0, x1, s01)
        s10 = multiplyAdd(d1, x0, s10)
        s11 = multiplyAdd(d1, x1, s11)
      }
      row[0] = s00
      row[1] = s01
      next[0] = s10
      next[1] = s11
    }
  }
  func one(_ o: Int, _ i: Int) {
    var sum = dWeight[o * inputs + i]
    for v in 0..<x.vectors { sum = multiplyAdd(dy.channel(o)[v], x.channel(i)[v], sum) }
    dWeight[o * inputs + i] = sum
  }
  if outputs % 2 == 1 {
    for i in 0..<inputs { one(outputs - 1, i) }
  }
  if inputs % 2 == 1 {
    for o in 0..<outputs / 2 * 2 { one(o, inputs - 1) }
  }
}
