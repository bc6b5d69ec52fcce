import VectorMath

// All products of wide layers are sums of one form, 16 results to a `Lanes`:
//
//     y[n] = start[n] + Σ_i c[n, i] x[i],   c single numbers, x in lanes
//
// A tile takes N results at once, which stay in registers while the x pass by and share each load of them. Every result is
// one chain of fused multiply-adds in the order of i, so its bits do not depend on N, that is, on the machine's registers.

/// N chains of Σ_i c[n, i] x[i], each beginning with its `start`: x[i] at x + i·xStep, c[n, i] at c + n·nStep + i·iStep.
@inline(__always)
func productTile<let N: Int>(
  _ count: Int, _ x: UnsafePointer<Lanes>, step xStep: Int, _ c: UnsafePointer<Float>, nStep: Int, iStep: Int,
  from start: InlineArray<N, Lanes>
) -> InlineArray<N, Lanes> {
  var sums = start
  var (values, factors) = (x, c)
  for _ in 0..<count {
    let value = values.pointee
    for n in 0..<N { sums[n] = multiplyAdd(value, factors[n &* nStep], sums[n]) }
    values += xStep
    factors += iStep
  }
  return sums
}

/// What is done with N results from the n-th on.
protocol ProductTiles {
  func tile<let N: Int>(at n: Int, _: InlineArray<N, Lanes>.Type)
}

/// Results 0 ..< `count` in tiles as large as the registers allow: 8 sums of 32 registers, or 4 of 16 half as long.
@inline(__always)
func runTiles(_ count: Int, _ tiles: some ProductTiles) {
  var n = 0
  if lanesFillOneRegister {
    while count - n >= 8 {
      tiles.tile(at: n, InlineArray<8, Lanes>.self)
      n += 8
    }
  }
  while count - n >= 4 {
    tiles.tile(at: n, InlineArray<4, Lanes>.self)
    n += 4
  }
  if count - n >= 2 {
    tiles.tile(at: n, InlineArray<2, Lanes>.self)
    n += 2
  }
  if count > n { tiles.tile(at: n, InlineArray<1, Lanes>.self) }
}
