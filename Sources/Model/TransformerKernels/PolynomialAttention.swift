import VectorMath

// One head of dimension 2 whose scores are bounded; T tokens.
//
//     s[i, j] = q[i]·k[j]/√2,   e[i, j] = p(s[i, j]),   l[i] = Σ_j e[i, j],   out[i] = Σ_j e[i, j] v[j] / l[i]
//
// With c and d in the middle of the queries and of the keys, ρ = q − c and κ = k − d,
//
//     s[i, j] = ρ[i]·κ[j]/√2 + c·κ[j]/√2 + (a number for each i, which cancels)
//
// so e[i, j] ∝ p(ρ[i]·κ[j]/√2) g[j] with g[j] = exp(c·κ[j]/√2). p is exp's Chebyshev expansion of degree n on an interval
// that contains all ρ·κ/√2: p(s) = Σ_{a+b≤n} c_ab (ρ₀κ₀)ᵃ (ρ₁κ₁)ᵇ. The sums over the keys are then moments, and queries
// meet them one by one, so the cost is linear in T:
//
//     P_m(ρ) = Σ_ab c_ab (Σ_j κ₀ᵃ κ₁ᵇ g[j] u_m[j]) ρ₀ᵃ ρ₁ᵇ,   u = (1, v₀, v₁);   l[i] = P₀(ρ[i]),   out[i] = P₁,₂(ρ[i])/l[i]
//
// Saved: ρ, κ, g, the tables of P_m, and 1/l. Backward, the exact gradient of the above, with a = dOut/l, h = a·out,
// Q_m(κ) = Σ_ab c_ab (Σ_i ρ₀ᵃ ρ₁ᵇ w_m[i]) κ₀ᵃ κ₁ᵇ, w = (h, a₀, a₁), and R = v₀ Q₁ + v₁ Q₂ − Q₀:
//
//     dq[i] = ∇(a₀ P₁ + a₁ P₂ − h P₀)(ρ[i]),   dk[j] = g[j] (∇R(κ[j]) + R(κ[j]) c/√2),   dv[j] = g[j] Q₁,₂(κ[j])
//
// docs/attention.md derives the error bound.

/// Attention by moments for the heads of one workspace. A slot is what one head of one block keeps from forward to backward.
public final class PolynomialAttention {
  /// A degree and the largest |ρ·κ|/√2 for which it serves: there the error of p is at most 2.5·10⁻⁷ of exp(s).
  struct Expansion {
    let degree: Int
    let bound: Double
    /// c_ab, three times each, padded to whole `Lanes`.
    let coefficients: AlignedMemory<Lanes>
  }

  /// From the shortest to the longest. Circuit outputs are in [−1, 1], so a QViT's |ρ·κ|/√2 is at most √2, which the last
  /// covers.
  static let expansions: [(degree: Int, bound: Double)] = [
    (4, 0.2), (5, 0.39), (6, 0.63), (7, 0.91), (8, 1.22), (9, 1.55),
  ]

  /// The largest |c·κ|/√2 for which g is computed: with more, small weights would be lost beside large ones. A QViT's is at
  /// most √2.
  static let largestTilt = 4.0

  private let expansions: [Expansion]
  private let chosen: AlignedMemory<Int>  // per slot an index into `expansions`, or −1
  private let tables: AlignedMemory<Lanes>  // per slot
  private let tableSize: Int  // in Lanes
  private let saved: AlignedMemory<Lanes>  // per slot ρ, κ, g: [5, T]
  private let tilts: AlignedMemory<Float>  // per slot c/√2: [2]
  private let moments: UnsafeMutablePointer<Lanes>
  private let table: UnsafeMutablePointer<Lanes>  // of the backward pass
  private let weights: Planes
  private let values: Planes
  private let powers: Planes
  private let memory: AlignedMemory<Lanes>

  /// Room for `slots` heads on `vectors` · 16 tokens.
  public init(vectors: Int, slots: Int) {
    expansions = Self.expansions.map { Expansion(degree: $0.degree, bound: $0.bound) }
    let numbers = 3 * monomialCount(degree: Self.expansions.map(\.degree).max() ?? 0)
    tableSize = (numbers + laneCount - 1) / laneCount
    chosen = AlignedMemory(count: slots)
    tables = AlignedMemory(count: slots * tableSize)
    saved = AlignedMemory(count: slots * 5 * vectors)
    tilts = AlignedMemory(count: slots * 2)
    memory = AlignedMemory(count: tableSize * (laneCount + 1) + 8 * vectors)
    moments = memory.base
    table = moments + tableSize * laneCount
    let planes = table + tableSize
    weights = Planes(planes, channels: 3, vectors: vectors)
    values = Planes(planes + 3 * vectors, channels: 3, vectors: vectors)
    powers = Planes(planes + 6 * vectors, channels: 2, vectors: vectors)
  }

  /// Attention of one head, unless no bound on its scores is small enough: then nothing is written and the result is false.
  ///
  /// q, k, v and out are `[2, T]`; `inverse` `[1, T]` receives 1/l.
  public func forward(slot: Int, q: Planes, k: Planes, v: Planes, tokens: Int, into out: Planes, inverse: Planes)
    -> Bool
  {
    precondition(q.channels == 2 && q.vectors == weights.vectors, "polynomial attention's planes")
    let boxes = (q: (Box(q, 0), Box(q, 1)), k: (Box(k, 0), Box(k, 1)))
    let root = 0.5.squareRoot()
    let bound = (boxes.q.0.half * boxes.k.0.half + boxes.q.1.half * boxes.k.1.half) * root
    let tilt = (boxes.q.0.middle * root, boxes.q.1.middle * root)
    let largestTilt = tilt.0.magnitude * boxes.k.0.half + tilt.1.magnitude * boxes.k.1.half
    // The halves are rounded twice in single precision; a millionth covers that. NaN fails both comparisons.
    guard largestTilt <= Self.largestTilt,
      let choice = expansions.firstIndex(where: { bound * (1 + 1e-6) <= $0.bound })
    else {
      chosen.base[slot] = -1
      return false
    }
    chosen.base[slot] = choice
    let (c0, c1) = (Float(tilt.0), Float(tilt.1))
    (tilts.base[2 * slot], tilts.base[2 * slot + 1]) = (c0, c1)
    let (rho, kappa, g) = centred(slot)
    for vector in 0..<q.vectors {
      rho.channel(0)[vector] = q.channel(0)[vector] - splat(Float(boxes.q.0.middle))
      rho.channel(1)[vector] = q.channel(1)[vector] - splat(Float(boxes.q.1.middle))
      let k0 = k.channel(0)[vector] - splat(Float(boxes.k.0.middle))
      let k1 = k.channel(1)[vector] - splat(Float(boxes.k.1.middle))
      kappa.channel(0)[vector] = k0
      kappa.channel(1)[vector] = k1
      let weight =
        exp2Bounded(multiplyAdd(k1, splat(c1 * log2e), k0 * splat(c0 * log2e))) * paddingMask(vector, tokens)
      g.base[vector] = weight
      weights.channel(0)[vector] = weight
      weights.channel(1)[vector] = v.channel(0)[vector] * weight
      weights.channel(2)[vector] = v.channel(1)[vector] * weight
    }
    let table = tables.base + slot * tableSize
    makeTable(kappa, choice, into: table)
    evaluatePolynomials(rho, numbers(table), degree: expansions[choice].degree, into: values)
    for vector in 0..<q.vectors {
      let share = splat(1) / values.channel(0)[vector]
      inverse.base[vector] = share
      for d in 0..<2 { out.channel(d)[vector] = values.channel(d + 1)[vector] * share }
    }
    return true
  }

  /// The gradients of the head that `forward` was last given in this slot; false if that refused. dOut `[2, T]`, its padding
  /// zero; dq, dk, dv `[2, T]` are overwritten, their padding becomes zero.
  public func backward(
    slot: Int, _ dOut: Planes, out: Planes, v: Planes, inverse: Planes, dq: Planes, dk: Planes, dv: Planes
  ) -> Bool {
    let choice = chosen.base[slot]
    guard choice >= 0 else { return false }
    let degree = expansions[choice].degree
    let (rho, kappa, g) = centred(slot)
    for vector in 0..<dOut.vectors {
      let a0 = dOut.channel(0)[vector] * inverse.base[vector]
      let a1 = dOut.channel(1)[vector] * inverse.base[vector]
      weights.channel(0)[vector] = multiplyAdd(a1, out.channel(1)[vector], a0 * out.channel(0)[vector])
      weights.channel(1)[vector] = a0
      weights.channel(2)[vector] = a1
    }
    makeTable(rho, choice, into: table)
    for vector in 0..<dOut.vectors { weights.channel(0)[vector] = -weights.channel(0)[vector] }
    polynomialGradient(
      rho, numbers(tables.base + slot * tableSize), weights: weights, degree: degree, into: dq)
    evaluatePolynomials(kappa, numbers(table), degree: degree, into: values)
    for vector in 0..<dOut.vectors {
      let weight = g.base[vector]
      weights.channel(0)[vector] = -weight
      for d in 0..<2 {
        dv.channel(d)[vector] = values.channel(d + 1)[vector] * weight
        weights.channel(d + 1)[vector] = v.channel(d)[vector] * weight
      }
    }
    polynomialGradient(kappa, numbers(table), weights: weights, degree: degree, into: dk)
    let tilt = (splat(tilts.base[2 * slot]), splat(tilts.base[2 * slot + 1]))
    for vector in 0..<dOut.vectors {
      var product = weights.channel(0)[vector] * values.channel(0)[vector]  // g R
      for d in 1..<3 { product = multiplyAdd(weights.channel(d)[vector], values.channel(d)[vector], product) }
      dk.channel(0)[vector] = multiplyAdd(product, tilt.0, dk.channel(0)[vector])
      dk.channel(1)[vector] = multiplyAdd(product, tilt.1, dk.channel(1)[vector])
    }
    return true
  }

  /// ρ, κ `[2, T]` and g `[1, T]` of a slot.
  private func centred(_ slot: Int) -> (rho: Planes, kappa: Planes, g: Planes) {
    let planes = Planes(saved.base + slot * 5 * weights.vectors, channels: 5, vectors: weights.vectors)
    return (planes.channels(0..<2), planes.channels(2..<4), planes.channels(4..<5))
  }

  /// The interval of a channel's values, padding included: its middle, and the largest distance from it as it comes out in
  /// single precision. NaN if any value is NaN or infinite.
  private struct Box {
    let middle, half: Double

    init(_ x: Planes, _ channel: Int) {
      let plane = x.channel(channel)
      var (low, high, poison) = (plane[0], plane[0], splat(0))
      for vector in 0..<x.vectors {
        let value = plane[vector]
        low = minimum(value, low)
        high = maximum(value, high)
        // The two pass over NaN; 0·NaN and 0·∞ are NaN.
        poison = multiplyAdd(value, splat(0), poison)
      }
      let (smallest, greatest) = (-largest(-low), largest(high))
      let middle = (smallest + greatest) * 0.5
      self.middle = Double(middle)
      half = Double(max(greatest - middle, middle - smallest) + sum(poison))
    }
  }

  /// The table of the polynomials whose coefficients are c_ab times the moments of `weights` over x.
  private func makeTable(_ x: Planes, _ choice: Int, into table: UnsafeMutablePointer<Lanes>) {
    let expansion = expansions[choice]
    planeMoments(x, weights, degree: expansion.degree, scratch: powers, into: moments)
    for index in 0..<expansion.coefficients.elements.count {
      table[index] = sums(moments + index * laneCount) * expansion.coefficients.base[index]
    }
  }

  private func numbers(_ table: UnsafeMutablePointer<Lanes>) -> UnsafePointer<Float> {
    UnsafeRawPointer(table).assumingMemoryBound(to: Float.self)
  }

  /// 1 in the lanes of tokens, 0 in those of padding.
  private func paddingMask(_ vector: Int, _ tokens: Int) -> Lanes {
    let filled = tokens - vector * laneCount
    var mask = splat(1)
    if filled < laneCount {
      for lane in max(filled, 0)..<laneCount { mask[lane] = 0 }
    }
    return mask
  }
}

extension PolynomialAttention.Expansion {
  /// exp(s) ≈ I₀(S) + 2 Σ_{m=1}^{n} I_m(S) T_m(s/S) on [−S, S], I_m the modified Bessel functions, as coefficients of
  /// (q₀k₀)ᵃ(q₁k₁)ᵇ with s = (q₀k₀ + q₁k₁)/√2.
  init(degree: Int, bound: Double) {
    self.degree = degree
    self.bound = bound
    let power = PolynomialAttention.powerSeries(degree: degree, bound: bound)
    let numbers = 3 * monomialCount(degree: degree)
    coefficients = AlignedMemory(count: (numbers + laneCount - 1) / laneCount)
    var index = 0
    for a in 0...degree {
      var binomial = 1.0  // (a + b) over a
      for b in 0...degree - a {
        if b > 0 { binomial = binomial * Double(a + b) / Double(b) }
        let scale = (0..<a + b).reduce(1.0) { product, _ in product * 0.5.squareRoot() }
        for _ in 0..<3 {
          coefficients.base[index / laneCount][index % laneCount] = Float(power[a + b] * binomial * scale)
          index += 1
        }
      }
    }
  }
}

extension PolynomialAttention {
  /// The coefficients of s⁰ … sⁿ.
  static func powerSeries(degree: Int, bound: Double) -> [Double] {
    var power = [Double](repeating: 0, count: degree + 1)
    // T₀ and T₁ as coefficients of (s/S)ᵏ; T_(m+1) = 2 (s/S) T_m − T_(m−1).
    var (before, current) = (power, power)
    before[0] = 1
    current[1] = 1
    for m in 0...degree {
      let weight = (m == 0 ? 1 : 2) * besselI(m, bound)
      var scale = 1.0
      for k in 0...degree {
        power[k] += weight * before[k] * scale
        scale /= bound
      }
      var next = before.map { -$0 }
      for k in 1...degree { next[k] += 2 * current[k - 1] }
      (before, current) = (current, next)
    }
    return power
  }

  /// I_m(x) = Σ_j (x/2)^(2j+m) / (j! (j+m)!).
  private static func besselI(_ m: Int, _ x: Double) -> Double {
    var term = 1.0
    for k in 0..<m { term *= x / 2 / Double(k + 1) }
    var sum = 0.0
    for j in 1...24 {
      sum += term
      term *= (x / 2) * (x / 2) / Double(j * (j + m))
    }
    return sum
  }
}
