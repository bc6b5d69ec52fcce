public import VectorMath

// One head of dimension D; T tokens; queries i in lanes, keys j one by one.
//
//     s[i, j] = q[i]·k[j]/√D,   e[i, j] = exp(s[i, j] − m[i]),   l[i] = Σ_j e[i, j],   out[i] = Σ_j e[i, j] v[j] / l[i]
//
// m[i] = 0 where a bound on all scores of the head shows that no exponential can overflow, else the largest score of the
// row. Saved: e, `[vectors, T]` with the queries in lanes, and 1/l. Backward, with a = dOut/l and b = a·out:
//
//     ds[i, j] = e[i, j] (a[i]·v[j] − b[i])
//     dq[i] = Σ_j ds k[j]/√D,   dk[j] = Σ_i ds q[i]/√D,   dv[j] = Σ_i e a[i]

/// Largest magnitude of log₂e·s for which e^s is summed without subtracting the row's maximum: 2⁶⁰ · 2¹⁶ tokens is far from
/// the largest number, 2⁻⁶⁰ far from the smallest.
let directBound: Float = 60

/// One head's attention. q, k, v and out are `[D, T]`; `exponentials` has room for vectors · T `Lanes` (of no use afterwards
/// if `saving` is false); `inverse` `[1, T]` receives 1/l.
public func attentionForward(
  q: Planes, k: Planes, v: Planes, tokens: Int, into out: Planes, exponentials: UnsafeMutablePointer<Lanes>,
  inverse: Planes, saving: Bool
) {
  let dimension = q.channels
  precondition(
    k.channels == dimension && v.channels == dimension && out.channels == dimension && tokens <= q.vectors * laneCount,
    "attention's planes")
  let exact = scoreBound(q: q, k: k) > directBound
  run(
    ForwardPass(
      q: q, k: k, v: v, tokens: tokens, out: out, exponentials: exponentials, inverse: inverse, saving: saving,
      exact: exact), dimension: dimension)
}

/// The gradients of one head. dOut, out, dq, dk, dv are `[D, T]`; `exponentials` and `inverse` as `attentionForward` left
/// them. dq, dk, dv are overwritten; their padding becomes zero.
public func attentionBackward(
  _ dOut: Planes, out: Planes, q: Planes, k: Planes, v: Planes, tokens: Int,
  exponentials: UnsafePointer<Lanes>, inverse: Planes, scratch: Planes, dq: Planes, dk: Planes, dv: Planes
) {
  let (a, b) = normalisedGradient(dOut, out: out, inverse: inverse, scratch: scratch)
  dq.clear()
  dk.clear()
  dv.clear()
  run(
    BackwardPass(
      a: a, b: b, q: q, k: k, v: v, tokens: tokens, exponentials: exponentials, dq: dq, dk: dk, dv: dv),
    dimension: dOut.channels)
  let scale = splat(1 / Float(dOut.channels).squareRoot())
  for planes in [dq, dk] {
    for index in 0..<planes.channels * planes.vectors { planes.base[index] *= scale }
  }
}

/// a = dOut/l `[D, T]` and b = a·out `[T]`, in `scratch`.
func normalisedGradient(
  _ dOut: Planes, out: Planes, inverse: Planes, scratch: Planes
) -> (a: Planes, b: UnsafeMutablePointer<Lanes>) {
  let channels = dOut.channels
  precondition(scratch.channels >= channels + 1, "attention's scratch planes")
  let (a, b) = (scratch.channels(0..<channels), scratch.channel(channels))
  for vector in 0..<dOut.vectors {
    var product = splat(0)
    for d in 0..<channels {
      let value = dOut.channel(d)[vector] * inverse.base[vector]
      a.channel(d)[vector] = value
      product = multiplyAdd(value, out.channel(d)[vector], product)
    }
    b[vector] = product
  }
  return (a, b)
}

/// An upper bound of log₂e·|s| over all pairs of tokens, by Cauchy and Schwarz: max|q|·max|k|/√D·log₂e. NaN counts as
/// unbounded.
func scoreBound(q: Planes, k: Planes) -> Float {
  func largestSquare(_ x: Planes) -> Float {
    var (largest, poison) = (splat(0), splat(0))
    for v in 0..<x.vectors {
      var square = splat(0)
      for d in 0..<x.channels { square = multiplyAdd(x.channel(d)[v], x.channel(d)[v], square) }
      largest = maximum(square, largest)
      // `maximum` passes over NaN; 0·NaN and 0·∞ are NaN.
      poison = multiplyAdd(square, splat(0), poison)
    }
    return largest.max() + sum(poison)
  }
  let bound = (largestSquare(q) * largestSquare(k) / Float(q.channels)).squareRoot() * log2e
  return bound.isNaN ? .infinity : bound
}

/// A pass over one head. The compiler has to know D, so that the sums over a head's channels are registers.
private protocol HeadPass {
  func run<let D: Int>(_: InlineArray<D, Lanes>.Type)
}

/// Runs a pass for one of the dimensions that `AttentionMethod.direct` has kernels for.
@inline(__always)
private func run(_ pass: some HeadPass, dimension: Int) {
  switch dimension {
  case 1: pass.run(InlineArray<1, Lanes>.self)
  case 2: pass.run(InlineArray<2, Lanes>.self)
  case 3: pass.run(InlineArray<3, Lanes>.self)
  case 4: pass.run(InlineArray<4, Lanes>.self)
  case 5: pass.run(InlineArray<5, Lanes>.self)
  case 6: pass.run(InlineArray<6, Lanes>.self)
  case 8: pass.run(InlineArray<8, Lanes>.self)
  case 10: pass.run(InlineArray<10, Lanes>.self)
  default: preconditionFailure("head dimension \(dimension)")
  }
}

private struct ForwardPass: HeadPass {
  let q, k, v: Planes
  let tokens: Int
  let out: Planes
  let exponentials: UnsafeMutablePointer<Lanes>
  let inverse: Planes
  let saving: Bool
  /// Whether the row's maximum is subtracted.
  let exact: Bool

  @inline(__always)
  func run<let D: Int>(_ type: InlineArray<D, Lanes>.Type) {
    forward(q, k, v, tokens, out, exponentials, inverse, saving, exact, type)
  }
}

private struct BackwardPass: HeadPass {
  let a: Planes
  let b: UnsafePointer<Lanes>
  let q, k, v: Planes
  let tokens: Int
  let exponentials: UnsafePointer<Lanes>
  let dq, dk, dv: Planes

  /// As many keys at a time as leave 2·D sums each in registers.
  @inline(__always)
  func run<let D: Int>(_ type: InlineArray<D, Lanes>.Type) {
    switch D {
    case 1: backward(a, b, q, k, v, tokens, exponentials, dq, dk, dv, type, InlineArray<8, Lanes>.self)
    case 2: backward(a, b, q, k, v, tokens, exponentials, dq, dk, dv, type, InlineArray<4, Lanes>.self)
    case 3, 4: backward(a, b, q, k, v, tokens, exponentials, dq, dk, dv, type, InlineArray<2, Lanes>.self)
    default: backward(a, b, q, k, v, tokens, exponentials, dq, dk, dv, type, InlineArray<1, Lanes>.self)
    }
  }
}

@inline(__always)
private func forward<let D: Int>(
  _ q: Planes, _ k: Planes, _ v: Planes, _ tokens: Int, _ out: Planes, _ exponentials: UnsafeMutablePointer<Lanes>,
  _ inverse: Planes, _ saving: Bool, _ exact: Bool, _: InlineArray<D, Lanes>.Type
) {
  let scale = splat(log2e / Float(D).squareRoot())
  for vector in 0..<q.vectors {
    var query = InlineArray<D, Lanes>(repeating: splat(0))
    for d in 0..<D { query[d] = q.channel(d)[vector] * scale }
    let saved = saving ? exponentials + vector * tokens : exponentials
    let offset = exact ? rowMaximum(query, k, tokens) : splat(0)
    if exact {
      keyLoop(query, k, v, tokens, out, saved, inverse, vector, saving: saving) {
        exp2Bounded(maximum($0 - offset, splat(-126)))
      }
    } else if saving {
      keyLoop(query, k, v, tokens, out, saved, inverse, vector, saving: true) { exp2Bounded($0) }
    } else {
      keyLoop(query, k, v, tokens, out, saved, inverse, vector, saving: false) { exp2Bounded($0) }
    }
  }
}

/// Four keys at a time, each with sums of its own, those of a quarter of the keys, which are then added as (0 + 1) + (2 + 3). Where the
/// values' sums and the exponential's constants do not fit into registers together, all exponentials come first.
@inline(__always)
private func keyLoop<let D: Int>(
  _ query: InlineArray<D, Lanes>, _ k: Planes, _ v: Planes, _ tokens: Int, _ out: Planes,
  _ saved: UnsafeMutablePointer<Lanes>, _ inverse: Planes, _ vector: Int, saving: Bool,
  exponential: (Lanes) -> Lanes
) {
  guard lanesFillOneRegister else {
    return keyLoopOfFewRegisters(query, k, v, tokens, out, saved, inverse, vector, exponential: exponential)
  }
  let (keys, values, step) = (UnsafePointer(k.scalars), UnsafePointer(v.scalars), k.vectors * laneCount)
  var quarters = InlineArray<4, WeightedSums<D>>(repeating: (splat(0), InlineArray(repeating: splat(0))))
  let blocks = tokens / 4 * 4
  let (inTwo, kept) = (D > 2, saving || D > 2)
  var j = 0
  while j < blocks {
    var e = InlineArray<4, Lanes>(repeating: splat(0))
    for u in 0..<4 { e[u] = exponential(score(query, keys + j + u, step)) }
    for u in 0..<4 {
      if kept { saved[j + u] = e[u] }
      quarters[u].total += e[u]
      if !inTwo { addOutput(e[u], values + j + u, step, to: &quarters[u].output) }
    }
    j += 4
  }
  if inTwo {
    j = 0
    while j < blocks {
      for u in 0..<4 { addOutput(saved[j + u], values + j + u, step, to: &quarters[u].output) }
      j += 4
    }
  }
  while j < tokens {
    let e = exponential(score(query, keys + j, step))
    if kept { saved[j] = e }
    add(e, values + j, step, to: &quarters[0])
    j += 1
  }
  normalise(quarters, out, inverse, vector)
}

/// The same sums where 16 lanes take more than one register: all exponentials first, two keys at a time, then the sums of one
/// or two of the four after each other, as many as registers hold.
@inline(__always)
private func keyLoopOfFewRegisters<let D: Int>(
  _ query: InlineArray<D, Lanes>, _ k: Planes, _ v: Planes, _ tokens: Int, _ out: Planes,
  _ saved: UnsafeMutablePointer<Lanes>, _ inverse: Planes, _ vector: Int, exponential: (Lanes) -> Lanes
) {
  let (keys, values, step) = (UnsafePointer(k.scalars), UnsafePointer(v.scalars), k.vectors * laneCount)
  var j = 0
  while j + 2 <= tokens {
    let e = (
      exponential(score(query, keys + j, step)), exponential(score(query, keys + j + 1, step))
    )
    (saved[j], saved[j + 1]) = e
    j += 2
  }
  if j < tokens { saved[j] = exponential(score(query, keys + j, step)) }

  var quarters = InlineArray<4, WeightedSums<D>>(repeating: (splat(0), InlineArray(repeating: splat(0))))
  if D <= 2 {
    for first in [0, 2] {
      let pair = quarterSums(saved, values, step, tokens, first, InlineArray<D, Lanes>.self, InlineArray<2, Lanes>.self)
      (quarters[first], quarters[first + 1]) = (pair[0], pair[1])
    }
  } else {
    for first in 0..<4 {
      quarters[first] =
        quarterSums(saved, values, step, tokens, first, InlineArray<D, Lanes>.self, InlineArray<1, Lanes>.self)[0]
    }
  }
  normalise(quarters, out, inverse, vector)
}

/// The sums over every fourth key from `first` on, and from its next N − 1 on; the keys behind the last four belong to the first.
@inline(__always)
private func quarterSums<let D: Int, let N: Int>(
  _ saved: UnsafePointer<Lanes>, _ values: UnsafePointer<Float>, _ step: Int, _ tokens: Int, _ first: Int,
  _: InlineArray<D, Lanes>.Type, _: InlineArray<N, Lanes>.Type
) -> InlineArray<N, WeightedSums<D>> {
  var sums = InlineArray<N, WeightedSums<D>>(repeating: (splat(0), InlineArray(repeating: splat(0))))
  let blocks = tokens / 4 * 4
  var j = first
  while j < blocks {
    for n in 0..<N { add(saved[j + n], values + j + n, step, to: &sums[n]) }
    j += 4
  }
  if first == 0 {
    for j in blocks..<tokens { add(saved[j], values + j, step, to: &sums[0]) }
  }
  return sums
}

/// Σ e and Σ e v over some of the keys.
private typealias WeightedSums<let D: Int> = (total: Lanes, output: InlineArray<D, Lanes>)

/// Adds e v of one key, the value's components lying `step` numbers apart.
@inline(__always)
private func addOutput<let D: Int>(
  _ e: Lanes, _ value: UnsafePointer<Float>, _ step: Int, to output: inout InlineArray<D, Lanes>
) {
  for d in 0..<D { output[d] = multiplyAdd(e, value[d * step], output[d]) }
}

/// 1/Σ e and the output Σ e v/Σ e of a query vector, from the sums of each quarter of the keys.
@inline(__always)
private func normalise<let D: Int>(
  _ quarters: InlineArray<4, WeightedSums<D>>, _ out: Planes, _ inverse: Planes, _ vector: Int
) {
  let share = splat(1) / ((quarters[0].total + quarters[1].total) + (quarters[2].total + quarters[3].total))
  inverse.base[vector] = share
  for d in 0..<D {
    out.channel(d)[vector] =
      ((quarters[0].output[d] + quarters[1].output[d]) + (quarters[2].output[d] + quarters[3].output[d])) * share
  }
}

/// Adds e and e v of one key.
@inline(__always)
private func add<let D: Int>(_ e: Lanes, _ value: UnsafePointer<Float>, _ step: Int, to sums: inout WeightedSums<D>) {
  sums.total += e
  addOutput(e, value, step, to: &sums.output)
}

/// query·key, the key's components lying `step` numbers apart.
@inline(__always)
private func score<let D: Int>(_ query: InlineArray<D, Lanes>, _ key: UnsafePointer<Float>, _ step: Int) -> Lanes {
  var s = query[0] * splat(key[0])
  for d in 1..<D { s = multiplyAdd(query[d], key[d * step], s) }
  return s
}

@inline(__always)
private func rowMaximum<let D: Int>(_ query: InlineArray<D, Lanes>, _ k: Planes, _ tokens: Int) -> Lanes {
  let (keys, step) = (UnsafePointer(k.scalars), k.vectors * laneCount)
  var largest = score(query, keys, step)
  for j in 1..<tokens { largest = maximum(largest, score(query, keys + j, step)) }
  return largest
}

/// N keys at a time, whose 2·D·N sums over the queries stay in registers while the query vectors pass by.
@inline(__always)
private func backward<let D: Int, let N: Int>(
  _ a: Planes, _ b: UnsafePointer<Lanes>, _ q: Planes, _ k: Planes, _ v: Planes, _ tokens: Int,
  _ exponentials: UnsafePointer<Lanes>, _ dq: Planes, _ dk: Planes, _ dv: Planes, _: InlineArray<D, Lanes>.Type,
  _: InlineArray<N, Lanes>.Type
) {
  var j = 0
  while j + N <= tokens {
    backwardKeys(
      a, b, q, k, v, tokens, exponentials, dq, dk, dv, j, InlineArray<D, Lanes>.self, InlineArray<N, Lanes>.self)
    j += N
  }
  while j < tokens {
    backwardKeys(
      a, b, q, k, v, tokens, exponentials, dq, dk, dv, j, InlineArray<D, Lanes>.self, InlineArray<1, Lanes>.self)
    j += 1
  }
}

@inline(__always)
private func backwardKeys<let D: Int, let N: Int>(
  _ a: Planes, _ b: UnsafePointer<Lanes>, _ q: Planes, _ k: Planes, _ v: Planes, _ tokens: Int,
  _ exponentials: UnsafePointer<Lanes>, _ dq: Planes, _ dk: Planes, _ dv: Planes, _ j: Int,
  _: InlineArray<D, Lanes>.Type, _: InlineArray<N, Lanes>.Type
) {
  let step = k.vectors * laneCount
  let (keys, values) = (UnsafePointer(k.scalars) + j, UnsafePointer(v.scalars) + j)
  var keySums = InlineArray<N, InlineArray<D, Lanes>>(repeating: InlineArray(repeating: splat(0)))
  var valueSums = keySums
  if lanesFillOneRegister {
    for vector in 0..<q.vectors {
      let saved = exponentials + vector * tokens + j
      var dQuery = InlineArray<D, Lanes>(repeating: splat(0))
      for d in 0..<D { dQuery[d] = dq.channel(d)[vector] }
      // The rows lie far apart, so the cache does not guess that the next keys of each are read soon.
      for n in 0..<N { prefetch(saved + N + n) }
      for n in 0..<N {
        let e = saved[n]
        var dp = splat(0) - b[vector]
        for d in 0..<D { dp = multiplyAdd(a.channel(d)[vector], values[d * step + n], dp) }
        let ds = e * dp
        for d in 0..<D {
          dQuery[d] = multiplyAdd(ds, keys[d * step + n], dQuery[d])
          keySums[n][d] = multiplyAdd(ds, q.channel(d)[vector], keySums[n][d])
          valueSums[n][d] = multiplyAdd(e, a.channel(d)[vector], valueSums[n][d])
        }
      }
      for d in 0..<D { dq.channel(d)[vector] = dQuery[d] }
    }
  } else {
    for half in 0..<2 {
      var n = 0
      while n < N {
        let place = (keys: keys + n, values: values + n, exponentials: exponentials + j + n)
        if D == 1 && n + 4 <= N {
          addHalf(half, a, b, q, tokens, dq, place, step, &keySums, &valueSums, n, InlineArray<4, Lanes>.self)
          n += 4
        } else {
          addHalf(half, a, b, q, tokens, dq, place, step, &keySums, &valueSums, n, InlineArray<1, Lanes>.self)
          n += 1
        }
      }
    }
  }
  // All sums over the lanes, 16 at a time: those of a channel's N keys side by side, first dk's channels, then dv's.
  var lanes = InlineArray<16, Lanes>(repeating: splat(0))
  let runs = laneCount / N
  for first in stride(from: 0, to: 2 * D, by: runs) {
    let count = min(runs, 2 * D - first)
    for run in 0..<count {
      let index = first + run
      for n in 0..<N { lanes[run * N + n] = index < D ? keySums[n][index] : valueSums[n][index - D] }
    }
    let totals = sumsOfLanes(lanes)
    for run in 0..<count {
      let index = first + run
      let place = index < D ? dk.scalars + (index * step + j) : dv.scalars + ((index - D) * step + j)
      for n in 0..<N { place[n] = totals[run * N + n] }
    }
  }
}

/// The sums of M of the N keys, from the `first` on, over the lower or upper half of the lanes: they fit into registers where
/// those of 16 lanes would not, and a sum that is stored and loaded again for each vector takes three times as long.
@inline(__always)
private func addHalf<let D: Int, let N: Int, let M: Int>(
  _ half: Int, _ a: Planes, _ b: UnsafePointer<Lanes>, _ q: Planes, _ tokens: Int, _ dq: Planes,
  _ place: (keys: UnsafePointer<Float>, values: UnsafePointer<Float>, exponentials: UnsafePointer<Lanes>), _ step: Int,
  _ keySums: inout InlineArray<N, InlineArray<D, Lanes>>, _ valueSums: inout InlineArray<N, InlineArray<D, Lanes>>,
  _ first: Int, _: InlineArray<M, Lanes>.Type
) {
  var keyHalves = InlineArray<M, InlineArray<D, HalfLanes>>(repeating: InlineArray(repeating: HalfLanes()))
  var (valueHalves, keys, values) = (keyHalves, keyHalves, keyHalves)
  for n in 0..<M {
    for d in 0..<D {
      keys[n][d] = HalfLanes(repeating: place.keys[d * step + n])
      values[n][d] = HalfLanes(repeating: place.values[d * step + n])
    }
  }
  var saved = place.exponentials
  for at in stride(from: half, to: 2 &* q.vectors, by: 2) {
    var dQuery = InlineArray<D, HalfLanes>(repeating: HalfLanes())
    for d in 0..<D { dQuery[d] = HalfLanes.inside(dq.channel(d))[at] }
    // The rows lie far apart, so the cache does not guess that the next keys of each are read soon.
    for n in 0..<M { prefetch(saved + M + n) }
    for n in 0..<M {
      let e = HalfLanes.inside(saved + n)[half]
      var dp = HalfLanes() - HalfLanes.inside(b)[at]
      for d in 0..<D { dp = HalfLanes.multiplyAdd(HalfLanes.inside(a.channel(d))[at], values[n][d], dp) }
      let ds = e * dp
      for d in 0..<D {
        dQuery[d] = HalfLanes.multiplyAdd(ds, keys[n][d], dQuery[d])
        keyHalves[n][d] = HalfLanes.multiplyAdd(ds, HalfLanes.inside(q.channel(d))[at], keyHalves[n][d])
        valueHalves[n][d] = HalfLanes.multiplyAdd(e, HalfLanes.inside(a.channel(d))[at], valueHalves[n][d])
      }
    }
    for d in 0..<D { HalfLanes.inside(dq.channel(d))[at] = dQuery[d] }
    saved += tokens
  }
  for n in 0..<M {
    for d in 0..<D {
      if half == 0 {
        keySums[first + n][d].lowHalf = keyHalves[n][d]
        valueSums[first + n][d].lowHalf = valueHalves[n][d]
      } else {
        keySums[first + n][d].highHalf = keyHalves[n][d]
        valueSums[first + n][d].highHalf = valueHalves[n][d]
      }
    }
  }
}

/// `sums` of values in registers.
@inline(__always)
func sumsOfLanes(_ lanes: InlineArray<16, Lanes>) -> Lanes {
  withUnsafePointer(to: lanes) { sums(UnsafeRawPointer($0).assumingMemoryBound(to: Lanes.self)) }
}
