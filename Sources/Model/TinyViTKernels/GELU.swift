internal import VectorMath

// GELU with the exact error function, element by element.
//
//   y  = x · Φ(x)
//   dx = dy · (Φ(x) + x φ(x))
//
// Φ − ½ and Φ + xφ − ½ are odd, so both are x · P(x²) with a polynomial, fitted for the least largest error over |x| ≤ 5.3
// and held constant beyond: no exponential, no division. Saved between forward and backward: x.

/// Where Φ is 0 or 1 to within 6·10⁻⁸.
private let geluBound: Float = 5.3

/// 2 / 5.3²: v = 2 x²/5.3² − 1 runs over [−1, 1].
private let geluSquareScale: Float = 0.071_199_715_201_139_2

/// GELU(x) = x Φ(x). The error of Φ is at most 2·10⁻⁷, so that of GELU at most 2·10⁻⁷ |x|.
@inline(__always)
func gelu(_ x: Lanes) -> Lanes {
  let bounded = maximum(minimum(x, splat(geluBound)), splat(-geluBound))
  let v = multiplyAdd(bounded, bounded * splat(geluSquareScale), splat(-1))
  var p = multiplyAdd(v, splat(-0.000_652_027_491), splat(0.001_668_356_475_4))
  p = multiplyAdd(p, v, splat(-0.001_433_469_937_18))
  p = multiplyAdd(p, v, splat(0.001_925_129_443_41))
  p = multiplyAdd(p, v, splat(-0.005_462_931_003_42))
  p = multiplyAdd(p, v, splat(0.009_600_143_879_65))
  p = multiplyAdd(p, v, splat(-0.013_396_276_161_07))
  p = multiplyAdd(p, v, splat(0.018_674_153_834_58))
  p = multiplyAdd(p, v, splat(-0.025_242_991_745_47))
  p = multiplyAdd(p, v, splat(0.032_118_383_795_02))
  p = multiplyAdd(p, v, splat(-0.039_595_071_226_36))
  p = multiplyAdd(p, v, splat(0.049_261_927_604_68))
  p = multiplyAdd(p, v, splat(-0.066_518_314_182_76))
  p = multiplyAdd(p, v, splat(0.133_392_587_304_1))
  return x * multiplyAdd(p, bounded, splat(0.5))
}

/// Φ(x) + x φ(x); absolute error at most 2·10⁻⁶ (beyond the bound, where φ is dropped), within it 3·10⁻⁷.
@inline(__always)
func geluDerivative(_ x: Lanes) -> Lanes {
  let bounded = maximum(minimum(x, splat(geluBound)), splat(-geluBound))
  let v = multiplyAdd(bounded, bounded * splat(geluSquareScale), splat(-1))
  var p = multiplyAdd(v, splat(-0.002_492_561_237_887), splat(0.006_532_713_305_205))
  p = multiplyAdd(p, v, splat(-0.004_902_982_618_66))
  p = multiplyAdd(p, v, splat(0.005_577_304_866_165))
  p = multiplyAdd(p, v, splat(-0.020_401_790_738_1))
  p = multiplyAdd(p, v, splat(0.036_707_632_243_63))
  p = multiplyAdd(p, v, splat(-0.046_276_919_543_74))
  p = multiplyAdd(p, v, splat(0.058_708_168_566_23))
  p = multiplyAdd(p, v, splat(-0.072_628_423_571_59))
  p = multiplyAdd(p, v, splat(0.078_744_836_151_6))
  p = multiplyAdd(p, v, splat(-0.075_935_333_967_21))
  p = multiplyAdd(p, v, splat(0.068_055_182_695_39))
  p = multiplyAdd(p, v, splat(-0.060_117_606_073_62))
  p = multiplyAdd(p, v, splat(0.058_037_895_709_28))
  p = multiplyAdd(p, v, splat(-0.069_016_426_801_68))
  p = multiplyAdd(p, v, splat(0.133_748_233_318_3))
  return multiplyAdd(p, bounded, splat(0.5))
}

/// y = GELU(x).
/// - Parameter count: elements, a multiple of 16; y may be x.
package func geluForward(count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
  for i in stride(from: 0, to: count, by: laneCount) { storeLanes(gelu(loadLanes(x + i)), to: y + i) }
}

/// dx = dy · GELU′(x).
/// - Parameter count: elements, a multiple of 16; dx may be dy.
package func geluBackward(
  count: Int, dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>
) {
  for i in stride(from: 0, to: count, by: laneCount) {
    storeLanes(loadLanes(dy + i) * geluDerivative(loadLanes(x + i)), to: dx + i)
  }
}
