import Configuration
import Failures
import Metrics

extension ResultTable {
  /// The table as a LaTeX float for `\input`; needs the package booktabs.
  public func latex() -> String {
    let notes = TableNotes(table: self, bestMark: "Bold")
    var text = "% \(latexEscaped(notes.header))\n"
    if isSample { text += "% \(Self.sampleWarning)\n" }
    text += "% Needs \\usepackage{booktabs}.\n"
    text += "\\begin{table*}[tbp]\n\\centering\\scriptsize\\setlength{\\tabcolsep}{2pt}\n"
    let warning = isSample ? " \\textbf{This is \(Self.sampleWarning).}" : ""
    text += "\\caption{\(latexEscaped(notes.caption)).\(warning)}\n\\label{tab:\(plan.name)}\n"
    text += blocks().map { latexBlock($0, notes) }.joined(separator: "\\par\\medskip\n")
    text += "\\par\\medskip\n\\begin{minipage}{\\linewidth}\\raggedright\n"
    let footnotes = notes.footnotes.enumerated().map { "$^{\($0.offset + 1)}$ " + latexEscaped($0.element) + "." }
    let paragraphs = [latexEscaped(notes.header) + "."] + notes.markTexts.map(latexEscaped) + footnotes
    text += (paragraphs + notes.paragraphs.map(latexEscaped)).joined(separator: "\\par\n")
    if !notes.missing.isEmpty {
      text += "\\par\nMissing entries (---) and the commands that fill them:"
      for missing in notes.missing {
        let command = latexEscaped(missing.command).replacing("/", with: "/\\allowbreak ")
        text += "\\par\n\(latexEscaped(missing.entry)): \\texttt{\(command)}"
      }
    }
    return text + "\n\\end{minipage}\n\\end{table*}\n"
  }

  private func latexBlock(_ block: Range<Int>, _ notes: TableNotes) -> String {
    // Four datasets are a little wider than a narrow text block; the box lets them stand out on both sides alike.
    var text =
      "\\makebox[\\linewidth][c]{%\n\\begin{tabular}{@{}l" + String(repeating: "rr", count: block.count)
      + "@{}}\n\\toprule\n"
    text += block.map { " & \\multicolumn{2}{c}{\(latexEscaped(notes.title(ofColumn: $0)))}" }.joined()
    text += " \\\\\n"
    text += block.indices.map {
      "\\cmidrule(lr){\(2 * ($0 - block.lowerBound) + 2)-\(2 * ($0 - block.lowerBound) + 3)}"
    }
    .joined(separator: " ")
    text +=
      "\nModel" + String(repeating: Metric.allCases.map { " & \($0.title)" }.joined(), count: block.count)
      + " \\\\\n\\midrule\n"
    for (index, row) in rows.enumerated() {
      if index > 0 { text += row.row.isReference ? "\\midrule\n" : "\\addlinespace\n" }
      for kind in lines(of: row, block: block) {
        let name = latexEscaped(name(of: kind, row: row))
        text += kind == .result ? name : "~\\textit{\(name)}"
        for entry in row.entries[block].joined() {
          text += " & " + (kind == .result ? latexResult(entry, notes) : latexText(of: kind, entry))
        }
        text += " \\\\\n"
      }
    }
    if let baseline = baseline(block: block) {
      text += "\\midrule\n" + "\\textit{\(baseline[0])}"
      text += baseline.dropFirst().map { " & " + $0 }.joined() + " \\\\\n"
    }
    return text + "\\bottomrule\n\\end{tabular}}\n"
  }

  private func latexText(of kind: LineKind, _ entry: TableEntry) -> String {
    let text = latexEscaped(text(of: kind, entry))
    return kind == .interval && !text.isEmpty ? "{\\tiny \(text)}" : text
  }

  private func latexResult(_ entry: TableEntry, _ notes: TableNotes) -> String {
    guard let summary = entry.summary else { return "---" }
    let number = notes.number(of: entry).map { "$^{\($0)}$" } ?? ""
    guard summary.mean.isFinite else { return "n/a" + number }
    let mean = threeDecimals(summary.mean)
    let spread = summary.standardDeviation.map { "{\\tiny$\\pm$\(threeDecimals($0))}" } ?? ""
    return (entry.isBest ? "\\textbf{\(mean)}" : mean) + spread + number
  }
}

/// Text with LaTeX's special characters escaped, control characters shown and ours (±, –, —, −, ×, †, ‡, §, ¶) spelled in ASCII.
public func latexEscaped(_ text: String) -> String {
  let replacements: [Character: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#", "%": "\\%", "_": "\\_",
    "^": "\\textasciicircum{}", "~": "\\textasciitilde{}", "<": "\\textless{}", ">": "\\textgreater{}", "±": "$\\pm$",
    "–": "--", "—": "---", "−": "$-$", "×": "$\\times$", "†": "$\\dagger$", "‡": "$\\ddagger$", "§": "\\S{}",
    "¶": "\\P{}", "…": "\\dots{}",
  ]
  return visible(text).map { replacements[$0] ?? String($0) }.joined()
}
