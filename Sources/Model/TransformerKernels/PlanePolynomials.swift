import VectorMath

// Polynomials of degree n in two variables, three at a time, over planes: what `PolynomialAttention` is made of.
//
// Runs of columns and of vectors are as long as the registers hold their sums: 32 of 16 lanes, or 16 of half as many. Every number
// is one chain of operations, so that the bits do not depend on it.
//
// A coefficient table holds, for the monomials x₀ᵃ x₁ᵇ, a + b ≤ n, in the order a = 0 … n, b = 0 … n − a, three numbers
// each: those of the polynomials P₀, P₁, P₂.

/// The number of monomials x₀ᵃ x₁ᵇ of degree at most n.
func monomialCount(degree n: Int) -> Int { (n + 1) * (n + 2) / 2 }

/// Calls `body` with the bounds of ⌈count/most⌉ runs of equal length (or one less) that make up 0 ..< count.
@inline(__always)
func forEachRun(of count: Int, most: Int, _ body: (Int, Int) -> Void) {
  let runs = (count + most - 1) / most
  for run in 0..<runs {
    let start = run * count / runs
    body(start, (run + 1) * count / runs - start)
  }
}

/// Σ_t x₀[t]ᵃ x₁[t]ᵇ u_m[t] for every monomial and m = 0, 1, 2, in lanes: `lanes[3 · monomial + m]`, whose 16 lanes are
/// still to be summed. x `[2, T]`, u `[3, T]`; `scratch` `[2, T]`.
func planeMoments(_ x: Planes, _ u: Planes, degree: Int, scratch: Planes, into lanes: UnsafeMutablePointer<Lanes>) {
  let (rowPower, power) = (scratch.channel(0), scratch.channel(1))
  for v in 0..<x.vectors { rowPower[v] = splat(1) }
  var place = lanes
  for a in 0...degree {
    var isFirst = true
    forEachRun(of: degree - a + 1, most: lanesFillOneRegister ? 5 : 3) { _, columns in
      let start = isFirst ? rowPower : power
      switch columns {
      case 1: momentRun(start, x, u, next: power, into: place, InlineArray<1, Lanes>.self)
      case 2: momentRun(start, x, u, next: power, into: place, InlineArray<2, Lanes>.self)
      case 3: momentRun(start, x, u, next: power, into: place, InlineArray<3, Lanes>.self)
      case 4: momentRun(start, x, u, next: power, into: place, InlineArray<4, Lanes>.self)
      default: momentRun(start, x, u, next: power, into: place, InlineArray<5, Lanes>.self)
      }
      place += 3 * columns
      isFirst = false
    }
    for v in 0..<x.vectors { rowPower[v] *= x.channel(0)[v] }
  }
}

/// W columns of a row, whose 3·W sums stay in registers while the vectors pass by; `start` is the first one's monomial,
/// `next` receives that behind the last.
@inline(__always)
private func momentRun<let W: Int>(
  _ start: UnsafePointer<Lanes>, _ x: Planes, _ u: Planes, next: UnsafeMutablePointer<Lanes>,
  into lanes: UnsafeMutablePointer<Lanes>, _: InlineArray<W, Lanes>.Type
) {
  if lanesFillOneRegister {
    momentRun(0, start, x, u, next: next, into: lanes, InlineArray<W, Lanes>.self)
  } else {
    for half in 0..<2 { momentRun(half, start, x, u, next: next, into: lanes, InlineArray<W, HalfLanes>.self) }
  }
}

/// The same over one part of the lanes.
@inline(__always)
private func momentRun<let W: Int, Group: LaneGroup>(
  _ part: Int, _ start: UnsafePointer<Lanes>, _ x: Planes, _ u: Planes, next: UnsafeMutablePointer<Lanes>,
  into lanes: UnsafeMutablePointer<Lanes>, _: InlineArray<W, Group>.Type
) {
  var sums = InlineArray<W, InlineArray<3, Group>>(repeating: InlineArray(repeating: Group(repeating: 0)))
  let (start, next, x1) = (Group.inside(start), Group.inside(next), Group.inside(x.channel(1)))
  let (u0, u1, u2) = (Group.inside(u.channel(0)), Group.inside(u.channel(1)), Group.inside(u.channel(2)))
  for v in stride(from: part, to: x.vectors &* Group.parts, by: Group.parts) {
    var monomial = start[v]
    for w in 0..<W {
      sums[w][0] = Group.multiplyAdd(monomial, u0[v], sums[w][0])
      sums[w][1] = Group.multiplyAdd(monomial, u1[v], sums[w][1])
      sums[w][2] = Group.multiplyAdd(monomial, u2[v], sums[w][2])
      monomial = monomial * x1[v]
    }
    next[v] = monomial
  }
  let into = Group.inside(lanes)
  for w in 0..<W {
    for m in 0..<3 { into[Group.parts &* (3 &* w &+ m) &+ part] = sums[w][m] }
  }
}

/// y_m = P_m(x₀, x₁), m = 0, 1, 2, by Horner's rule in x₁ inside Horner's rule in x₀. x `[2, T]` → y `[3, T]`.
func evaluatePolynomials(_ x: Planes, _ coefficients: UnsafePointer<Float>, degree: Int, into y: Planes) {
  if lanesFillOneRegister {
    evaluatePolynomials(x, coefficients, degree, y, most: 4, Lanes.self)
  } else {
    evaluatePolynomials(x, coefficients, degree, y, most: 3, HalfLanes.self)
  }
}

@inline(__always)
private func evaluatePolynomials<Group: LaneGroup>(
  _ x: Planes, _ coefficients: UnsafePointer<Float>, _ degree: Int, _ y: Planes, most: Int, _: Group.Type
) {
  forEachRun(of: x.vectors * Group.parts, most: most) { start, count in
    switch count {
    case 1: evaluateRun(x, coefficients, degree, y, start, InlineArray<1, Group>.self)
    case 2: evaluateRun(x, coefficients, degree, y, start, InlineArray<2, Group>.self)
    case 3: evaluateRun(x, coefficients, degree, y, start, InlineArray<3, Group>.self)
    default: evaluateRun(x, coefficients, degree, y, start, InlineArray<4, Group>.self)
    }
  }
}

@inline(__always)
private func evaluateRun<let U: Int, Group: LaneGroup>(
  _ x: Planes, _ coefficients: UnsafePointer<Float>, _ degree: Int, _ y: Planes, _ start: Int,
  _: InlineArray<U, Group>.Type
) {
  let (x0, x1) = (Group.inside(x.channel(0)) + start, Group.inside(x.channel(1)) + start)
  let zero = InlineArray<3, InlineArray<U, Group>>(repeating: InlineArray(repeating: Group(repeating: 0)))
  var place = coefficients + 3 * monomialCount(degree: degree)
  var values = zero
  var a = degree
  while a >= 0 {
    var rows = zero
    var b = degree - a
    while b >= 0 {
      place -= 3
      for m in 0..<3 {
        let coefficient = Group(repeating: place[m])
        for u in 0..<U { rows[m][u] = Group.multiplyAdd(rows[m][u], x1[u], coefficient) }
      }
      b -= 1
    }
    for m in 0..<3 {
      for u in 0..<U { values[m][u] = Group.multiplyAdd(values[m][u], x0[u], rows[m][u]) }
    }
    a -= 1
  }
  for m in 0..<3 {
    let into = Group.inside(y.channel(m)) + start
    for u in 0..<U { into[u] = values[m][u] }
  }
}

/// The gradient of Σ_m w_m P_m(x₀, x₁) with respect to x, the weights w `[3, T]` taken as constants. x `[2, T]` →
/// dx `[2, T]`.
func polynomialGradient(
  _ x: Planes, _ coefficients: UnsafePointer<Float>, weights w: Planes, degree: Int, into dx: Planes
) {
  if lanesFillOneRegister {
    polynomialGradient(x, coefficients, w, degree, dx, most: 3, Lanes.self)
  } else {
    polynomialGradient(x, coefficients, w, degree, dx, most: 2, HalfLanes.self)
  }
}

@inline(__always)
private func polynomialGradient<Group: LaneGroup>(
  _ x: Planes, _ coefficients: UnsafePointer<Float>, _ w: Planes, _ degree: Int, _ dx: Planes, most: Int, _: Group.Type
) {
  forEachRun(of: x.vectors * Group.parts, most: most) { start, count in
    switch count {
    case 1: gradientRun(x, coefficients, w, degree, dx, start, InlineArray<1, Group>.self)
    case 2: gradientRun(x, coefficients, w, degree, dx, start, InlineArray<2, Group>.self)
    default: gradientRun(x, coefficients, w, degree, dx, start, InlineArray<3, Group>.self)
    }
  }
}

@inline(__always)
private func gradientRun<let U: Int, Group: LaneGroup>(
  _ x: Planes, _ coefficients: UnsafePointer<Float>, _ w: Planes, _ degree: Int, _ dx: Planes, _ start: Int,
  _: InlineArray<U, Group>.Type
) {
  let (x0, x1) = (Group.inside(x.channel(0)) + start, Group.inside(x.channel(1)) + start)
  let (w0, w1) = (Group.inside(w.channel(0)) + start, Group.inside(w.channel(1)) + start)
  let w2 = Group.inside(w.channel(2)) + start
  var place = coefficients + 3 * monomialCount(degree: degree)
  let zero = InlineArray<U, Group>(repeating: Group(repeating: 0))
  var (value, d0, d1) = (zero, zero, zero)
  var a = degree
  while a >= 0 {
    var (row, dRow) = (zero, zero)  // the row's polynomial in x₁ and its derivative
    var b = degree - a
    while b >= 0 {
      place -= 3
      let (c0, c1, c2) = (Group(repeating: place[0]), Group(repeating: place[1]), Group(repeating: place[2]))
      for u in 0..<U {
        let coefficient = Group.multiplyAdd(w2[u], c2, Group.multiplyAdd(w1[u], c1, w0[u] * c0))
        dRow[u] = Group.multiplyAdd(dRow[u], x1[u], row[u])
        row[u] = Group.multiplyAdd(row[u], x1[u], coefficient)
      }
      b -= 1
    }
    for u in 0..<U {
      d0[u] = Group.multiplyAdd(d0[u], x0[u], value[u])
      value[u] = Group.multiplyAdd(value[u], x0[u], row[u])
      d1[u] = Group.multiplyAdd(d1[u], x0[u], dRow[u])
    }
    a -= 1
  }
  let (into0, into1) = (Group.inside(dx.channel(0)) + start, Group.inside(dx.channel(1)) + start)
  for u in 0..<U { (into0[u], into1[u]) = (d0[u], d1[u]) }
}
