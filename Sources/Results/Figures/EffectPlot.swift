public import Drawing
public import Statistics

/// A number beside what it is expected to be: its value with its interval, the value it is compared with, and the differences
/// from it that do not matter.
public struct EffectPlot {
  private let name: String
  private let value: Double
  private let interval: Interval?
  private let target: Double
  private let margin: Double
  private let paper: Double?

  /// The plot of a number called `name`; nil where it is not finite.
  /// - Parameters:
  ///   - target: the value it is compared with.
  ///   - margin: the smallest difference that matters.
  ///   - paper: what the paper's tables give, where they give it.
  public init?(name: String, value: Double, interval: Interval?, target: Double, margin: Double, paper: Double?) {
    guard value.isFinite, target.isFinite else { return nil }
    self.name = name
    self.value = value
    self.interval = interval.flatMap { $0.low.isFinite && $0.high.isFinite ? $0 : nil }
    self.target = target
    self.margin = margin
    self.paper = paper.flatMap { $0.isFinite ? $0 : nil }
  }

  /// The picture.
  public var picture: Picture {
    var picture = Picture(
      height: 40, title: "Effect: \(name)",
      description: "Ours \(decimal(value, 4))"
        + (interval.map { ", 95% interval \(decimal($0.low, 4)) to \(decimal($0.high, 4))" } ?? "")
        + (paper.map { ", the paper's tables \(decimal($0, 4))" } ?? "") + ", compared with \(decimal(target, 4)).")
    let numbers =
      [value, target - margin, target + margin] + [paper, interval?.low, interval?.high].compactMap(\.self)
    let (low, high) = (numbers.min() ?? 0, numbers.max() ?? 1)
    // Where all are one number, there is no spread to draw it by.
    let reach = high - low > 1e-9 * max(1, high.magnitude) ? (high - low) * 0.08 : max(1, high.magnitude) / 2
    let scale = Scale(low - reach...high + reach, from: 10, to: 330)
    let y = 14.0
    for tick in scale.ticks(atMost: 5) {
      picture.line(scale(tick.value), 4, scale(tick.value), 26, .grid, width: 0.7)
      picture.text(
        (tick.value < 0 ? "−" : "") + tick.label.drop { $0 == "-" }, x: scale(tick.value), y: 36, anchor: .middle,
        colour: .faint)
    }
    if margin > 0 {
      let (left, right) = (scale(target - margin), scale(target + margin))
      picture.rectangle(x: left, y: 4, width: right - left, height: 22, fill: .sky, opacity: 0.22)
    }
    picture.line(scale(target), 2, scale(target), 26, .faint, dashed: true)
    if let interval { picture.line(scale(interval.low), y, scale(interval.high), y, .ink, width: 1.6) }
    picture.circle(scale(value), y, radius: 3.4, .ink)
    if let paper { picture.diamond(scale(paper), y, radius: 4, .vermillion, filled: false) }
    return picture
  }
}
