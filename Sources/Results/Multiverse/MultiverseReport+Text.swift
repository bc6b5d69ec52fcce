import Artifacts
import Datasets
import Metrics
import Reporting
import Statistics

extension MultiverseReport {
  /// Whether the results are of generated data.
  public var isSample: Bool { profile == .sample }

  private static let sampleWarning = "sample data: these numbers say nothing about the paper"

  /// The entry of the paper that stands out: ACC of QViT_28 on RetinaMNIST.
  private static let claimed = (dataset: "retinamnist", metric: Metric.accuracy, row: "QViT_28")

  /// What the numbers say, a sentence each.
  public var findings: [String] {
    var findings = [
      "\(readings.count) readings with \(seeds.count) seeds each on \(listedDatasets) at \(resolution) pixels: "
        + "\(readings.count * seeds.count * datasets.count) runs."
    ]
    for metric in Metric.allCases {
      let of = effects.filter { $0.metric == metric }
      let clear = of.filter { ($0.correctedP ?? 1) < 0.05 }.sorted {
        $0.average.value.magnitude > $1.average.value.magnitude
      }
      let largest = of.max { $0.average.value.magnitude < $1.average.value.magnitude }
      if !clear.isEmpty {
        let texts = clear.map { "\($0.axis) \($0.value) \(text($0.average))" }
        findings.append(
          "\(metric.title) is moved, after Holm's correction over all \(effects.count) effects, by: "
            + texts.joined(separator: "; ") + ".")
      } else if let largest, of.allSatisfy({ $0.correctedP == nil }) {
        findings.append(
          "Whether a choice moves \(metric.title) by more than chance would is not known with so few seeds; the largest effect "
            + "is that of \(largest.axis) \(largest.value): \(text(largest.average)).")
      } else if let largest {
        findings.append(
          "No choice moves \(metric.title) by more than chance would, after Holm's correction over all \(effects.count) effects; "
            + "the largest effect is that of \(largest.axis) \(largest.value): \(text(largest.average)).")
      }
    }
    let entries = readings[0].entries.count { $0.paper != nil }
    if entries > 0, readings.allSatisfy({ $0.isCompatible == nil }) {
      findings.append(
        "Which readings are compatible with the paper's entries of Table 1 is not known with so few seeds.")
    } else if entries > 0 {
      let compatible = readings.filter { $0.isCompatible == true }
      findings.append(
        "\(compatible.count) of \(readings.count) readings are compatible with all \(entries) of the paper's entries of Table 1 "
          + "at hand at once" + (compatible.first.map { $0.name == "base" ? ", the base among them." : "." } ?? "."))
    }
    findings.append(claimSentence)
    return findings
  }

  private var listedDatasets: String { datasets.map(Catalogue.title).joined(separator: ", ") }

  /// Whether any reading reaches the paper's accuracy on RetinaMNIST.
  private var claimSentence: String {
    let claim = Self.claimed
    guard let value = PaperResults.entry(row: claim.row, dataset: claim.dataset)?[claim.metric] else { return "" }
    let what = "the paper's \(claim.metric.title) of \(threeDecimals(value)) on \(Catalogue.title(of: claim.dataset))"
    guard !isSample else { return "Sample data cannot say whether a reading reaches \(what)." }
    guard let place = datasets.firstIndex(of: claim.dataset) else {
      return "Whether a reading reaches \(what) is not known: \(claim.dataset) is not among the datasets at hand."
    }
    let of = readings.compactMap { reading in
      reading.entries.first { $0.dataset == place && $0.metric == claim.metric }.map { (reading, $0) }
    }
    guard let best = of.max(by: { $0.1.mean < $1.1.mean }) else { return "" }
    guard of.contains(where: { $0.1.paper != nil }) else {
      return "Whether a reading reaches \(what) cannot be said of these images, which are not the official ones."
    }
    let reached = of.count { $0.1.mean >= value }
    let possible = of.count { $0.1.isCompatible == true }
    let isKnown = of.contains { $0.1.isCompatible != nil }
    return "\(reached) of \(of.count) readings have a mean of at least \(what)"
      + (isKnown ? "; of \(possible) it can be one run" : "") + ". The best mean is \(threeDecimals(best.1.mean))"
      + (best.1.deviation.isNaN ? "" : " ± \(threeDecimals(best.1.deviation))") + ": \(best.0.name)."
  }

  /// The model and what the words mean.
  private static let legend = [
    "Effects: least squares over the points, for each seed by itself, of a sum of one term for each choice; then analysed over "
      + "seeds and test images, to which the 95% interval holds (docs/statistics.md, docs/controls.md). Interactions of choices "
      + "are not in the model.",
    "Readings: mean ± standard deviation over the seeds, and in brackets where one more run elsewhere lies with 95%. ✓ the "
      + "paper's entry lies there, ✗ it does not. A reading is compatible with all entries at once where each lies in the "
      + "interval of 1 − .05/m, m being their number.",
  ]

  private func text(_ estimate: Estimate) -> String {
    signedThreeDecimals(estimate.value)
      + (estimate.interval.map { " [\(signedThreeDecimals($0.low)), \(signedThreeDecimals($0.high))]" } ?? "")
  }

  /// "0.752 ± 0.031 [0.66, 0.83] ✓".
  private func text(_ entry: Entry) -> String {
    var text = threeDecimals(entry.mean)
    if !entry.deviation.isNaN { text += " ± \(threeDecimals(entry.deviation))" }
    if let prediction = entry.prediction {
      text += " [\(threeDecimals(prediction.low)), \(threeDecimals(prediction.high))]"
    }
    return text + (entry.isCompatible.map { $0 ? " ✓" : " ✗" } ?? "")
  }

  /// Effects as lines of cells.
  private func effectLines(datasets shown: Bool) -> [[String]] {
    let isSplit = shown && datasets.count > 1
    var lines = [["Choice", "Value", "Instead of"]]
    for metric in Metric.allCases {
      lines[0].append(metric.title)
      if isSplit { lines[0] += datasets.map { "\(metric.title), \(Catalogue.title(of: $0))" } }
    }
    for start in stride(from: 0, to: effects.count, by: Metric.allCases.count) {
      let of = effects[start..<start + Metric.allCases.count]
      guard let first = of.first else { continue }
      var line = [first.axis, first.value, first.base]
      for effect in of {
        let isSignificant = (effect.correctedP ?? 1) < 0.05
        line.append(text(effect.average) + (isSignificant ? " *" : ""))
        if isSplit { line += effect.onDatasets.map(text) }
      }
      lines.append(line)
    }
    return lines
  }

  /// Each choice's effect on each measure, on average and on each dataset; the first line is the header.
  public var effectTable: [[String]] { effectLines(datasets: true) }

  /// Each reading with its entries beside the paper's; the first line is the header.
  public var readingTable: [[String]] {
    let head =
      ["Reading", "Parameters"]
      + readings[0].entries.map { entry in
        "\(entry.metric.title), \(Catalogue.title(of: datasets[entry.dataset]))"
          + (entry.paper.map { " (paper \(threeDecimals($0)))" } ?? "")
      } + ["All at once"]
    return [head]
      + readings.map { reading in
        [reading.name, grouped(reading.parameterCount)] + reading.entries.map(self.text)
          + [reading.isCompatible.map { $0 ? "✓" : "✗" } ?? "—"]
      }
  }

  /// The report as GitHub-flavoured Markdown.
  public func markdown() -> String {
    var text = "# \(markdownEscaped(title))\n\n"
    if isSample { text += "**This is \(Self.sampleWarning).**\n\n" }
    text += findings.map { "- \(markdownEscaped($0))\n" }.joined()
    text += "\n## How much each choice moves each measure\n\n"
    text += markdownTable(effectTable)
    text += "\n\\*: P below .05 after Holm's correction over all effects.\n\n## Readings\n\n"
    text += markdownTable(readingTable)
    text += "\n" + Self.legend.map { "\($0)\n\n" }.joined()
    text += "Seeds \(listed(seeds)); base `\(base)`; software \(softwareVersion).\n\nNOT intended for clinical use.\n"
    return text
  }

  /// The report for a terminal of 80 columns.
  public func terminal() -> String {
    var text = "\(title)\n"
    if isSample { text += "*** \(Self.sampleWarning) ***\n" }
    text += "\n"
    let lines = effectLines(datasets: false)
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.reduce(0, max) }
    for line in lines {
      let row = zip(line, widths).map { pad($0, to: $1, left: false) }.joined(separator: "  ")
      text += String(row.reversed().drop { $0 == " " }.reversed()) + "\n"
    }
    return text + "\n" + findings.map { wrapped($0, to: 80) + "\n" }.joined()
  }

  /// A line for each effect and each entry of a reading (RFC 4180 with line feeds).
  public func csv() -> String {
    let columns = [
      "record", "name", "value", "base", "dataset", "metric", "estimate", "low", "high", "seed_sd", "image_sd",
      "p_holm",
      "paper", "compatible", "parameters", "seeds", "profile", "software_version",
    ]
    var text = columns.joined(separator: ",") + "\n"
    func add(_ fields: [String]) {
      text +=
        (fields + ["\(seeds.count)", profile.rawValue, softwareVersion]).map(csvQuoted).joined(separator: ",") + "\n"
    }
    for effect in effects {
      for (dataset, estimate) in zip(["average"] + datasets, [effect.average] + effect.onDatasets) {
        add([
          "effect", effect.axis, effect.value, effect.base, dataset, effect.metric.name, csvNumber(estimate.value),
          csvNumber(estimate.interval?.low), csvNumber(estimate.interval?.high), csvNumber(estimate.seedDeviation),
          csvNumber(estimate.imageDeviation), dataset == "average" ? csvNumber(effect.correctedP) : "", "", "", "",
        ])
      }
    }
    for reading in readings {
      for entry in reading.entries {
        add([
          "reading", reading.name, "", "", datasets[entry.dataset], entry.metric.name, csvNumber(entry.mean),
          csvNumber(entry.prediction?.low), csvNumber(entry.prediction?.high),
          entry.deviation.isNaN ? "" : csvNumber(entry.deviation), "", "", csvNumber(entry.paper),
          entry.isCompatible.map { $0 ? "1" : "0" } ?? "", "\(reading.parameterCount)",
        ])
      }
    }
    return text
  }

  /// A longtable of the effects for `\input`; needs booktabs and longtable.
  public func latex() -> String {
    let lines = effectLines(datasets: false)
    var text = "% Needs \\usepackage{booktabs,longtable}.\n"
    if isSample { text += "% \(Self.sampleWarning)\n" }
    text += "\\begin{longtable}{@{}lll\(String(repeating: "r", count: lines[0].count - 3))@{}}\n"
    text +=
      "\\caption{\(latexEscaped(title)): how much each choice moves each measure, \(listedDatasets.isEmpty ? "" : latexEscaped(listedDatasets)), \(seeds.count) seeds.}\\\\\n\\toprule\n"
    for (index, line) in lines.enumerated() {
      text += line.map(latexEscaped).joined(separator: " & ") + " \\\\\n" + (index == 0 ? "\\midrule\n\\endhead\n" : "")
    }
    text += "\\bottomrule\n\\end{longtable}\n"
    return text + findings.map { "% \($0)\n" }.joined()
  }
}
