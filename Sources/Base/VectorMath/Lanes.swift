public import CLanes

/// 16 numbers in single precision, worked on by one instruction. In the students' kernels the lanes are 16 tokens of one
/// image; a plane of T tokens is ⌈T/16⌉ `Lanes`, the lanes behind the last token being padding.
public typealias Lanes = SIMD16<Float>

/// Numbers in one `Lanes`.
public let laneCount = 16

extension SIMD16: Arithmetic where Scalar == Float {
  /// The number, rounded to single precision, in every lane.
  @inlinable @inline(__always)
  public init(broadcasting value: Double) { self = lanes_splat(Float(value)) }

  /// a·b + c, rounded once.
  @inlinable @inline(__always)
  public static func multiplyAdd(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes { lanes_fma(a, b, c) }

  /// Sine and cosine, see `sinCos(_:)`.
  @inlinable @inline(__always)
  public func sinCos() -> (sin: Lanes, cos: Lanes) { VectorMath.sinCos(self) }
}

/// a·b + c with one number b for all lanes, rounded once.
@inlinable @inline(__always)
public func multiplyAdd(_ a: Lanes, _ b: Float, _ c: Lanes) -> Lanes { lanes_fma(a, lanes_splat(b), c) }

/// Half of `Lanes`. A loop whose sums would not fit into the registers of a machine where `Lanes` take two goes over the lower
/// halves first, then over the upper ones: lanes know nothing of each other, so the bits are the same.
public typealias HalfLanes = SIMD8<Float>

/// `Lanes`, or half of them: what such a loop is generic over.
public protocol LaneGroup: SIMD where Scalar == Float {
  static func * (a: Self, b: Self) -> Self

  /// a·b + c, rounded once.
  static func multiplyAdd(_ a: Self, _ b: Self, _ c: Self) -> Self

  /// As many consecutive bytes as numbers 0 … 255.
  static func loadBytes(_ from: UnsafePointer<UInt8>) -> Self
}

extension SIMD16: LaneGroup where Scalar == Float {
  /// 16 consecutive bytes as numbers 0 … 255.
  @inlinable @inline(__always)
  public static func loadBytes(_ from: UnsafePointer<UInt8>) -> Lanes { VectorMath.loadBytes(from) }
}

extension SIMD8: LaneGroup where Scalar == Float {
  /// a·b + c, rounded once.
  @inlinable @inline(__always)
  public static func multiplyAdd(_ a: HalfLanes, _ b: HalfLanes, _ c: HalfLanes) -> HalfLanes {
    lanes_fma_half(a, b, c)
  }

  /// 8 consecutive bytes as numbers 0 … 255.
  @inlinable @inline(__always)
  public static func loadBytes(_ from: UnsafePointer<UInt8>) -> HalfLanes { lanes_load_bytes_half(from) }
}

extension LaneGroup {
  /// How many of them make up `Lanes`.
  @inlinable @inline(__always)
  public static var parts: Int { laneCount / Self.scalarCount }

  /// Those that `Lanes` in memory consist of, the lowest of each first.
  @inlinable @inline(__always)
  public static func inside(_ lanes: UnsafePointer<Lanes>) -> UnsafePointer<Self> {
    UnsafeRawPointer(lanes).assumingMemoryBound(to: Self.self)
  }

  /// The same, to write.
  @inlinable @inline(__always)
  public static func inside(_ lanes: UnsafeMutablePointer<Lanes>) -> UnsafeMutablePointer<Self> {
    UnsafeMutableRawPointer(lanes).assumingMemoryBound(to: Self.self)
  }
}

/// c − a·b, rounded once.
@inlinable @inline(__always)
public func multiplySubtract(_ a: Lanes, _ b: Lanes, from c: Lanes) -> Lanes { lanes_fnma(a, b, c) }

/// The number in every lane.
@inlinable @inline(__always)
public func splat(_ value: Float) -> Lanes { lanes_splat(value) }

/// The larger of each pair.
@inlinable @inline(__always)
public func maximum(_ a: Lanes, _ b: Lanes) -> Lanes { lanes_max(a, b) }

/// The smaller of each pair.
@inlinable @inline(__always)
public func minimum(_ a: Lanes, _ b: Lanes) -> Lanes { lanes_min(a, b) }

/// The magnitude of each lane.
@inlinable @inline(__always)
public func magnitude(_ a: Lanes) -> Lanes { lanes_abs(a) }

/// The square root of each lane, correctly rounded.
@inlinable @inline(__always)
public func squareRoot(_ a: Lanes) -> Lanes { lanes_sqrt(a) }

/// The sum of the 16 lanes, as a tree by halving: lanes i and i + 8, then i and i + 4, then i and i + 2, then the last two.
@inlinable @inline(__always)
public func sum(_ a: Lanes) -> Float { lanes_sum(a) }

/// The sums of 16 `Lanes`, the i-th in lane i; each is the very tree of `sum`.
@inlinable @inline(__always)
public func sums(_ a: UnsafePointer<Lanes>) -> Lanes {
  lanes_sum16(UnsafeRawPointer(a).assumingMemoryBound(to: Float.self))
}

/// 16 consecutive bytes as numbers 0 … 255.
@inlinable @inline(__always)
public func loadBytes(_ from: UnsafePointer<UInt8>) -> Lanes { lanes_load_bytes(from) }

/// 16 consecutive numbers, of any alignment.
@inlinable @inline(__always)
public func loadLanes(_ from: UnsafePointer<Float>) -> Lanes { lanes_load(from) }

/// Stores 16 consecutive numbers, at any alignment.
@inlinable @inline(__always)
public func storeLanes(_ a: Lanes, to: UnsafeMutablePointer<Float>) { lanes_store(to, a) }

/// Asks for the cache line at an address that is read soon. A hint: it may point anywhere, and results don't depend on it.
@inlinable @inline(__always)
public func prefetch(_ from: UnsafeRawPointer) { lanes_prefetch(from) }

/// The same for a line that is read later: it goes no nearer than the second level of the cache.
@inlinable @inline(__always)
public func prefetchFar(_ from: UnsafeRawPointer) { lanes_prefetch_far(from) }

/// Whether `Lanes` are one register of this machine, of which there are 32; elsewhere they take two or four. For choosing
/// between tiles whose results have the same bits.
@inlinable @inline(__always)
public var lanesFillOneRegister: Bool { lanes_fill_one_register() }

/// The largest of the 16 lanes.
@inlinable @inline(__always)
public func largest(_ a: Lanes) -> Float { lanes_largest(a) }

/// Transposes 16 rows of 16 numbers, `fromStride` apart, to rows `toStride` apart.
@inlinable @inline(__always)
public func transpose(
  _ from: UnsafePointer<Float>, stride fromStride: Int, to: UnsafeMutablePointer<Float>, stride toStride: Int
) { lanes_transpose(from, fromStride, to, toStride) }

/// 2ᵗ for −126 ≤ t ≤ 127; relative error at most 2·10⁻⁷. Outside that range the result is meaningless: the caller proves
/// the bound.
///
/// t = n + f with n the nearest integer (found by adding 1.5·2²³, which leaves n in the low bits), |f| ≤ ½; 2ᶠ by a
/// minimax polynomial of degree 5 with constant term 1 (error 9.2·10⁻⁸), and n added to the exponent.
@inlinable @inline(__always)
public func exp2Bounded(_ t: Lanes) -> Lanes {
  let shifted = t + splat(12_582_912)
  let f = t - (shifted - splat(12_582_912))
  var p = multiplyAdd(f, splat(0.001_326_472_730_26), splat(0.009_671_512_728_71))
  p = multiplyAdd(p, f, splat(0.055_507_337_438_1))
  p = multiplyAdd(p, f, splat(0.240_222_420_84))
  p = multiplyAdd(p, f, splat(0.693_146_977_598))
  p = multiplyAdd(p, f, splat(1))
  return lanes_from_bits(lanes_bits(p) &+ (lanes_bits(shifted) &<< 23))
}

/// log₂ e, by which an exponent is scaled for `exp2Bounded`.
public let log2e: Float = 1.442_695_040_888_963_4

/// eˣ for x clamped to [−87, 88]; relative error at most 3·10⁻⁷.
///
/// x = n ln 2 + r, ln 2 in two parts; eʳ through the polynomial of `exp2Bounded`.
@inlinable @inline(__always)
public func exp(_ x: Lanes) -> Lanes {
  let clamped = lanes_min(lanes_max(x, splat(-87)), splat(88))
  let shifted = multiplyAdd(clamped, splat(1.442_695_040_888_963_4), splat(12_582_912))
  let n = shifted - splat(12_582_912)
  var r = multiplySubtract(n, splat(0.693_145_751_953_125), from: clamped)
  r = multiplySubtract(n, splat(1.428_606_765_330_187e-6), from: r)
  let f = r * splat(1.442_695_040_888_963_4)
  var p = multiplyAdd(f, splat(0.001_326_472_730_26), splat(0.009_671_512_728_71))
  p = multiplyAdd(p, f, splat(0.055_507_337_438_1))
  p = multiplyAdd(p, f, splat(0.240_222_420_84))
  p = multiplyAdd(p, f, splat(0.693_146_977_598))
  p = multiplyAdd(p, f, splat(1))
  return lanes_from_bits(lanes_bits(p) &+ (lanes_bits(shifted) &<< 23))
}

/// tanh x; absolute error at most 3·10⁻⁷, and relative error at most that where |x| < 0.625.
///
/// x + x³ P(x²) there, P of degree 4 (Cephes, Moshier), and 1 − 2/(e^(2|x|) + 1) with the sign of x elsewhere.
@inlinable @inline(__always)
public func tanh(_ x: Lanes) -> Lanes {
  let size = magnitude(x)
  let u = x * x
  var p = multiplyAdd(u, splat(-5.704_988_727_45e-3), splat(2.063_908_879_54e-2))
  p = multiplyAdd(p, u, splat(-5.373_971_555_31e-2))
  p = multiplyAdd(p, u, splat(1.333_144_220_36e-1))
  p = multiplyAdd(p, u, splat(-3.333_328_194_22e-1))
  let near = multiplyAdd(p * u, x, x)
  let far = splat(1) - splat(2) / (exp(size + size) + splat(1))
  return lanes_select_less(size, splat(0.625), near, lanes_copysign(far, x))
}

/// sin x and cos x for |x| ≤ 10⁴ radians; absolute error at most 1.5·10⁻⁷ for |x| ≤ 100, growing in proportion to |x|
/// beyond.
///
/// x = k π/2 + r with |r| ≤ π/4, π/2 in three parts; minimax polynomials of degree 7 and 8 (errors 1.3·10⁻⁸ and
/// 8·10⁻¹⁰); the quadrant k swaps the two and sets the signs.
@inlinable @inline(__always)
public func sinCos(_ x: Lanes) -> (sin: Lanes, cos: Lanes) {
  let shifted = multiplyAdd(x, splat(0.636_619_772_367_581_4), splat(12_582_912))
  let k = shifted - splat(12_582_912)
  var r = multiplySubtract(k, splat(1.570_312_5), from: x)
  r = multiplySubtract(k, splat(4.837_512_969_970_703e-4), from: r)
  r = multiplySubtract(k, splat(7.549_789_948_768_648e-8), from: r)
  let u = r * r
  var s = multiplyAdd(u, splat(-0.000_195_880_088_637), splat(0.008_332_748_998_46))
  s = multiplyAdd(s, u, splat(-0.166_666_646_679))
  s = multiplyAdd(s * u, r, r)
  var c = multiplyAdd(u, splat(2.454_804_054_35e-5), splat(-0.001_388_830_364_33))
  c = multiplyAdd(c, u, splat(0.041_666_664_664_2))
  c = multiplyAdd(c, u, splat(-0.5))
  c = multiplyAdd(c, u, splat(1))
  // Bit 0 of the quadrant swaps; the sine's sign is bit 1, the cosine's bit 1 of quadrant + 1.
  let quadrant = lanes_bits(shifted)
  let swap = SIMD16<Int32>(repeating: 0) &- (quadrant & SIMD16(repeating: 1))
  let sBits = lanes_bits(s)
  let cBits = lanes_bits(c)
  let difference = (sBits ^ cBits) & swap
  let sineSign = (quadrant &<< 30) & SIMD16(repeating: Int32.min)
  let cosineSign = ((quadrant &+ SIMD16(repeating: 1)) &<< 30) & SIMD16(repeating: Int32.min)
  return (lanes_from_bits((sBits ^ difference) ^ sineSign), lanes_from_bits((cBits ^ difference) ^ cosineSign))
}

/// Φ(x) = ½ (1 + erf(x/√2)), the normal distribution function, and φ(x) = e^(−x²/2)/√(2π), its density; absolute errors
/// at most 4·10⁻⁷.
///
/// Source: Abramowitz and Stegun 7.1.26, erf z = 1 − (a₁t + … + a₅t⁵) e^(−z²), t = 1/(1 + p z), error 1.5·10⁻⁷.
@inlinable @inline(__always)
public func normalDistribution(_ x: Lanes) -> (cumulative: Lanes, density: Lanes) {
  let z = magnitude(x) * splat(0.707_106_781_186_547_5)
  let gauss = exp(splat(0) - z * z)
  let t = splat(1) / multiplyAdd(z, splat(0.327_591_1), splat(1))
  var p = multiplyAdd(t, splat(1.061_405_429), splat(-1.453_152_027))
  p = multiplyAdd(p, t, splat(1.421_413_741))
  p = multiplyAdd(p, t, splat(-0.284_496_736))
  p = multiplyAdd(p, t, splat(0.254_829_592))
  let halfTail = p * t * gauss * splat(0.5)
  // Φ(|x|) = 1 − tail/2, Φ(−|x|) = tail/2.
  let cumulative = lanes_select_less(x, splat(0), halfTail, splat(1) - halfTail)
  return (cumulative, gauss * splat(0.398_942_280_401_432_7))
}
