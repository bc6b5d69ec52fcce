import VectorMath
@testable import TransformerKernels
import Testing

/// One head's planes with the memory they lie in.
private final class Head {
  let tokens: Int
  let dimension: Int
  let vectors: Int
  private let memory: AlignedMemory<Lanes>
  let exponentials: AlignedMemory<Lanes>

  /// Planes of `dimension` channels: q, k, v, dOut, out, dq, dk, dv; then 1/l and scratch.
  init(tokens: Int, dimension: Int) {
    self.tokens = tokens
    self.dimension = dimension
    vectors = (tokens + laneCount - 1) / laneCount
    memory = AlignedMemory(count: (9 * dimension + 2) * vectors)
    exponentials = AlignedMemory(count: vectors * tokens)
  }

  private func planes(_ index: Int, _ channels: Int? = nil) -> Planes {
    Planes(memory.base + index * dimension * vectors, channels: channels ?? dimension, vectors: vectors)
  }
  var q: Planes { planes(0) }
  var k: Planes { planes(1) }
  var v: Planes { planes(2) }
  var dOut: Planes { planes(3) }
  var out: Planes { planes(4) }
  var dq: Planes { planes(5) }
  var dk: Planes { planes(6) }
  var dv: Planes { planes(7) }
  var scratch: Planes { planes(8, dimension + 1) }
  var inverse: Planes {
    Planes(memory.base + (9 * dimension + 1) * vectors, channels: 1, vectors: vectors)
  }

  /// `[T, D]` in double precision.
  func values(_ planes: Planes) -> [Double] {
    (0..<tokens).flatMap { t in (0..<dimension).map { Double(planes[$0, t]) } }
  }

  /// Padding of a gradient.
  func padding(_ planes: Planes) -> [Float] {
    (tokens..<vectors * laneCount).flatMap { t in (0..<dimension).map { planes[$0, t] } }
  }

  /// Random values; queries and keys of at most the given lengths, the first of each reaching it in the same direction.
  func fill(length: Double) {
    var stream = RandomStream(seed: 8, purpose: "head", UInt64(tokens), UInt64(dimension))
    for t in 0..<vectors * laneCount {
      for c in 0..<dimension {
        v[c, t] = Float(stream.uniform(in: -1...1))
        dOut[c, t] = t < tokens ? Float(stream.uniform(in: -1...1)) : 0
      }
      for planes in [q, k] {
        var direction = (0..<dimension).map { _ in stream.uniform(in: -1...1) }
        if t == 0 { direction = [1.0] + [Double](repeating: 0.25, count: dimension - 1) }
        let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let wanted = t == 0 ? length : length * stream.uniform()
        for c in 0..<dimension { planes[c, t] = Float(direction[c] / norm * wanted) }
      }
    }
  }

  /// The same with queries and keys in a square around `middle` and around −`middle`, two opposite corners of it among
  /// them, for which the largest score of the distances to the middle is the given one.
  func fill(score: Double, middle: Double) {
    fill(length: 0)
    var stream = RandomStream(seed: 9, purpose: "square", UInt64(tokens))
    let half = (score * 0.5.squareRoot()).squareRoot()
    for t in 0..<vectors * laneCount {
      for c in 0..<dimension {
        for (planes, centre) in [(q, middle), (k, -middle)] {
          let place = t == 0 ? 1 : t == 1 ? -1 : stream.uniform(in: -1...1)
          planes[c, t] = Float(centre + half * place)
        }
      }
    }
  }

  func direct() {
    attentionForward(
      q: q, k: k, v: v, tokens: tokens, into: out, exponentials: exponentials.base, inverse: inverse, saving: true)
    attentionBackward(
      dOut, out: out, q: q, k: k, v: v, tokens: tokens, exponentials: exponentials.base, inverse: inverse,
      scratch: scratch, dq: dq, dk: dk, dv: dv)
  }

  func tiled() {
    let attention = TiledAttention(dimension: dimension, vectors: vectors)
    attention.forward(
      q: q, k: k, v: v, tokens: tokens, into: out, exponentials: exponentials.base, inverse: inverse, saving: true)
    attention.backward(
      dOut, out: out, q: q, k: k, v: v, tokens: tokens, exponentials: exponentials.base, inverse: inverse,
      scratch: scratch, dq: dq, dk: dk, dv: dv)
  }

  /// Under a mask; uniform attention has no queries and keys.
  func masked(_ mask: UnsafePointer<Lanes>, uniform: Bool) {
    let (q, k) = uniform ? (nil, nil) : (q, k)
    attentionForward(
      q: q, k: k, v: v, tokens: tokens, mask: mask, into: out, exponentials: exponentials.base, inverse: inverse)
    attentionBackward(
      dOut, out: out, q: q, k: k, v: v, tokens: tokens, mask: mask, exponentials: exponentials.base, inverse: inverse,
      scratch: scratch, dq: uniform ? nil : dq, dk: uniform ? nil : dk, dv: dv)
  }

  func polynomial(_ attention: PolynomialAttention, slot: Int) -> Bool {
    attention.forward(slot: slot, q: q, k: k, v: v, tokens: tokens, into: out, inverse: inverse)
      && attention.backward(
        slot: slot, dOut, out: out, v: v, inverse: inverse, dq: dq, dk: dk, dv: dv)
  }

  /// The largest differences of out and of the gradients from the reference in double precision, the latter relative to
  /// the largest.
  func errors(masks: [[Double]] = [], uniform: Bool = false) -> (out: Double, gradient: Double) {
    let (q, k, v) = (uniform ? nil : values(q), uniform ? nil : values(k), values(v))
    let expected = Reference.attention(q: q, k: k, v: v, channels: dimension, heads: 1, masks: masks)
    let gradients = Reference.attentionBackward(
      values(dOut), q: q, k: k, v: v, channels: dimension, heads: 1, masks: masks)
    let differences = zip(values(out), expected).map { ($0 - $1).magnitude }
    return (
      differences.max() ?? 0,
      relativeDifference(values(dq) + values(dk) + values(dv), gradients.dq + gradients.dk + gradients.dv)
    )
  }
}

@Suite struct AttentionTests {
  @Test(arguments: [1, 2, 5, 16, 17, 50], [1, 2, 3, 4, 5, 6, 8, 10])
  func directAgreesWithTheReference(tokens: Int, dimension: Int) {
    let head = Head(tokens: tokens, dimension: dimension)
    head.fill(length: 2)
    head.direct()
    let errors = head.errors()
    #expect(errors.out < 2e-6)
    #expect(errors.gradient < 2e-5)
    #expect((head.padding(head.dq) + head.padding(head.dk) + head.padding(head.dv)).allSatisfy { $0 == 0 })
  }

  /// Heads of every kind of remainder, with scores that need the row's maximum and with some that do not; padding included.
  @Test(arguments: [1, 2, 5, 16, 17, 50, 196], [1, 2, 3, 7, 8, 11, 16, 30, 32, 64])
  func tiledAgreesWithTheReference(tokens: Int, dimension: Int) {
    for length in [2.0, 30] {
      let head = Head(tokens: tokens, dimension: dimension)
      head.fill(length: length)
      head.tiled()
      let errors = head.errors()
      #expect(errors.out < (length > 2 ? 1e-4 : 2e-6))
      #expect(errors.gradient < (length > 2 ? 1e-3 : 2e-5))
      #expect((head.padding(head.dq) + head.padding(head.dk) + head.padding(head.dv)).allSatisfy { $0 == 0 })
      // What is not saved is the same.
      let (out, exponentials) = (head.values(head.out), AlignedMemory<Lanes>(count: head.vectors * tokens))
      TiledAttention(dimension: dimension, vectors: head.vectors).forward(
        q: head.q, k: head.k, v: head.v, tokens: tokens, into: head.out, exponentials: exponentials.base,
        inverse: head.inverse, saving: false)
      #expect(head.values(head.out) == out)
    }
  }

  /// Every number is one chain of multiply-adds, so its bits are those of the plain loop, whatever the tiles of the machine.
  @Test(arguments: [5, 18, 33], [7, 16, 30]) func tilesDoNotChangeABit(tokens: Int, dimension: Int) {
    let head = Head(tokens: tokens, dimension: dimension)
    head.fill(length: 2)
    head.tiled()
    func chain(_ count: Int, from start: Float = 0, _ factors: (Int) -> (Float, Float)) -> Float {
      (0..<count).reduce(start) { sum, index in
        let (a, b) = factors(index)
        return sum.addingProduct(a, b)
      }
    }
    let scale = 1 / Float(dimension).squareRoot()
    func e(_ i: Int, _ j: Int) -> Float { head.exponentials.base[i / laneCount * tokens + j][i % laneCount] }
    func a(_ d: Int, _ i: Int) -> Float { head.dOut[d, i] * head.inverse[0, i] }
    func dScore(_ i: Int, _ j: Int) -> Float {
      let b = chain(dimension) { (a($0, i), head.out[$0, i]) }
      return e(i, j) * chain(dimension, from: 0 - b) { (a($0, i), head.v[$0, j]) }
    }
    let scores = (0..<tokens).map { i in (0..<tokens).map { j in dScore(i, j) } }
    for d in 0..<dimension {
      for t in 0..<tokens {
        let out = chain(tokens) { (e(t, $0), head.v[d, $0]) } * head.inverse[0, t]
        #expect(head.out[d, t].bitPattern == out.bitPattern)
        #expect(head.dq[d, t].bitPattern == (chain(tokens) { (scores[t][$0], head.k[d, $0]) } * scale).bitPattern)
        #expect(head.dk[d, t].bitPattern == (chain(tokens) { (scores[$0][t], head.q[d, $0]) } * scale).bitPattern)
        #expect(head.dv[d, t].bitPattern == chain(tokens) { (e($0, t), a(d, $0)) }.bitPattern)
      }
    }
  }

  /// Small scores, scores that need the row's maximum, and none at all.
  @Test(arguments: [1, 5, 16, 33], [1, 2, 3, 10])
  func maskedAgreesWithTheReference(tokens: Int, dimension: Int) {
    for (length, uniform) in [(2.0, false), (30, false), (1, true)] {
      let head = Head(tokens: tokens, dimension: dimension)
      head.fill(length: length)
      let dropout = ImageDropout(seed: 3, epoch: 1, image: 2)
      let mask = AlignedMemory<Lanes>(count: head.vectors * tokens)
      dropoutMask(dropout, block: 1, head: 0, rate: 0.3, tokens: tokens, vectors: head.vectors, into: mask.base)
      head.masked(mask.base, uniform: uniform)
      let reference: [Double] = Reference.dropoutMask(
        dropout, .attention(block: 1, head: 0), rate: 0.3, count: tokens * tokens)
      let errors = head.errors(masks: [reference], uniform: uniform)
      #expect(errors.out < 1e-5)
      #expect(errors.gradient < 1e-4)
      #expect((head.padding(head.dq) + head.padding(head.dk) + head.padding(head.dv)).allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: [1, 16, 33, 196]) func uniformAgreesWithTheReference(tokens: Int) {
    let head = Head(tokens: tokens, dimension: 3)
    head.fill(length: 1)
    uniformAttentionForward(v: head.v, tokens: tokens, into: head.out)
    uniformAttentionBackward(head.dOut, tokens: tokens, dv: head.dv)
    let errors = head.errors(uniform: true)
    #expect(errors.out < 1e-6)
    #expect(errors.gradient < 1e-5)
    #expect(head.padding(head.dv).allSatisfy { $0 == 0 })
  }

  /// The gradients of keys and values, however many are summed at once, have the bits of each key's sum taken alone.
  /// The bound is that of Cauchy and Schwarz; what is not a number has none.
  @Test func scoresAreBounded() {
    let head = Head(tokens: 20, dimension: 2)
    head.fill(length: 2)
    let bound = scoreBound(q: head.q, k: head.k)
    // Lengths of 2 and the same direction: 4/√2, in units of log₂.
    #expect(abs(bound / (log2e * 4 / Float(2).squareRoot()) - 1) < 1e-5)
    for value in [Float.nan, .infinity, -.infinity] {
      head.fill(length: 2)
      head.k[1, 7] = value
      #expect(scoreBound(q: head.q, k: head.k) == .infinity)
    }
  }

  @Test(arguments: [3, 18, 33], [1, 2, 3, 4, 5, 6, 8, 10])
  func sumsOverTheQueriesAreThoseOfOneKeyAtATime(tokens: Int, dimension: Int) {
    let head = Head(tokens: tokens, dimension: dimension)
    head.fill(length: 2)
    head.direct()
    let scale = 1 / Float(dimension).squareRoot()
    for key in 0..<tokens {
      var (keySums, valueSums) = ([Lanes](repeating: splat(0), count: dimension), [Lanes]())
      valueSums = keySums
      for vector in 0..<head.vectors {
        func lanes(_ planes: Planes, _ c: Int) -> Lanes { planes.base[c * planes.vectors + vector] }
        let a = (0..<dimension).map { lanes(head.dOut, $0) * lanes(head.inverse, 0) }
        let b = (0..<dimension).reduce(splat(0)) { multiplyAdd(a[$1], lanes(head.out, $1), $0) }
        let e = head.exponentials.base[vector * tokens + key]
        var ds = splat(0) - b
        for c in 0..<dimension { ds = multiplyAdd(a[c], head.v[c, key], ds) }
        ds = e * ds
        for c in 0..<dimension {
          keySums[c] = multiplyAdd(ds, lanes(head.q, c), keySums[c])
          valueSums[c] = multiplyAdd(e, a[c], valueSums[c])
        }
      }
      for c in 0..<dimension {
        #expect((sum(keySums[c]) * scale).bitPattern == head.dk[c, key].bitPattern)
        #expect(sum(valueSums[c]).bitPattern == head.dv[c, key].bitPattern)
      }
    }
  }

  /// Scores up to the bound of each expansion, around 0 and around other places. √2 is what circuit outputs can reach.
  @Test(
    arguments: [1, 2, 5, 16, 17, 33, 196, 197],
    [0.0, 0.1999, 0.3899, 0.3901, 0.6299, 0.6301, 0.9099, 1.2199, 1.2201, 2.0.squareRoot(), 1.5499])
  func polynomialAgreesWithTheReference(tokens: Int, score: Double) {
    let head = Head(tokens: tokens, dimension: 2)
    head.fill(score: score, middle: tokens % 2 == 0 ? 0 : 0.7)
    let attention = PolynomialAttention(vectors: head.vectors, slots: 2)
    #expect(head.polynomial(attention, slot: 1))
    let errors = head.errors()
    #expect(errors.out < 1e-6)
    #expect(errors.gradient < 1e-5)
    #expect((head.padding(head.dq) + head.padding(head.dk) + head.padding(head.dv)).allSatisfy { $0 == 0 })

    let (out, dv) = (head.values(head.out), head.values(head.dv))
    head.direct()
    #expect(zip(out, head.values(head.out)).allSatisfy { ($0 - $1).magnitude < 1e-6 })
    #expect(relativeDifference(dv, head.values(head.dv)) < 1e-5)
  }

  /// Too large scores, numbers that are none, and keys whose weights differ too much.
  @Test(arguments: [(1.5501, 0.0), (3, 0), (100, 0), (.infinity, 0), (.nan, 0), (1, 4), (0.1, -40), (0, .infinity)])
  func unboundedScoresAreRefused(score: Double, middle: Double) {
    let head = Head(tokens: 20, dimension: 2)
    head.fill(score: score, middle: middle)
    let attention = PolynomialAttention(vectors: head.vectors, slots: 1)
    #expect(
      !attention.forward(
        slot: 0, q: head.q, k: head.k, v: head.v, tokens: 20, into: head.out, inverse: head.inverse))
    #expect(!head.polynomial(attention, slot: 0))
    #expect(
      !attention.backward(
        slot: 0, head.dOut, out: head.out, v: head.v, inverse: head.inverse, dq: head.dq, dk: head.dk, dv: head.dv))
    #expect(head.values(head.out).allSatisfy { $0 == 0 }, "nothing was written")
  }

  /// The expansions' coefficients: |p(s) − eˢ| ≤ 2.5·10⁻⁷ eˢ on the whole interval, and their bounds reach what circuits can
  /// give.
  @Test func expansionsKeepTheirBound() {
    for (degree, bound) in PolynomialAttention.expansions {
      let series = PolynomialAttention.powerSeries(degree: degree, bound: bound)
      #expect(series.count == degree + 1)
      for step in -1000...1000 {
        let s = bound * Double(step) / 1000
        let value = series.reversed().reduce(0) { $0 * s + $1 }
        #expect((value / Elementary.exp(s) - 1).magnitude < 2.5e-7, "degree \(degree), s = \(s)")
      }
    }
    #expect((PolynomialAttention.expansions.last?.bound ?? 0) > 2.0.squareRoot() * 1.001)
  }
}
