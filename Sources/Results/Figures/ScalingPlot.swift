public import Drawing
public import Statistics

/// A measure against the size of a model: a line for each family of models that differ in nothing but their width, the mean
/// over the seeds with its 95% interval at each size. Families that were distilled are drawn hollow and dashed.
public struct ScalingPlot {
  /// One width of a family.
  public struct Point: Sendable, Equatable {
    /// Qubits or parameters.
    public var size: Double
    /// The mean over the seeds.
    public var value: Double
    /// Its 95% interval.
    public var interval: Interval?

    /// A size with its value.
    public init(size: Double, value: Double, interval: Interval?) {
      self.size = size
      self.value = value
      self.interval = interval
    }
  }

  /// A family.
  public struct Series: Sendable, Equatable {
    /// What it is called.
    public var name: String
    /// Which colour it has, counted from 0: a family from scratch and the same distilled have one.
    public var colour: Int
    /// Whether it was distilled.
    public var isDistilled: Bool
    /// Its sizes.
    public var points: [Point]

    /// A family with its points.
    public init(name: String, colour: Int, isDistilled: Bool, points: [Point]) {
      self.name = name
      self.colour = colour
      self.isDistilled = isDistilled
      self.points = points
    }
  }

  private let series: [Series]
  private let title: String
  private let axis: String
  private let measure: String
  private let kind: Scale.Kind

  /// The plot; nil where no family has two sizes.
  /// - Parameters:
  ///   - axis: what the sizes are: "qubits".
  ///   - measure: what the values are: "test AUC".
  ///   - doubling: whether sizes are powers of two, and ticks as well.
  public init?(_ series: [Series], title: String, axis: String, measure: String, doubling: Bool) {
    self.series = series.map { family in
      var family = family
      family.points = family.points.filter { $0.size > 0 && $0.value.isFinite }.sorted { $0.size < $1.size }
      return family
    }.filter { !$0.points.isEmpty }
    self.title = title
    self.axis = axis
    self.measure = measure
    kind = doubling ? .doubling : .logarithmic
    if !self.series.contains(where: { $0.points.count > 1 }) { return nil }
  }

  /// The picture.
  public var picture: Picture {
    let rows = (series.count + 1) / 2
    var picture = Picture(
      height: 232 + 12 * Double(rows), title: title,
      description: series.map { family in
        "\(family.name): "
          + family.points.map { point in
            "\(decimal(point.size, 0)) \(axis) \(decimal(point.value, 3))"
              + (point.interval.map { " (\(decimal($0.low, 3)) to \(decimal($0.high, 3)))" } ?? "")
          }.joined(separator: ", ")
      }.joined(separator: "; ") + ".")
    let points = series.flatMap(\.points)
    let (sizes, values) = (
      points.map(\.size), points.flatMap { [$0.value, $0.interval?.low ?? $0.value, $0.interval?.high ?? $0.value] }
    )
    let domain =
      max(
        0, (((values.min() ?? 0) - 0.01) * 20).rounded(.down) / 20)...min(
        1, (((values.max() ?? 1) + 0.01) * 20).rounded(.up) / 20)
    let frame = Frame(
      left: 34, top: 18, width: 296, height: 182,
      x: .init((sizes.min() ?? 1) / 1.3...(sizes.max() ?? 1) * 1.3, axis, kind: kind, ticks: 8),
      y: .init(domain, measure))
    frame.draw(on: &picture)
    for (index, family) in series.enumerated() {
      let colour = Colour.series[family.colour % Colour.series.count]
      // Families of one size stand beside each other, not on each other.
      let shift = (Double(index) - Double(series.count - 1) / 2) * 2.2
      let places = family.points.map { point -> (x: Double, y: Double) in
        let place = frame(point.size, point.value)
        return (place.x + shift, place.y)
      }
      picture.polyline(places, colour, dashed: family.isDistilled)
      for (point, place) in zip(family.points, places) {
        if let interval = point.interval {
          picture.line(place.x, frame.y(interval.low), place.x, frame.y(interval.high), colour, width: 0.7)
        }
        picture.circle(place.x, place.y, radius: 2.6, colour, filled: !family.isDistilled)
      }
      let (column, row) = (Double(index % 2), Double(index / 2))
      let (x, y) = (38 + 150 * column, 238 + 12 * row)
      picture.circle(x, y - 3, radius: 2.6, colour, filled: !family.isDistilled)
      picture.text(fitted(family.name, to: 138, size: 8), x: x + 6, y: y, size: 8)
    }
    return picture
  }
}
