internal import VectorMath

/// What a step of a matrix product does to 16 columns of a row.
protocol ProductStep {
  /// sum + what stands at `left` · right.
  static func add(_ left: UnsafePointer<Float>, _ right: Lanes, to sum: Lanes) -> Lanes
}

/// A number by 16 numbers, rounded once.
enum SingleStep: ProductStep {
  @inline(__always) static func add(_ left: UnsafePointer<Float>, _ right: Lanes, to sum: Lanes) -> Lanes {
    multiplyAdd(splat(left.pointee), right, sum)
  }
}

/// A pair of bfloat16 by 16 pairs, the odd numbers first, each product rounded into the sum.
enum PairStep: ProductStep {
  @inline(__always) static func add(_ left: UnsafePointer<Float>, _ right: Lanes, to sum: Lanes) -> Lanes {
    addPairProducts(sum, splatPair(left), right)
  }
}

/// The same by the processor's instruction.
enum PairInstructionStep: ProductStep {
  @inline(__always) static func add(_ left: UnsafePointer<Float>, _ right: Lanes, to sum: Lanes) -> Lanes {
    addPairProductsByInstruction(sum, splatPair(left), right)
  }
}

/// One to four `Lanes` side by side: the columns of a matrix product that a tile keeps in registers for each row.
protocol Strip {
  /// Columns in the strip.
  static var columns: Int { get }
  /// All zero.
  init()
  /// Consecutive numbers of any alignment.
  init(_ from: UnsafePointer<Float>)
  /// A step: self + what stands at `left` · right.
  mutating func add<Step: ProductStep>(_ step: Step.Type, _ left: UnsafePointer<Float>, _ right: Self)
  /// Writes consecutive numbers.
  func store(to: UnsafeMutablePointer<Float>)
}

/// 16 columns.
struct Strip1: Strip {
  private var a: Lanes

  @inline(__always) static var columns: Int { 16 }

  @inline(__always) init() { a = splat(0) }

  @inline(__always) init(_ from: UnsafePointer<Float>) { a = loadLanes(from) }

  @inline(__always) mutating func add<Step: ProductStep>(
    _ step: Step.Type, _ left: UnsafePointer<Float>, _ right: Strip1
  ) { a = Step.add(left, right.a, to: a) }

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

  @inline(__always) mutating func add<Step: ProductStep>(
    _ step: Step.Type, _ left: UnsafePointer<Float>, _ right: Strip2
  ) {
    a = Step.add(left, right.a, to: a)
    b = Step.add(left, right.b, to: b)
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

  @inline(__always) mutating func add<Step: ProductStep>(
    _ step: Step.Type, _ left: UnsafePointer<Float>, _ right: Strip4
  ) {
    a = Step.add(left, right.a, to: a)
    b = Step.add(left, right.b, to: b)
    c = Step.add(left, right.c, to: c)
    d = Step.add(left, right.d, to: d)
  }

  @inline(__always) func store(to: UnsafeMutablePointer<Float>) {
    storeLanes(a, to: to)
    storeLanes(b, to: to + 16)
    storeLanes(c, to: to + 32)
    storeLanes(d, to: to + 48)
  }
}
