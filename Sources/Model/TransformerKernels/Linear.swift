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
  let together = vectorsTogether(x)
  for first in stride(from: 0, to: x.vectors, by: together) {
    runTiles(
      y.channels,
      LinearTiles(
        x: x, weight: weight, bias: bias, y: y, vectors: first..<first + together, accumulating: accumulating))
  }
}

/// How many vectors all output channels are computed for before the next ones: all, or one at a time where the input would
/// not stay in the first level of the cache from one tile of outputs to the next.
@inline(__always)
private func vectorsTogether(_ x: Planes) -> Int { x.channels <= 16 ? x.vectors : 1 }

/// y[o, v] = b[o] + Σ_i w[o, i] x[i, v].
private struct LinearTiles: ProductTiles {
  let x: Planes
  let weight: UnsafePointer<Float>
  let bias: UnsafePointer<Float>
  let y: Planes
  let vectors: Range<Int>
  let accumulating: Bool

  @inline(__always)
  func tile<let N: Int>(at o: Int, _: InlineArray<N, Lanes>.Type) {
    let inputs = x.channels
    for v in vectors {
      var start = InlineArray<N, Lanes>(repeating: splat(0))
      for n in 0..<N { start[n] = splat(bias[o + n]) }
      let sums = productTile(
        inputs, x.base + v, step: x.vectors, weight + o * inputs, nStep: inputs, iStep: 1, from: start)
      for n in 0..<N {
        let place = y.channel(o + n) + v
        place.pointee = accumulating ? place.pointee + sums[n] : sums[n]
      }
    }
  }
}

/// dx[i, v] = Σ_o w[o, i] dy[o, v].
private struct InputGradientTiles: ProductTiles {
  let dy: Planes
  let weight: UnsafePointer<Float>
  let dx: Planes
  let vectors: Range<Int>
  let accumulating: Bool

  @inline(__always)
  func tile<let N: Int>(at i: Int, _: InlineArray<N, Lanes>.Type) {
    for v in vectors {
      let gradients = productTile(
        dy.channels, dy.base + v, step: dy.vectors, weight + i, nStep: 1, iStep: dx.channels,
        from: InlineArray<N, Lanes>(repeating: splat(0)))
      for n in 0..<N {
        let place = dx.channel(i + n) + v
        place.pointee = accumulating ? place.pointee + gradients[n] : gradients[n]
      }
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
  let together = vectorsTogether(dy)
  for first in stride(from: 0, to: vectors, by: together) {
    runTiles(
      inputs,
      InputGradientTiles(
        dy: dy, weight: weight, dx: dx, vectors: first..<first + together, accumulating: accumulating))
  }
  weightGradient(dy, x: x, dWeight: dWeight)
  for o in 0..<outputs {
    var sum = dBias[o]
    for v in 0..<vectors { sum += dy.channel(o)[v] }
    dBias[o] = sum
  }
}

/// dw[o, i] += Σ_v dy[o, v] x[i, v], 2 × 2 parameters at a time, and what is left over one by one. All outputs go through
/// sixteen inputs at a time, which stay in the first level of the cache.
@inline(__always)
func weightGradient(_ dy: Planes, x: Planes, dWeight: UnsafeMutablePointer<Lanes>) {
  let (inputs, outputs) = (x.channels, dy.channels)
  for first in stride(from: 0, to: inputs - 1, by: 16) {
    let last = min(first + 16, inputs)
    for o in stride(from: 0, to: outputs - 1, by: 2) {
      for i in stride(from: first, to: last - 1, by: 2) {
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
