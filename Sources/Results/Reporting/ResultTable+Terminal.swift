import Configuration
import Failures
import Metrics

extension ResultTable {
  /// The table for a terminal.
  /// - Parameters:
  ///   - width: the columns it has; 80 are the least that is made use of.
  ///   - styled: whether the best entries are bold by escape sequences, as on a terminal; otherwise they bear a
  ///     star. The columns are the same in both.
  public func terminal(width: Int = 120, styled: Bool) -> String {
    let width = max(80, width)
    let notes = TableNotes(table: self, bestMark: styled ? "Bold" : "Star")
    var paragraphs = [visible("\(plan.title). \(notes.caption)") + "\n\(visible(notes.header))"]
    if isSample { paragraphs[0] += "\n*** \(Self.sampleWarning) ***" }
    let entryWidth = entryWidth(notes, styled: styled)
    paragraphs += terminalBlocks(width: width, entryWidth).map { terminalBlock($0, notes, entryWidth, styled: styled) }
    let footnotes = notes.footnotes.enumerated().map { "[\($0.offset + 1)] \($0.element)." }
    paragraphs.append(
      (notes.markTexts + footnotes + notes.paragraphs).map { wrapped(visible($0), to: width) }.joined(separator: "\n"))
    if !notes.missing.isEmpty {
      let lines = notes.missing.map { "  \(visible($0.entry)):\n    \(visible($0.command))" }
      paragraphs.append("Missing entries (—) and the commands that fill them:\n" + lines.joined(separator: "\n"))
    }
    return paragraphs.joined(separator: "\n\n") + "\n"
  }

  /// As wide as the longest entry, of which one with a footnote may be the longest.
  private func entryWidth(_ notes: TableNotes, styled: Bool) -> Int {
    let entries = rows.flatMap { $0.entries.joined().map { terminalResult($0, notes, styled: styled).count } }
    return max(12, entries.max() ?? 0)
  }

  /// As wide as the longest label of a line.
  private var nameWidth: Int {
    let names = rows.flatMap { row in
      self.lines(of: row, block: plan.datasets.indices).map {
        (($0 == .result ? "" : "  ") + visible(name(of: $0, row: row))).count
      }
    }
    return max(16, names.max() ?? 0)
  }

  /// As many datasets side by side as there is room for.
  private func terminalBlocks(width: Int, _ entryWidth: Int) -> [Range<Int>] {
    let perDataset = 2 * (entryWidth + 1)
    return blocks(of: min(Self.datasetsPerBlock, max(1, (width - nameWidth) / perDataset)))
  }

  private func terminalBlock(_ block: Range<Int>, _ notes: TableNotes, _ width: Int, styled: Bool) -> String {
    let nameWidth = nameWidth
    var lines = [pad("", to: nameWidth, left: false), pad("", to: nameWidth, left: false)]
    for index in block {
      // A title longer than its two columns would push the rest aside.
      lines[0] +=
        " " + pad(String(visible(notes.title(ofColumn: index)).prefix(2 * width)), to: 2 * width + 1, left: true)
      for metric in Metric.allCases { lines[1] += " " + pad(metric.title, to: width, left: true) }
    }
    lines.append(String(repeating: "─", count: nameWidth + block.count * 2 * (width + 1)))
    for row in rows {
      for kind in self.lines(of: row, block: block) {
        var line = pad((kind == .result ? "" : "  ") + visible(name(of: kind, row: row)), to: nameWidth, left: false)
        for entry in row.entries[block].joined() {
          let text = kind == .result ? terminalResult(entry, notes, styled: styled) : text(of: kind, entry)
          let padded = pad(text, to: width, left: true)
          line += " " + (styled && kind == .result && entry.isBest ? "\u{1B}[1m\(padded)\u{1B}[0m" : padded)
        }
        lines.append(line)
      }
    }
    if let baseline = baseline(block: block) {
      lines.append(
        pad(baseline[0], to: nameWidth, left: false)
          + baseline.dropFirst().map { " " + pad($0, to: width, left: true) }.joined())
    }
    return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
  }

  private func terminalResult(_ entry: TableEntry, _ notes: TableNotes, styled: Bool) -> String {
    guard let summary = entry.summary else { return "—" }
    let number = notes.number(of: entry).map { "[\($0)]" } ?? ""
    guard summary.mean.isFinite else { return "n/a" + number }
    // With a footnote there is no room for the leading zero of the deviation.
    let deviation = summary.standardDeviation.map {
      "±" + (number.isEmpty ? threeDecimals($0) : "\(threeDecimals($0).dropFirst())")
    }
    return (!styled && entry.isBest ? "*" : "") + threeDecimals(summary.mean) + (deviation ?? "") + number
  }
}

/// Breaks a paragraph at spaces into lines of at most `width` characters; a longer word stands alone.
public func wrapped(_ text: String, to width: Int) -> String {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = ""
    }
    line += line.isEmpty ? String(word) : " " + word
  }
  return (lines + [line]).joined(separator: "\n")
}
