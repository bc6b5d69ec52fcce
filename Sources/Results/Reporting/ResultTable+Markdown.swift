import Configuration
import Failures
import Metrics

extension ResultTable {
  /// The table as GitHub-flavoured Markdown, legible as plain text too.
  public func markdown() -> String {
    let notes = TableNotes(table: self, bestMark: "Bold")
    var text = "# \(markdownEscaped("\(plan.title). \(notes.caption)"))\n\n"
    if isSample { text += "**This is \(Self.sampleWarning).**\n\n" }
    text += "\(markdownProse(notes.header)).\n"
    // As many as forges show without scrolling.
    for block in blocks(of: 3) { text += "\n" + markdownBlock(block, notes) }
    let footnotes = notes.footnotes.enumerated().map { "[\($0.offset + 1)] \($0.element)." }
    for note in notes.markTexts + footnotes + notes.paragraphs { text += "\n\(markdownProse(note))\n" }
    if !notes.missing.isEmpty {
      text += "\nMissing entries (—) and the commands that fill them:\n\n"
      for missing in notes.missing { text += "- \(markdownProse(missing.entry)): \(markdownCode(missing.command))\n" }
    }
    return text
  }

  private func markdownBlock(_ block: Range<Int>, _ notes: TableNotes) -> String {
    let header =
      ["Model"]
      + block.flatMap { index in
        Metric.allCases.map { "\(markdownEscaped(notes.title(ofColumn: index))) \($0.title)" }
      }
    var lines = [header]
    for row in rows {
      for kind in self.lines(of: row, block: block) {
        let name = markdownEscaped(name(of: kind, row: row))
        let entries = row.entries[block].joined()
        lines.append(
          [kind == .result ? name : "*\(name)*"]
            + entries.map { kind == .result ? markdownResult($0, notes) : text(of: kind, $0) })
      }
    }
    if let baseline = baseline(block: block) { lines.append(["*\(baseline[0])*"] + baseline.dropFirst()) }
    return markdownTable(lines)
  }

  private func markdownResult(_ entry: TableEntry, _ notes: TableNotes) -> String {
    guard let summary = entry.summary else { return "—" }
    let number = notes.number(of: entry).map { " [\($0)]" } ?? ""
    guard summary.mean.isFinite else { return "n/a" + number }
    let mean = threeDecimals(summary.mean)
    let spread = summary.standardDeviation.map { " ± \(threeDecimals($0))" } ?? ""
    return (entry.isBest ? "**\(mean)**" : mean) + spread + number
  }
}

/// Lines of cells as a Markdown table, the first line its header; the first column is flush left, the others right.
public func markdownTable(_ lines: [[String]]) -> String {
  let columns = lines.first?.indices ?? 0..<0
  let widths = columns.map { column in lines.map { $0[column].count }.reduce(0, max) }
  let rule = zip(widths.indices, widths).map { index, width in
    index == 0 ? String(repeating: "-", count: width) : String(repeating: "-", count: width - 1) + ":"
  }
  return (lines.prefix(1) + [rule] + lines.dropFirst()).map { line in
    "| " + zip(line.indices, line).map { pad($1, to: widths[$0], left: $0 > 0) }.joined(separator: " | ") + " |\n"
  }.joined()
}

/// Text with Markdown's special characters escaped, and control characters shown.
public func markdownEscaped(_ text: String) -> String {
  visible(text).reduce(into: "") { result, character in
    if "\\`*_|<>[]&~".contains(character) { result.append("\\") }
    result.append(character)
  }
}

/// Fills a text with spaces to a width.
public func pad(_ text: String, to width: Int, left: Bool) -> String {
  let fill = String(repeating: " ", count: max(0, width - text.count))
  return left ? fill + text : text + fill
}
