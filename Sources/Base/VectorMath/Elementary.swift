/// Elementary functions in double precision, written out in fused multiply-adds so that their bits are the same on every
/// machine and with every C library. Errors are at most 2 units in the last place over the stated ranges, unless said otherwise.
public enum Elementary {
  /// eˣ. 0 below −745, infinity above 709.78; NaN for NaN.
  ///
  /// x = k ln 2 + r with |r| ≤ ½ ln 2; eʳ by its Taylor polynomial of degree 13.
  public static func exp(_ x: Double) -> Double {
    guard x > -745.2 else { return x.isNaN ? x : 0 }
    guard x < 709.79 else { return .infinity }
    let k = (x * 1.442_695_040_888_963_4).rounded(.toNearestOrEven)
    var r = multiplyAdd(-k, 0x1.62e42fee00000p-1, x)
    r = multiplyAdd(-k, 1.908_214_929_270_587_7e-10, r)
    var p = 1.0 / 6_227_020_800
    for denominator in [
      479_001_600.0, 39_916_800, 3_628_800, 362_880, 40_320, 5_040, 720, 120, 24, 6, 2, 1, 1,
    ] { p = multiplyAdd(p, r, 1 / denominator) }
    // Two steps, so that neither factor leaves the range of normal numbers.
    let half = Int(k) / 2
    return p * power2(half) * power2(Int(k) - half)
  }

  /// The natural logarithm. −∞ at 0, NaN below.
  ///
  /// x = 2ᵏ m with √½ ≤ m < √2; ln m = 2 artanh f, f = (m − 1)/(m + 1), by its series up to f²³.
  public static func log(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? -.infinity : .nan }
    guard x < .infinity else { return x }
    var k = Double(x.exponent)
    var m = x.significand
    if m > 1.414_213_562_373_095_1 {
      m *= 0.5
      k += 1
    }
    let f = (m - 1) / (m + 1)
    let square = f * f
    var p = 0.0
    for odd in stride(from: 23.0, through: 3, by: -2) { p = multiplyAdd(p, square, 1 / odd) }
    let tail = multiplyAdd(2 * f * square, p, k * 1.908_214_929_270_587_7e-10)
    return multiplyAdd(k, 0x1.62e42fee00000p-1, 2 * f + tail)
  }

  /// sin x, for |x| ≤ 10⁶ radians.
  public static func sin(_ x: Double) -> Double { sinCos(x).sin }

  /// cos x, for |x| ≤ 10⁶ radians.
  public static func cos(_ x: Double) -> Double { sinCos(x).cos }

  /// sin x and cos x, for |x| ≤ 10⁶ radians; NaN beyond 10⁹ and for NaN.
  ///
  /// x = k π/2 + r with |r| ≤ π/4, π/2 in three parts; then the Taylor polynomials of degree 19 and 20.
  public static func sinCos(_ x: Double) -> (sin: Double, cos: Double) {
    guard x.magnitude < 1e9 else { return (.nan, .nan) }
    let k = (x * 0.636_619_772_367_581_4).rounded(.toNearestOrEven)
    var r = multiplyAdd(-k, 0x1.921fb54400000p+0, x)
    r = multiplyAdd(-k, 0x1.0b4611a600000p-34, r)
    r = multiplyAdd(-k, 0x1.3198a2e037073p-69, r)
    let u = r * r
    var s = 0.0
    for n in stride(from: 18.0, through: 2, by: -2) { s = multiplyAdd(-u / (n * (n + 1)), 1 + s, 0) }
    var c = 0.0
    for n in stride(from: 19.0, through: 1, by: -2) { c = multiplyAdd(-u / (n * (n + 1)), 1 + c, 0) }
    let sine = multiplyAdd(r, s, r)
    let cosine = 1 + c
    switch Int(k) & 3 {
    case 0: return (sine, cosine)
    case 1: return (cosine, -sine)
    case 2: return (-sine, -cosine)
    default: return (-cosine, sine)
    }
  }

  /// The error function (2/√π) ∫₀ˣ e^(−t²) dt.
  ///
  /// erf x = (2/√π) e^(−x²) Σ 2ⁿ x^(2n+1)/(2n+1)!!, whose terms are all of one sign; 1 beyond |x| = 6. Absolute error at
  /// most 2·10⁻¹⁵ (the roundings of up to a hundred terms).
  public static func erf(_ x: Double) -> Double {
    guard x.magnitude < 6 else { return x.isNaN ? x : (x > 0 ? 1 : -1) }
    let square = x * x
    var term = x
    var sum = x
    var n = 1.0
    while term.magnitude > sum.magnitude * 1e-17 {
      term *= 2 * square / (2 * n + 1)
      sum += term
      n += 1
    }
    return 1.128_379_167_095_512_6 * exp(-square) * sum
  }

  /// 2ᵏ for a k in the exponent range of normal numbers.
  private static func power2(_ k: Int) -> Double { Double(sign: .plus, exponent: k, significand: 1) }
}
