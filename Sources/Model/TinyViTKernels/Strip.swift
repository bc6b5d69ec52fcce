internal import VectorMath

/// One to four `Lanes` side by side: the columns of a matrix product that a tile keeps in registers for each row.
protocol Strip {
  /// Columns in the strip.
  static var columns: Int { get }
  /// All zero.
  init()
  /// Consecutive numbers of any alignment.
  init(_ from: UnsafePointer<Float>)
  /// self + x · other, each element rounded once.
  mutating func addProduct(_ x: Lanes, _ other: Self)
  /// Writes consecutive numbers.
  func store(to: UnsafeMutablePointer<Float>)
}

/// 16 columns.
struct Strip1: Strip {
  private var a: Lanes

  @inline(__always) static var columns: Int { 16 }

  @inline(__always) init() { a = splat(0) }

  @inline(__always) init(_ from: UnsafePointer<Float>) { a = loadLanes(from) }

  @inline(__always) mutating func addProduct(_ x: Lanes, _ other: Strip1) { a = multiplyAdd(x, other.a, a) }

  @inline(__always) func store(to: UnsafeMutablePointer<Float>) { storeLanes(a, to: to) }
}

/// 32 columns.
struct Strip2: Strip {
  private var a: Lanes
  private var b: Lanes

  @inline(__always) static var columns: Int { 32 }

  @inline(__always) init() {
    a = splat(0)
    b = a
  }

  @inline(__always) init(_ from: UnsafePointer<Float>) {
    a = loadLanes(from)
    b = loadLanes(from + 16)
  }

  @inline(__always) mutating func addProduct(_ x: Lanes, _ other: Strip2) {
    a = multiplyAdd(x, other.a, a)
    b = multiplyAdd(x, other.b, b)
  }

  @inline(__always) func store(to: UnsafeMutablePointer<Float>) {
    storeLanes(a, to: to)
    storeLanes(b, to: to + 16)
  }
}

/// 64 columns.
struct Strip4: Strip {
  private var a: Lanes
  private var b: Lanes
  private var c: Lanes
  private var d: Lanes

  @inline(__always) static var columns: Int { 64 }

  @inline(__always) init() {
    a = splat(0)
    b = a
    c = a
    d = a
  }

  @inline(__always) init(_ from: UnsafePointer<Float>) {
    a = loadLanes(from)
    b = loadLanes(from + 16)
    c = loadLanes(from + 32)
    d = loadLanes(from + 48)
  }

  @inline(__always) mutating func addProduct(_ x: Lanes, _ other: Strip4) {
    a = multiplyAdd(x, other.a, a)
    b = multiplyAdd(x, other.b, b)
    c = multiplyAdd(x, other.c, c)
    d = multiplyAdd(x, other.d, d)
  }

  @inline(__always) func store(to: UnsafeMutablePointer<Float>) {
    storeLanes(a, to: to)
    storeLanes(b, to: to + 16)
    storeLanes(c, to: to + 32)
    storeLanes(d, to: to + 48)
  }
}
