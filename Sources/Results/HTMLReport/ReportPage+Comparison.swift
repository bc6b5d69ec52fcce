import Statistics
import Markup
import Metrics
import Reporting

extension ReportPage {
  /// Another run beside this one.
  func comparisonSection() -> Section? {
    guard let comparison = contents.comparison else { return nil }
    let differing = comparison.lines.filter(\.differs)
    let unknown = comparison.lines.count { $0.interval == nil }
    var content = [
      paragraph(
        .text("Beside the run in "), code(comparison.root),
        .text(
          ": of \(comparison.lines.count) cells that both have, the 95% interval of the difference excludes zero in "
            + "\(differing.count)" + (unknown > 0 ? ", and \(unknown) have no interval, because seeds are too few" : "")
            + ".")),
      note(
        "Differences are here minus there. Intervals are for other seeds and other test images; runs of the same seeds on the "
          + "same images are paired."),
      table(
        "Cells of both runs",
        [
          .text("Cell"), .text("Metric"), .number("Here"), .number("There"), .number("Difference"),
          .text("95% interval"),
          .text("Excludes zero"),
        ], comparison.lines.map(cells)),
    ]
    content.append(
      comparison.settings.isEmpty
        ? note("No setting differs.")
        : table(
          "Settings that differ between the runs", [.text("Of"), .text("Key"), .text("Here"), .text("There")],
          comparison.settings.map { [.text($0.place), .text($0.key), .text($0.here), .text($0.there)] }))
    if !comparison.alone.isEmpty {
      content.append(note("Only in one of the two:"))
      content.append(list(comparison.alone.map { .text($0) }))
    }
    return Section(id: "comparison", title: "Two runs side by side", content: content)
  }

  private func cells(of line: ReportComparison.Line) -> [Cell] {
    let difference = line.here - line.there
    let interval = line.interval.map { "\(signedThreeDecimals($0.low)) to \(signedThreeDecimals($0.high))" } ?? "—"
    return [
      .text(line.name), .text(line.metric.title), .measure(threeDecimals(line.here), line.here),
      .measure(threeDecimals(line.there), line.there),
      .measure(difference.isFinite ? signedThreeDecimals(difference) : "", difference), .text(interval),
      line.differs ? Cell(Node(Element("strong", [:], "yes")), sortKey: 1) : Cell("no", sortKey: 0),
    ]
  }
}
