import Statistics
import Artifacts
import Configuration
import Datasets
public import Drawing
public import Metrics
public import Reporting

/// The picture of the reproduction: a row for each entry of a table, with the paper's value, our seeds, their mean with its
/// interval, and what a test set of finite size leaves open.
public struct ForestPlot {
  private let table: ResultTable
  private let metric: Metric

  private static let rowHeight = 11.0
  private static let groupHeight = 13.0
  private static let top = 30.0
  private static let plotLeft = 92.0
  private static let legendHeight = 62.0

  /// The plot of a metric of a table.
  public init(_ table: ResultTable, _ metric: Metric) {
    self.table = table
    self.metric = metric
  }

  private struct Line {
    let label: String
    let entry: TableEntry
    /// Half of what the test split leaves open of a single run; nil without runs.
    let openness: Double?
  }

  private var groups: [(title: String, lines: [Line])] {
    let place = Metric.allCases.firstIndex(of: metric) ?? 0
    return table.plan.datasets.enumerated().map { column, dataset in
      (
        Catalogue.title(of: dataset),
        table.rows.map { row in
          Line(
            label: row.row.label, entry: row.entries[column][place],
            openness: TestSetBand.halfWidth(of: row.cells[column], metric))
        }
      )
    }
  }

  /// From the smallest number, rounded down to a tenth, to 1.
  private func domain(_ lines: [Line]) -> ClosedRange<Double> {
    let numbers = lines.flatMap { line in
      line.entry.values + [line.entry.paper, line.entry.interval.map { max($0.low, 0) }].compactMap(\.self)
    }
    let least = numbers.filter(\.isFinite).min() ?? 0.5
    return min(0.9, max(0, (least * 10).rounded(.down) / 10))...1
  }

  /// The picture with its legend.
  public var picture: Picture { picture(legendHeight: Self.legendHeight) }

  /// The picture without a legend, for a page that has one for several.
  public var bare: Picture { picture(legendHeight: 0) }

  /// The legend alone.
  public static var legend: Picture {
    var picture = Picture(
      height: legendHeight, title: "Legend", description: legendTexts.map(\.rawValue).joined(separator: "; "))
    drawLegend(top: 0, on: &picture)
    return picture
  }

  private func picture(legendHeight: Double) -> Picture {
    let groups = groups
    let lines = groups.flatMap(\.lines)
    let height =
      Self.top + Double(groups.count) * Self.groupHeight + Double(lines.count) * Self.rowHeight + 18 + legendHeight
    var picture = Picture(
      height: height, title: "\(table.plan.title), \(metric.title): the paper's values and ours",
      description: description(groups))
    picture.text("\(table.plan.title): \(metric.title)", x: 4, y: 12, size: 11, bold: true)
    if table.isSample {
      picture.text(
        ResultTable.sampleWarning, x: Picture.standardWidth - 4, y: 12, size: 8, anchor: .end, colour: .vermillion)
    }
    let bottom = height - legendHeight - 16
    let scale = Scale(domain(lines), from: Self.plotLeft, to: Picture.standardWidth - 8)
    for tick in scale.ticks(atMost: 7) {
      let x = scale(tick.value)
      picture.line(x, Self.top - 4, x, bottom, .grid, width: 0.7)
      picture.text(tick.label, x: x, y: Self.top - 7, size: 8, anchor: .middle, colour: .faint)
      picture.text(tick.label, x: x, y: bottom + 10, size: 8, anchor: .middle, colour: .faint)
    }
    var y = Self.top
    for group in groups {
      picture.rectangle(x: 0, y: y + 1, width: Picture.standardWidth, height: 11, fill: .grid, opacity: 0.45)
      picture.text(group.title, x: 4, y: y + 9.5, size: 8.5, bold: true)
      y += Self.groupHeight
      for line in group.lines {
        draw(line, at: y + Self.rowHeight / 2, scale, on: &picture)
        y += Self.rowHeight
      }
    }
    if legendHeight > 0 { Self.drawLegend(top: bottom + 18, on: &picture) }
    return picture
  }

  private func draw(_ line: Line, at y: Double, _ scale: Scale, on picture: inout Picture) {
    let size = 8.0
    let isMissing = line.entry.summary == nil
    let room = Self.plotLeft - (isMissing ? 46 : 14)
    picture.text(
      fitted(line.label, to: room, size: size), x: 8, y: y + 3, size: size, colour: isMissing ? .faint : .ink)
    let entry = line.entry
    if let paper = entry.paper, let open = line.openness {
      let (low, high) = (scale(paper - open), scale(paper + open))
      picture.rectangle(x: low, y: y - 4.5, width: high - low, height: 9, fill: .sky, opacity: 0.22)
    }
    if isMissing { picture.text("missing", x: Self.plotLeft - 6, y: y + 3, size: 7.5, anchor: .end, colour: .faint) }
    if let prediction = entry.prediction?.elsewhere {
      picture.line(scale(prediction.low), y, scale(prediction.high), y, .faint, width: 0.8, dashed: true)
    }
    if let interval = entry.interval, interval.low.isFinite {
      picture.line(scale(interval.low), y, scale(interval.high), y, .ink, width: 1.4)
    }
    for value in entry.values where value.isFinite { Self.drawSeed(scale(value), y, on: &picture) }
    if let mean = entry.summary?.mean, mean.isFinite {
      picture.line(scale(mean), y - 4, scale(mean), y + 4, .ink, width: 2)
    }
    if let paper = entry.paper { Self.drawPaper(scale(paper), y, entry.agreement, on: &picture) }
  }

  private static func drawSeed(_ x: Double, _ y: Double, on picture: inout Picture) {
    picture.circle(x, y, radius: 1.8, .ink, opacity: 0.5)
  }

  private static func drawPaper(_ x: Double, _ y: Double, _ agreement: Agreement, on picture: inout Picture) {
    switch agreement {
    case .inside: picture.diamond(x, y, radius: 3.8, .blue)
    case .outside: picture.diamond(x, y, radius: 3.8, .vermillion, filled: false)
    case .notCompared: picture.diamond(x, y, radius: 3.4, .faint, filled: false)
    }
  }

  private enum LegendText: String, CaseIterable {
    case inside = "paper, inside our prediction interval"
    case seeds = "our seeds"
    case outside = "paper, outside it"
    case mean = "our mean, 95% interval"
    case notCompared = "paper, not compared"
    case prediction = "95% prediction interval of one run"
    case openness = "what a test set of this size leaves open of one run (95%)"
  }

  private static var legendTexts: [LegendText] { LegendText.allCases }

  private static func drawLegend(top: Double, on picture: inout Picture) {
    for (index, text) in legendTexts.enumerated() {
      let (x, y) = (index.isMultiple(of: 2) ? 12.0 : 178.0, top + 7 + 13 * Double(index / 2))
      switch text {
      case .inside: drawPaper(x, y, .inside, on: &picture)
      case .outside: drawPaper(x, y, .outside, on: &picture)
      case .notCompared: drawPaper(x, y, .notCompared, on: &picture)
      case .seeds:
        for shift in [-4.0, 0, 4] { drawSeed(x + shift, y, on: &picture) }
      case .mean:
        picture.line(x - 7, y, x + 7, y, .ink, width: 1.4)
        picture.line(x, y - 4, x, y + 4, .ink, width: 2)
      case .prediction: picture.line(x - 7, y, x + 7, y, .faint, width: 0.8, dashed: true)
      case .openness: picture.rectangle(x: x - 6, y: y - 4.5, width: 12, height: 9, fill: .sky, opacity: 0.22)
      }
      picture.text(text.rawValue, x: x + 10, y: y + 3, size: 8)
    }
  }

  private func description(_ groups: [(title: String, lines: [Line])]) -> String {
    groups.map { group in
      let texts = group.lines.map { line -> String in
        let paper = line.entry.paper.map { "paper \(threeDecimals($0))" } ?? "no value in the paper"
        guard let summary = line.entry.summary else { return "\(line.label): \(paper), ours missing" }
        return "\(line.label): \(paper), ours \(threeDecimals(summary.mean))\(line.entry.agreement.phrase)"
      }
      return "\(group.title): \(texts.joined(separator: "; "))."
    }.joined(separator: " ")
  }
}
