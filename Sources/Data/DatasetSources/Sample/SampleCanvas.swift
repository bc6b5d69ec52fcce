import VectorMath

/// A position on a canvas: x to the right, y down, both from −1 to 1.
typealias Point = SIMD2<Float>

/// Red, green, blue from 0 to 1; the fourth lane is unused.
typealias Colour = SIMD4<Float>

/// A square picture that is being drawn. Only additions, multiplications, divisions and square roots of Float are used, so
/// the same picture comes out on every machine.
struct SampleCanvas {
  /// Height and width in pixels.
  static let side = 224

  private var pixels: [Colour]

  /// A canvas of one colour.
  init(_ colour: Colour) {
    pixels = Array(repeating: colour, count: Self.side * Self.side)
  }

  /// Replaces each colour by a function of it and of its position.
  mutating func map(_ body: (Point, Colour) -> Colour) {
    for row in 0..<Self.side {
      for column in 0..<Self.side {
        let index = row * Self.side + column
        pixels[index] = body(Self.point(row: row, column: column), pixels[index])
      }
    }
  }

  /// Lays `colour` over the square of half width `reach` around `centre`, with the opacity (0 to 1) of each point.
  mutating func blend(_ colour: Colour, around centre: Point, reach: Float, opacity: (Point) -> Float) {
    let rows = Self.pixelRange(centre.y, reach)
    let columns = Self.pixelRange(centre.x, reach)
    for row in rows {
      for column in columns {
        let amount = opacity(Self.point(row: row, column: column))
        guard amount > 0 else { continue }
        let index = row * Self.side + column
        pixels[index] += (colour - pixels[index]) * min(amount, 1)
      }
    }
  }

  /// Lays a soft disc of `colour` down.
  mutating func dot(_ colour: Colour, at centre: Point, radius: Float, opacity: Float = 1) {
    blend(colour, around: centre, reach: radius) { point in
      let offset = (point - centre) / radius
      return opacity * ramp(2 * (1 - (offset * offset).sum()))
    }
  }

  /// Lays an ellipse down; `softness` is the width of its edge as a part of its radius.
  mutating func fill(_ ellipse: Ellipse, _ colour: Colour, softness: Float, opacity: Float = 1) {
    blend(colour, around: ellipse.centre, reach: ellipse.reach) { opacity * ramp(ellipse.depth(at: $0) / softness) }
  }

  /// Draws a curve from `start` to `end`, pulled towards `control`.
  mutating func stroke(
    _ colour: Colour, from start: Point, towards control: Point, to end: Point, radius: Float, opacity: Float
  ) {
    let steps = 60
    for step in 0...steps {
      let t = Float(step) / Float(steps)
      let there = start * ((1 - t) * (1 - t)) + control * (2 * t * (1 - t)) + end * (t * t)
      dot(colour, at: there, radius: radius, opacity: opacity)
    }
  }

  /// The picture as `UInt8 [224, 224, channels]`; grey is the red channel.
  func bytes(channels: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(pixels.count * channels)
    for colour in pixels {
      let levels = (colour.clamped(lowerBound: Colour(), upperBound: Colour(repeating: 1)) * 255).rounded(
        .toNearestOrAwayFromZero)
      for channel in 0..<channels { bytes.append(UInt8(levels[channel])) }
    }
    return bytes
  }

  private static func point(row: Int, column: Int) -> Point {
    (Point(Float(column), Float(row)) + 0.5) / Float(side / 2) - 1
  }

  private static func pixelRange(_ centre: Float, _ reach: Float) -> Range<Int> {
    let half = Float(side / 2)
    func pixel(_ position: Float) -> Int { Int(max(0, min(Float(side), (position + 1) * half))) }
    let first = pixel(centre - reach)
    return first..<max(first, min(side, pixel(centre + reach) + 1))
  }
}

/// An ellipse, turned by an angle.
struct Ellipse {
  var centre: Point
  var radii: Point
  private let axis: Point

  /// - Parameter angle: of the first radius against the x axis, in radians.
  init(centre: Point, radii: Point, angle: Double = 0) {
    self.centre = centre
    self.radii = radii
    let (sin, cos) = Elementary.sinCos(angle)
    axis = Point(Float(cos), Float(sin))
  }

  /// Half the width of a square around it.
  var reach: Float { max(radii.x, radii.y) * 1.35 }

  /// The position in its own axes, in radii.
  func local(_ point: Point) -> Point {
    let offset = point - centre
    return Point((offset * axis).sum(), offset.y * axis.x - offset.x * axis.y) / radii
  }

  /// 1 in the centre, 0 on the edge, negative outside.
  func depth(at point: Point) -> Float {
    let position = local(point)
    return 1 - (position * position).sum().squareRoot()
  }
}

/// Smooth noise: random values on a lattice, blended in between.
struct NoiseField {
  private let columns: Int
  private let rows: Int
  private let values: [Float]
  /// How the canvas lies on the lattice: a turn and a scale, as a complex number.
  private let turn: Point

  /// Noise whose grains are 1/`columns` of the canvas wide and 1/`rows` high.
  init(columns: Int, rows: Int, _ stream: inout RandomStream) {
    self.columns = columns
    self.rows = rows
    values = (0..<(columns + 1) * (rows + 1)).map { _ in stream.float(-1, 1) }
    turn = Point(1, 0)
  }

  /// Noise with square grains, on a lattice that is turned against the pixels so that its rows do not show.
  init(_ cells: Int, _ stream: inout RandomStream) {
    // The turned canvas is 1.4 times as wide as the lattice was.
    let count = cells + cells * 2 / 5
    (columns, rows) = (count, count)
    values = (0..<(count + 1) * (count + 1)).map { _ in stream.float(-1, 1) }
    turn = Point(0.8, 0.6) / 1.4
  }

  /// The noise at a point, from −1 to 1; beyond the canvas it repeats its border.
  func callAsFunction(_ point: Point) -> Float {
    let turned = Point(point.x * turn.x - point.y * turn.y, point.x * turn.y + point.y * turn.x)
    let x = max(0, min(Float(columns), (turned.x + 1) * 0.5 * Float(columns)))
    let y = max(0, min(Float(rows), (turned.y + 1) * 0.5 * Float(rows)))
    let (column, row) = (min(Int(x), columns - 1), min(Int(y), rows - 1))
    let (u, v) = (ramp(x - Float(column)), ramp(y - Float(row)))
    let index = row * (columns + 1) + column
    let upper = values[index] + (values[index + 1] - values[index]) * u
    let next = index + columns + 1
    let lower = values[next] + (values[next + 1] - values[next]) * u
    return upper + (lower - upper) * v
  }
}

/// 0 up to t = 0, 1 from t = 1, smooth in between: 3t² − 2t³.
func ramp(_ t: Float) -> Float {
  let t = max(0, min(1, t))
  return t * t * (3 - 2 * t)
}

/// A colour from its parts.
func rgb(_ red: Float, _ green: Float, _ blue: Float) -> Colour { Colour(red, green, blue, 0) }

/// A grey.
func grey(_ level: Float) -> Colour { Colour(repeating: level) }

extension RandomStream {
  /// Uniform between `low` and `high`.
  mutating func float(_ low: Float, _ high: Float) -> Float { low + (high - low) * Float(uniform()) }

  /// Normal around `mean`.
  mutating func float(around mean: Float, deviation: Float) -> Float { mean + deviation * Float(normal()) }

  /// Uniform in a square around `centre`.
  mutating func point(around centre: Point, _ reach: Float) -> Point {
    centre + Point(float(-reach, reach), float(-reach, reach))
  }

  /// An angle in radians.
  mutating func angle() -> Double { uniform(in: 0...6.283185307179586) }

  /// The point at `distance` from `centre` in a random direction.
  mutating func point(at distance: Float, from centre: Point) -> Point { centre + direction(angle()) * distance }

  /// A colour near `colour`: all channels changed together, and each by a third as much.
  mutating func near(_ colour: Colour, _ deviation: Float) -> Colour {
    let all = float(around: 0, deviation: deviation)
    return colour
      + rgb(
        all + float(around: 0, deviation: deviation / 3), all + float(around: 0, deviation: deviation / 3),
        all + float(around: 0, deviation: deviation / 3))
  }
}

/// The unit vector at an angle against the x axis, in radians.
func direction(_ angle: Double) -> Point {
  let (sin, cos) = Elementary.sinCos(angle)
  return Point(Float(cos), Float(sin))
}
