public import Markup

/// A picture: marks on a ground of a fixed size, with a title and a description that a screen reader says in its place.
///
/// It stands in a page, whose style sheet colours it for light, dark and paper, or as a file of its own (`file`), whose colours
/// are those on white, written out, so that programs for papers understand it.
public struct Picture: Sendable {
  /// Width and height in units; text is 8 to 12 units high, so that a picture of 340 units fills a telephone's width.
  public let width, height: Double
  /// What it shows, a few words.
  public let title: String
  /// What there is to see in it, in numbers.
  public let description: String
  private var marks: [Node] = []

  /// The width of a picture that stays legible on a telephone.
  public static let standardWidth = 340.0

  /// An empty picture.
  public init(width: Double = standardWidth, height: Double, title: String, description: String) {
    self.width = width
    self.height = height
    self.title = title
    self.description = description
  }

  /// Where text begins, or ends.
  public enum Anchor: String, Sendable {
    case start
    case middle
    case end
  }

  // MARK: Marks

  /// Marks whose texts have an anchor and a colour in common, which each may leave out then.
  public mutating func group(anchor: Anchor, colour: Colour, _ draw: (inout Picture) -> Void) {
    var inner = Picture(width: width, height: height, title: "", description: "")
    draw(&inner)
    add(Element("g", ["class": "f\(colour.rawValue)", "text-anchor": anchor.rawValue], inner.marks))
  }

  /// Adds any mark.
  public mutating func add(_ mark: Element) { marks.append(.element(mark)) }

  /// A straight line.
  public mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: Colour, width: Double = 1, dashed: Bool = false
  ) {
    polyline([(x1, y1), (x2, y2)], colour, width: width, dashed: dashed)
  }

  /// A line through points.
  public mutating func polyline(
    _ points: [(x: Double, y: Double)], _ colour: Colour, width: Double = 1, opacity: Double = 1, dashed: Bool = false
  ) {
    guard points.count > 1 else { return }
    var line = Element("path", ["d": pathData(points), "class": "s\(colour.rawValue)"])
    // Two points have no area.
    if points.count > 2 { line = line.with("fill", "none") }
    if width != 1 { line = line.with("stroke-width", decimal(width, 2)) }
    if opacity != 1 { line = line.with("stroke-opacity", decimal(opacity, 2)) }
    if dashed { line = line.with("stroke-dasharray", "3 2") }
    add(line)
  }

  /// The area between an upper and a lower line.
  public mutating func band(
    _ upper: [(x: Double, y: Double)], _ lower: [(x: Double, y: Double)], _ colour: Colour, opacity: Double = 0.2
  ) {
    guard upper.count > 1 else { return }
    add(
      Element(
        "path",
        [
          "d": pathData(upper + lower.reversed()) + "Z", "class": "f\(colour.rawValue)",
          "fill-opacity": decimal(opacity, 2),
        ]))
  }

  /// A rectangle.
  public mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, fill: Colour?, opacity: Double = 1, stroke: Colour? = nil,
    radius: Double = 0
  ) {
    let classes = [fill.map { "f\($0.rawValue)" }, stroke.map { "s\($0.rawValue)" }].compactMap(\.self)
    var mark = Element(
      "rect",
      [
        "x": decimal(x), "y": decimal(y), "width": decimal(width), "height": decimal(height),
        "class": classes.joined(separator: " "),
      ])
    if fill == nil { mark = mark.with("fill", "none") }
    if opacity != 1 { mark = mark.with("fill-opacity", decimal(opacity, 2)) }
    if radius != 0 { mark = mark.with("rx", decimal(radius)) }
    add(mark)
  }

  /// A disc, or a circle where it is not filled.
  public mutating func circle(
    _ x: Double, _ y: Double, radius: Double, _ colour: Colour, filled: Bool = true, opacity: Double = 1
  ) {
    var mark = Element(
      "circle",
      [
        "cx": decimal(x), "cy": decimal(y), "r": decimal(radius, 2),
        "class": filled ? "f\(colour.rawValue)" : "fp s\(colour.rawValue)",
      ])
    if opacity != 1 { mark = mark.with("fill-opacity", decimal(opacity, 2)) }
    add(mark)
  }

  /// A square on its corner.
  public mutating func diamond(
    _ x: Double, _ y: Double, radius: Double, _ colour: Colour, filled: Bool = true
  ) {
    let corners = [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
    let mark = Element(
      "path",
      [
        "d": pathData(corners) + "Z",
        "class": filled ? "f\(colour.rawValue) sp" : "fp s\(colour.rawValue)",
      ])
    add(mark.with("stroke-width", filled ? "0.5" : "1.3"))
  }

  /// The size of text that names none, and its colour.
  private static let (usualSize, usualColour) = (8.0, Colour.ink)

  /// A text whose baseline is at y.
  public mutating func text(
    _ text: String, x: Double, y: Double, size: Double = 8, anchor: Anchor = .start, colour: Colour = .ink,
    bold: Bool = false
  ) {
    guard !text.isEmpty else { return }
    var mark = Element("text", ["x": decimal(x), "y": decimal(y)], .text(text))
    if colour != Self.usualColour { mark = mark.with("class", "f\(colour.rawValue)") }
    if size != Self.usualSize { mark = mark.with("font-size", decimal(size)) }
    if anchor != .start { mark = mark.with("text-anchor", anchor.rawValue) }
    if bold { mark = mark.with("font-weight", "bold") }
    add(mark)
  }

  // MARK: The picture as a whole

  /// For a page; `name` is unique in it.
  public func element(name: String) -> Element {
    svg(
      [
        ("role", "img"), ("aria-labelledby", "\(name)t \(name)d"), ("class", "picture f\(Self.usualColour.rawValue)"),
        ("id", name),
      ], titleName: "\(name)t", descriptionName: "\(name)d", style: nil)
  }

  /// A file of its own: colours on white, written out.
  public var file: String {
    let style = StyleSheet.ofFile
    var whole = svg(
      [
        ("xmlns", "http://www.w3.org/2000/svg"), ("width", decimal(width)), ("height", decimal(height)),
        ("class", "f\(Self.usualColour.rawValue)"),
      ],
      titleName: nil, descriptionName: nil, style: style)
    let ground = Element("rect", ["width": "100%", "height": "100%", "fill": "#ffffff"])
    whole.content.insert(.element(ground), at: 3)
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + Node(whole).markup + "\n"
  }

  private func svg(
    _ attributes: [(String, String)], titleName: String?, descriptionName: String?, style: String?
  ) -> Element {
    func named(_ element: Element, _ name: String?) -> Node {
      .element(name.map { element.with("id", $0) } ?? element)
    }
    var content = [
      named(Element("title", [:], .text(title)), titleName),
      named(Element("desc", [:], .text(description)), descriptionName),
    ]
    if let style { content.append(.element(Element("style", [:], .code(ProgramText(style))))) }
    var svg = Element(
      "svg",
      ["viewBox": "0 0 \(decimal(width)) \(decimal(height))", "font-size": decimal(Self.usualSize)], content + marks)
    svg.attributes += attributes.map { ($0.0, $0.1) }
    return svg
  }
}

/// The data of a path through points: one decimal, each point relative to the one before, which is half as long.
public func pathData(_ points: [(x: Double, y: Double)]) -> String {
  var text = ""
  var (lastX, lastY) = (0, 0)
  for (index, point) in points.enumerated() {
    let (x, y) = (inTenths(point.x), inTenths(point.y))
    let step = tenths(y - lastY)
    text += index == 0 ? "M" : index == 1 ? "l" : " "
    text += tenths(x - lastX) + (step.hasPrefix("-") ? "" : " ") + step
    (lastX, lastY) = (x, y)
  }
  return text
}

/// The value in tenths, rounded, halves away from 0. What is no number is drawn at 0.
private func inTenths(_ value: Double) -> Int {
  guard value.isFinite else { return 0 }
  let shift = value < 0 ? -0.5 : 0.5
  return Int(value * 10 + shift)
}

private func tenths(_ value: Int) -> String {
  let (whole, rest) = (abs(value) / 10, abs(value) % 10)
  let digits = rest == 0 ? "\(whole)" : whole == 0 ? ".\(rest)" : "\(whole).\(rest)"
  return value < 0 ? "-" + digits : digits
}
