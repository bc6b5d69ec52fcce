import Drawing
import Statistics
import Configuration
import Datasets
import Markup
import Metrics
import Reporting

extension ReportPage {
  /// The tables as the paper has them, each number with a way to what it follows from.
  func resultTables() -> Section? {
    let made = contents.tables.filter { !$0.cells.isEmpty }
    var content = made.isEmpty ? [] : [note("Each number leads to its runs, pictures and files.")]
    content += made.flatMap(nodes)
    let empty = contents.tables.filter(\.cells.isEmpty)
    if !empty.isEmpty {
      content.append(heading(3, "Not made yet"))
      content.append(
        list(
          empty.map { table in
            .sequence([
              .text("\(table.plan.title): \(table.plan.caption). "), code("\(table.plan.command) \(table.plan.name)"),
            ])
          }))
    }
    return Section(id: "tables", title: "Tables", content: content)
  }

  private func nodes(of table: ResultTable) -> [Node] {
    let notes = TableNotes(table: table, bestMark: "Bold")
    var nodes = [heading(3, "\(table.plan.title). \(notes.caption)")]
    if table.isSample {
      nodes.append(
        Node(Element("p", [:], .element(Element("strong", [:], .text("This is \(ResultTable.sampleWarning)."))))))
    }
    nodes.append(note(notes.header + "."))
    let blocks = table.blocks()
    for (index, block) in blocks.enumerated() {
      nodes.append(blockTable(table, notes, block, isAlone: blocks.count == 1, number: index + 1))
    }
    let footnotes = notes.footnotes.enumerated().map { "[\($0.offset + 1)] \($0.element)." }
    nodes += (notes.markTexts + footnotes + notes.paragraphs).map(note)
    return nodes
  }

  private func blockTable(
    _ table: ResultTable, _ notes: TableNotes, _ block: Range<Int>, isAlone: Bool, number: Int
  ) -> Node {
    let metrics = Metric.allCases
    let datasets =
      [Node(Element("th", ["scope": "col", "rowspan": "2", "data-c": "0"], "Model"))]
      + block.map { column in
        Node(
          Element(
            "th", ["scope": "colgroup", "colspan": "\(metrics.count)"],
            .text(notes.title(ofColumn: column))))
      }
    let measures = block.enumerated().flatMap { place, _ in
      metrics.enumerated().map { index, metric in
        Node(
          Element(
            "th", ["scope": "col", "class": "n", "data-c": "\(1 + place * metrics.count + index)"], .text(metric.title))
        )
      }
    }
    var body = table.rows.enumerated().map { index, row in
      let label = row.row.label + (row.differsFromPaper && table.plan.paperTable != nil ? " *" : "")
      let cells = block.flatMap { column -> [Node] in
        let key = column < table.plan.datasets.count ? table.key(row: index, column: column) : nil
        return row.entries[column].map { Node(cell($0, notes, key: key)) }
      }
      return Node(Element("tr", [:], [Node(Element("th", ["scope": "row"], .text(label)))] + cells))
    }
    if let baseline = table.baseline(block: block) {
      let cells = baseline.dropFirst().map { Node(Element("td", ["class": "n", "data-v": "-1"], .text($0))) }
      body.append(Node(Element("tr", [:], [Node(Element("th", ["scope": "row"], .text(baseline[0])))] + cells)))
    }
    let caption = "\(table.plan.title)\(isAlone ? "" : ", part \(number)")"
    return tableElement(caption, head: [datasets, measures], body: body)
  }

  /// - Parameter key: of the entry that the number leads to; an average leads nowhere.
  private func cell(_ entry: TableEntry, _ notes: TableNotes, key: String?) -> Element {
    guard let summary = entry.summary else {
      return Element("td", ["class": "n", "data-v": "-2"], key == nil ? "—" : link("missing", "—"))
    }
    let mean = summary.mean.isFinite ? threeDecimals(summary.mean) : "n/a"
    let spread = summary.standardDeviation.flatMap { $0.isFinite ? " ± \(threeDecimals($0))" : nil } ?? ""
    let number = notes.number(of: entry).map { " [\($0)]" } ?? ""
    let value = Node(Element("span", ["class": "value"], .text(mean + spread)))
    var content = [key.map { link($0, value) } ?? value, .text(number)]
    func line(_ text: String) { content.append(Node(Element("span", ["class": "small"], .text(text)))) }
    if let interval = entry.interval, interval.low.isFinite {
      line("\(threeDecimals(interval.low)) to \(threeDecimals(interval.high))")
    }
    if let paper = entry.paper {
      let difference = entry.difference.map { " (\(signedThreeDecimals($0)))" } ?? ""
      line("paper \(threeDecimals(paper))\(difference)")
    }
    return Element(
      "td", ["class": entry.isBest ? "n best" : "n", "data-v": decimal(summary.mean.isFinite ? summary.mean : -1, 6)],
      content)
  }
}
