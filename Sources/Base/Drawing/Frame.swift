import Markup

/// The field of a plot in a picture: two axes with ticks, grid lines and titles, and the scales of what is drawn into it.
public struct Frame: Sendable {
  /// From the numbers of the horizontal axis to places.
  public let x: Scale
  /// From the numbers of the vertical axis to places.
  public let y: Scale

  /// An axis.
  public struct Axis: Sendable {
    let domain: ClosedRange<Double>
    let title: String
    let kind: Scale.Kind
    let ticks: Int

    /// An axis over `domain` with at most so many ticks.
    public init(_ domain: ClosedRange<Double>, _ title: String, kind: Scale.Kind = .linear, ticks: Int = 5) {
      self.domain = domain
      self.title = title
      self.kind = kind
      self.ticks = ticks
    }
  }

  /// A field with its upper left corner at (`left`, `top`).
  public init(left: Double, top: Double, width: Double, height: Double, x: Axis, y: Axis) {
    self.x = Scale(x.domain, from: left, to: left + width, kind: x.kind)
    self.y = Scale(y.domain, from: top + height, to: top, kind: y.kind)
    (xAxis, yAxis) = (x, y)
  }

  private let xAxis, yAxis: Axis

  /// The place of a point.
  public func callAsFunction(_ x: Double, _ y: Double) -> (x: Double, y: Double) { (self.x(x), self.y(y)) }

  /// Draws grid lines, ticks, labels and titles. A label that would touch the one before it is left out.
  public func draw(on picture: inout Picture) {
    let size = 8.0
    let (xTicks, yTicks) = (x.ticks(atMost: xAxis.ticks), y.ticks(atMost: yAxis.ticks))
    let lines =
      yTicks.map { pathData([(x.start, y($0.value)), (x.end, y($0.value))]) }
      + xTicks.map { pathData([(x($0.value), y.end), (x($0.value), y.start)]) }
    picture.add(Element("path", ["d": lines.joined(), "class": "s\(Colour.grid.rawValue)", "stroke-width": "0.7"]))
    picture.line(x.start, y.end, x.start, y.start, .faint)
    picture.line(x.start, y.start, x.end, y.start, .faint)
    picture.group(anchor: .end, colour: .faint) { picture in
      for tick in yTicks { picture.text(tick.label, x: x.start - 4, y: y(tick.value) + 3) }
    }
    picture.group(anchor: .middle, colour: .faint) { picture in
      var free = -Double.infinity
      for tick in xTicks {
        let half = textWidth(tick.label, size: size) / 2
        guard x(tick.value) - half > free else { continue }
        picture.text(tick.label, x: x(tick.value), y: y.start + 11)
        free = x(tick.value) + half + 3
      }
      picture.text(xAxis.title, x: (x.start + x.end) / 2, y: y.start + 22)
    }
    picture.text(yAxis.title, x: x.start, y: y.end - 5, colour: .faint)
  }
}
