public import Drawing

/// Accuracy against what a model costs: parameters, or multiplications and additions of an image; ours, the paper's and
/// published classifiers.
public struct AccuracyPlot {
  /// Whose number it is.
  public enum Origin: Sendable, Equatable {
    case ours
    case paper
    case published

    var colour: Colour {
      switch self {
      case .ours: .blue
      case .paper: .vermillion
      case .published: .faint
      }
    }
  }

  /// A model.
  public struct Point: Sendable, Equatable {
    /// What it is called.
    public var label: String
    /// What it costs; nil where nobody says.
    public var cost: Double?
    /// Its accuracy.
    public var accuracy: Double
    /// Whose number it is.
    public var origin: Origin

    /// A model.
    public init(label: String, cost: Double?, accuracy: Double, origin: Origin) {
      self.label = label
      self.cost = cost
      self.accuracy = accuracy
      self.origin = origin
    }
  }

  private let points: [Point]
  private let title: String
  private let axis: String

  /// The plot of models; nil with fewer than two whose cost is known.
  public init?(_ points: [Point], title: String, axis: String) {
    self.points = points.filter { ($0.cost ?? 1) > 0 && $0.accuracy.isFinite }
    self.title = title
    self.axis = axis
    if self.points.count(where: { $0.cost != nil }) < 2 { return nil }
  }

  /// The picture.
  public var picture: Picture {
    var picture = Picture(
      height: 250, title: title,
      description: points.map { point in
        let cost = point.cost.map { decimal($0, 0) } ?? "cost unknown"
        return "\(point.label) (\(point.origin)): \(cost), accuracy \(decimal(point.accuracy, 3))"
      }.joined(separator: "; ") + ".")
    let costs = points.compactMap(\.cost)
    let accuracies = points.map(\.accuracy)
    let (low, high) = (accuracies.min() ?? 0, accuracies.max() ?? 1)
    let domain = max(0, ((low - 0.03) * 20).rounded(.down) / 20)...min(1, ((high + 0.03) * 20).rounded(.up) / 20)
    let frame = Frame(
      left: 34, top: 18, width: 296, height: 182,
      x: .init((costs.min() ?? 1) / 2.5...(costs.max() ?? 1) * 2.5, axis, kind: .logarithmic),
      y: .init(domain, "accuracy"))
    frame.draw(on: &picture)
    // Whose cost nobody knows stands at the right edge.
    let places = points.map { point -> (x: Double, y: Double) in
      point.cost.map { frame($0, point.accuracy) } ?? (frame.x.end - 4, frame.y(point.accuracy))
    }
    var labels = LabelPlacement(
      field: Box(left: 36, top: 19, right: 330, bottom: 199),
      points: places.map { Box(left: $0.x - 3.5, top: $0.y - 3.5, right: $0.x + 3.5, bottom: $0.y + 3.5) })
    for (point, place) in zip(points, places) {
      let text = fitted(point.label, to: 110, size: 7.5)
      if let found = labels.place(width: textWidth(text, size: 7.5), height: 8, at: place.x, place.y) {
        if found.needsLine {
          let x = place.x < found.box.left ? found.box.left : place.x > found.box.right ? found.box.right : place.x
          let y = place.y < found.box.top ? found.box.top : place.y > found.box.bottom ? found.box.bottom : place.y
          picture.line(place.x, place.y, x, y, .faint, width: 0.5)
        }
        picture.text(text, x: found.box.left, y: found.box.bottom - 1.5, size: 7.5, colour: point.origin.colour)
      }
      switch point.origin {
      case .ours: picture.circle(place.x, place.y, radius: 3.2, .blue)
      case .paper: picture.diamond(place.x, place.y, radius: 3.6, .vermillion, filled: false)
      case .published: picture.rectangle(x: place.x - 2.4, y: place.y - 2.4, width: 4.8, height: 4.8, fill: .faint)
      }
    }
    drawLegend(on: &picture)
    if points.contains(where: { $0.cost == nil }) {
      picture.text("right edge: not published", x: 332, y: 12, anchor: .end, colour: .faint)
    }
    return picture
  }

  private func drawLegend(on picture: inout Picture) {
    let y = 241.0
    picture.circle(40, y - 3, radius: 3.2, .blue)
    picture.text("ours, mean over seeds", x: 47, y: y, size: 8)
    picture.diamond(150, y - 3, radius: 3.6, .vermillion, filled: false)
    picture.text("the paper", x: 157, y: y, size: 8)
    picture.rectangle(x: 216, y: y - 5.4, width: 4.8, height: 4.8, fill: .faint)
    picture.text("published classifiers", x: 225, y: y, size: 8)
  }
}
