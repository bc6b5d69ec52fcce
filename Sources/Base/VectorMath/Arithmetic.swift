/// What an algorithm that is written once for a number and for 16 numbers at a time needs: addition, subtraction,
/// multiplication, the fused multiply-add, and sine and cosine. `Double` (the oracle), `Float` and `Lanes` have it.
public protocol Arithmetic: Sendable {
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static prefix func - (a: Self) -> Self

  /// The number, in every lane.
  init(broadcasting value: Double)

  /// a·b + c, rounded once: what the function of that name calls.
  static func multiplyAdd(_ a: Self, _ b: Self, _ c: Self) -> Self

  /// Sine and cosine of an angle in radians.
  func sinCos() -> (sin: Self, cos: Self)
}

/// a·b + c, rounded once. This is the one name of the fused multiply-add; no other operation is contracted.
@inlinable @inline(__always)
public func multiplyAdd<Number: Arithmetic>(_ a: Number, _ b: Number, _ c: Number) -> Number {
  Number.multiplyAdd(a, b, c)
}

extension Arithmetic {
  /// 0.
  @inlinable @inline(__always)
  public static var zero: Self { Self(broadcasting: 0) }

  /// 1.
  @inlinable @inline(__always)
  public static var one: Self { Self(broadcasting: 1) }
}

extension Double: Arithmetic {
  /// The number itself.
  @inlinable @inline(__always)
  public init(broadcasting value: Double) { self = value }

  /// a·b + c, rounded once.
  @inlinable @inline(__always)
  public static func multiplyAdd(_ a: Double, _ b: Double, _ c: Double) -> Double { c.addingProduct(a, b) }

  /// Sine and cosine, see `Elementary.sinCos`.
  public func sinCos() -> (sin: Double, cos: Double) { Elementary.sinCos(self) }
}

extension Float: Arithmetic {
  /// The number, rounded to single precision.
  @inlinable @inline(__always)
  public init(broadcasting value: Double) { self = Float(value) }

  /// a·b + c, rounded once.
  @inlinable @inline(__always)
  public static func multiplyAdd(_ a: Float, _ b: Float, _ c: Float) -> Float { c.addingProduct(a, b) }

  /// Sine and cosine, computed in double precision and rounded.
  public func sinCos() -> (sin: Float, cos: Float) {
    let result = Elementary.sinCos(Double(self))
    return (Float(result.sin), Float(result.cos))
  }
}

/// A scalar: what reference kernels are generic over. `Double` is the oracle, `Float` shows what single precision costs.
public protocol Scalar: Arithmetic, BinaryFloatingPoint {
  /// eˣ.
  static func exp(_ x: Self) -> Self
  /// The natural logarithm.
  static func log(_ x: Self) -> Self
  /// The error function.
  static func erf(_ x: Self) -> Self
}

extension Double: Scalar {
  /// eˣ.
  public static func exp(_ x: Double) -> Double { Elementary.exp(x) }
  /// The natural logarithm.
  public static func log(_ x: Double) -> Double { Elementary.log(x) }
  /// The error function.
  public static func erf(_ x: Double) -> Double { Elementary.erf(x) }
}

extension Float: Scalar {
  /// eˣ, rounded from double precision.
  public static func exp(_ x: Float) -> Float { Float(Elementary.exp(Double(x))) }
  /// The natural logarithm, rounded from double precision.
  public static func log(_ x: Float) -> Float { Float(Elementary.log(Double(x))) }
  /// The error function, rounded from double precision.
  public static func erf(_ x: Float) -> Float { Float(Elementary.erf(Double(x))) }
}
