public import VectorMath

// One head of any dimension D; T tokens. The formulas are those of Attention.swift, the sums are taken as for matrices:
//
//     s = q kᵀ/√D,   e = exp(s − m),   l = e 1,   out = e v / l
//
// Queries in the lanes, and products in tiles (ProductTiles.swift): each number of s, out, dq, dk and dv is one chain of fused
// multiply-adds, over the channels or over the tokens in their order. Saved: e, `[vectors, T]`, and 1/l. Backward, with
// a = dOut/l and b = a·out, sixteen keys at a time:
//
//     ds = e ∘ (a vᵀ − b),   dq += ds k/√D
//     dk = dsᵀ q/√D,   dv = eᵀ a,   ds and e transposed in blocks of 16 × 16, so that the keys are in the lanes
//
// A chain over the tokens is as long as in dq, and no sum over lanes is needed: that is what makes it quicker than one key
// at a time where D is large.

/// Attention of wide heads on one thread, with the memory that its passes need between their loops.
public final class TiledAttention {
  private let dimension: Int
  private let vectors: Int
  private let memory: AlignedMemory<Lanes>
  /// The queries of one vector, scaled, `[D]`.
  private let query: UnsafeMutablePointer<Lanes>
  /// ds of 16 keys for one vector of queries, and e of them.
  private let block: UnsafeMutablePointer<Lanes>
  private let weights: UnsafeMutablePointer<Lanes>
  /// ds and e of all queries with 16 keys in the lanes, `[16 · vectors]`.
  private let dScores: UnsafeMutablePointer<Lanes>
  private let exponentials: UnsafeMutablePointer<Lanes>

  /// Room for heads of `dimension` channels on `vectors` · 16 tokens.
  public init(dimension: Int, vectors: Int) {
    self.dimension = dimension
    self.vectors = vectors
    memory = AlignedMemory(count: dimension + (2 + 2 * vectors) * laneCount)
    query = memory.base
    block = query + dimension
    weights = block + laneCount
    dScores = weights + laneCount
    exponentials = dScores + vectors * laneCount
  }

  /// As `attentionForward`: q, k, v and out are `[D, T]`; `saved` has room for vectors · T `Lanes` (of no use afterwards if
  /// `saving` is false); `inverse` `[1, T]` receives 1/l.
  public func forward(
    q: Planes, k: Planes, v: Planes, tokens: Int, into out: Planes, exponentials saved: UnsafeMutablePointer<Lanes>,
    inverse: Planes, saving: Bool
  ) {
    check([q, k, v, out], tokens)
    let exact = scoreBound(q: q, k: k) > directBound
    let scale = splat(log2e / Float(dimension).squareRoot())
    let step = vectors * laneCount
    for vector in 0..<vectors {
      for d in 0..<dimension { query[d] = q.channel(d)[vector] * scale }
      let e = saving ? saved + vector * tokens : saved
      runTiles(
        tokens, ScoreTiles(query: query, dimension: dimension, keys: UnsafePointer(k.scalars), step: step, into: e))
      let total = exact ? exponentiateExactly(e, tokens) : exponentiate(e, tokens)
      let share = splat(1) / total
      inverse.base[vector] = share
      runTiles(
        dimension,
        OutputTiles(
          e: e, tokens: tokens, values: UnsafePointer(v.scalars), step: step, share: share, out: out.base + vector,
          outStep: out.vectors))
    }
  }

  /// e[j] becomes 2 to its power; returns the sum, taken in four parts as (0 + 1) + (2 + 3).
  private func exponentiate(_ e: UnsafeMutablePointer<Lanes>, _ tokens: Int) -> Lanes {
    var totals = InlineArray<4, Lanes>(repeating: splat(0))
    let blocks = tokens / 4 * 4
    for j in stride(from: 0, to: blocks, by: 4) {
      for u in 0..<4 {
        let value = exp2Bounded(e[j + u])
        e[j + u] = value
        totals[u] += value
      }
    }
    for j in blocks..<tokens {
      e[j] = exp2Bounded(e[j])
      totals[0] += e[j]
    }
    return (totals[0] + totals[1]) + (totals[2] + totals[3])
  }

  /// The same with the largest of each row subtracted first.
  private func exponentiateExactly(_ e: UnsafeMutablePointer<Lanes>, _ tokens: Int) -> Lanes {
    var largest = e[0]
    for j in 1..<tokens { largest = maximum(largest, e[j]) }
    for j in 0..<tokens { e[j] = maximum(e[j] - largest, splat(-126)) }
    return exponentiate(e, tokens)
  }

  /// As `attentionBackward`: dOut, out, dq, dk, dv are `[D, T]`; `saved` and `inverse` as `forward` left them. dq, dk, dv are
  /// overwritten; their padding becomes zero.
  public func backward(
    _ dOut: Planes, out: Planes, q: Planes, k: Planes, v: Planes, tokens: Int, exponentials saved: UnsafePointer<Lanes>,
    inverse: Planes, scratch: Planes, dq: Planes, dk: Planes, dv: Planes
  ) {
    check([dOut, out, q, k, v, dq, dk, dv], tokens)
    let (a, b) = normalisedGradient(dOut, out: out, inverse: inverse, scratch: scratch)
    dq.clear()
    let step = vectors * laneCount
    let (keys, values) = (UnsafePointer(k.scalars), UnsafePointer(v.scalars))
    for keyVector in 0..<vectors {
      let first = keyVector * laneCount
      let count = max(min(laneCount, tokens - first), 0)
      // What no key fills stays zero, and with it the padding of dk and dv.
      for j in count..<laneCount { (block[j], weights[j]) = (splat(0), splat(0)) }
      for vector in 0..<vectors {
        let e = saved + vector * tokens + first
        for j in 0..<count { weights[j] = e[j] }
        runTiles(
          count,
          ScoreGradientTiles(
            a: a.base + vector, aStep: a.vectors, dimension: dimension, values: values + first, step: step,
            b: b[vector],
            e: weights, into: block))
        runTiles(
          dimension,
          SumTiles(
            x: block, count: count, factors: keys + first, step: step, into: dq.base + vector, intoStep: vectors,
            accumulating: true))
        transposeBlock(block, to: dScores + vector * laneCount)
        transposeBlock(weights, to: exponentials + vector * laneCount)
      }
      for (x, factors, into) in [(dScores, q, dk), (exponentials, a, dv)] {
        runTiles(
          dimension,
          SumTiles(
            x: x, count: tokens, factors: UnsafePointer(factors.scalars), step: step, into: into.base + keyVector,
            intoStep: vectors, accumulating: false))
      }
    }
    let scale = splat(1 / Float(dimension).squareRoot())
    for planes in [dq, dk] {
      for index in 0..<dimension * vectors { planes.base[index] *= scale }
    }
  }

  private func transposeBlock(_ from: UnsafePointer<Lanes>, to: UnsafeMutablePointer<Lanes>) {
    transpose(
      UnsafeRawPointer(from).assumingMemoryBound(to: Float.self), stride: laneCount,
      to: UnsafeMutableRawPointer(to).assumingMemoryBound(to: Float.self), stride: laneCount)
  }

  private func check(_ planes: [Planes], _ tokens: Int) {
    precondition(
      planes.allSatisfy { $0.channels == dimension && $0.vectors == vectors } && tokens <= vectors * laneCount,
      "tiled attention's planes")
  }
}

/// s[j] = Σ_d q[d] k[d, j].
private struct ScoreTiles: ProductTiles {
  let query: UnsafePointer<Lanes>
  let dimension: Int
  let keys: UnsafePointer<Float>
  let step: Int
  let into: UnsafeMutablePointer<Lanes>

  @inline(__always)
  func tile<let N: Int>(at j: Int, _: InlineArray<N, Lanes>.Type) {
    let sums = productTile(
      dimension, query, step: 1, keys + j, nStep: 1, iStep: step, from: InlineArray<N, Lanes>(repeating: splat(0)))
    for n in 0..<N { into[j &+ n] = sums[n] }
  }
}

/// out[d] = Σ_j e[j] v[d, j] / l.
private struct OutputTiles: ProductTiles {
  let e: UnsafePointer<Lanes>
  let tokens: Int
  let values: UnsafePointer<Float>
  let step: Int
  let share: Lanes
  let out: UnsafeMutablePointer<Lanes>
  let outStep: Int

  @inline(__always)
  func tile<let N: Int>(at d: Int, _: InlineArray<N, Lanes>.Type) {
    let sums = productTile(
      tokens, e, step: 1, values + d &* step, nStep: step, iStep: 1, from: InlineArray<N, Lanes>(repeating: splat(0)))
    for n in 0..<N { out[(d &+ n) &* outStep] = sums[n] * share }
  }
}

/// ds[j] = e[j] (Σ_d a[d] v[d, j] − b).
private struct ScoreGradientTiles: ProductTiles {
  let a: UnsafePointer<Lanes>
  let aStep: Int
  let dimension: Int
  let values: UnsafePointer<Float>
  let step: Int
  let b: Lanes
  let e: UnsafePointer<Lanes>
  let into: UnsafeMutablePointer<Lanes>

  @inline(__always)
  func tile<let N: Int>(at j: Int, _: InlineArray<N, Lanes>.Type) {
    let sums = productTile(
      dimension, a, step: aStep, values + j, nStep: 1, iStep: step,
      from: InlineArray<N, Lanes>(repeating: splat(0) - b))
    for n in 0..<N { into[j &+ n] = e[j &+ n] * sums[n] }
  }
}

/// y[d] = Σ_i x[i] c[d, i], or += where `accumulating`.
private struct SumTiles: ProductTiles {
  let x: UnsafePointer<Lanes>
  let count: Int
  let factors: UnsafePointer<Float>
  let step: Int
  let into: UnsafeMutablePointer<Lanes>
  let intoStep: Int
  let accumulating: Bool

  @inline(__always)
  func tile<let N: Int>(at d: Int, _: InlineArray<N, Lanes>.Type) {
    var start = InlineArray<N, Lanes>(repeating: splat(0))
    if accumulating {
      for n in 0..<N { start[n] = into[(d &+ n) &* intoStep] }
    }
    let sums = productTile(count, x, step: 1, factors + d &* step, nStep: step, iStep: 1, from: start)
    for n in 0..<N { into[(d &+ n) &* intoStep] = sums[n] }
  }
}
