import Datasets
import Metrics

/// The words around a table, shared by the formats for reading.
struct TableNotes {
  let table: ResultTable
  /// How the best entries of the columns are marked.
  let bestMark: String

  /// Profile, versions, seeds.
  var header: String {
    let versions = table.cells.first.map { ", results version \($0.resultsVersion)" } ?? ""
    let seeds = table.run.seeds.count == 1 ? "seed" : "seeds"
    return "Profile \(table.run.profile), software \(table.run.softwareVersion)\(versions), "
      + "\(seeds) \(listed(table.run.seeds))"
  }

  /// The title without number and full stop.
  var caption: String { "\(table.layout.caption): AUC and ACC on the test split" }

  /// The marks of a dataset's column.
  func marks(of dataset: String) -> [DatasetMark] {
    let cells = table.cells.filter { $0.dataset == dataset }
    return DatasetMark.allCases.filter { mark in
      switch mark {
      case .leaking: cells.contains(where: \.hasLeakingSplit)
      // A table of sample data says so as a whole.
      case .generated: table.run.profile != "sample" && cells.contains { $0.source == .generated }
      case .unofficial, .own: cells.contains { $0.source.mark == mark }
      }
    }
  }

  /// The column's title with its marks.
  func title(of dataset: String) -> String {
    Catalogue.title(of: dataset) + marks(of: dataset).map(\.rawValue).joined()
  }

  /// The number of the footnote of an entry; nil if it needs none.
  func number(of entry: TableEntry) -> Int? {
    guard !entry.notes.isEmpty else { return nil }
    return footnotes.firstIndex(of: entry.notes.joined(separator: "; ")).map { $0 + 1 }
  }

  /// The footnotes of entries, each text once, in the order of the entries.
  var footnotes: [String] {
    var texts: [String] = []
    for entry in table.rows.flatMap(\.entries).joined() where !entry.notes.isEmpty {
      let text = entry.notes.joined(separator: "; ")
      if !texts.contains(text) { texts.append(text) }
    }
    return texts
  }

  /// The explanations of the columns' marks.
  var markTexts: [String] {
    let used = table.datasets.flatMap(marks)
    return DatasetMark.allCases.filter(used.contains).map { "\($0.rawValue) \($0.text)." }
  }

  /// The paragraphs below the table.
  var paragraphs: [String] {
    var paragraphs = [legend, paperText]
    if let text = deviations { paragraphs.append(text) }
    if let text = parameters { paragraphs.append(text) }
    if let text = baselines { paragraphs.append(text) }
    paragraphs += remarks
    paragraphs.append("NOT intended for clinical use.")
    return paragraphs
  }

  /// The missing entries with their commands: "QViT_28 on BreastMNIST" and the command.
  var missing: [(entry: String, command: String)] {
    table.rows.flatMap { row in
      zip(table.datasets, row.entries).compactMap { dataset, entries in
        entries.first?.missingCommand.map { ("\(row.row.label) on \(Catalogue.title(of: dataset))", $0) }
      }
    }
  }

  private var legend: String {
    let hasReference = table.rows.contains { $0.row.isReference }
    let spread =
      table.run.seeds.count > 1
      ? "Mean ± sample standard deviation over the seeds; the interval is Student's 95% interval of the mean "
        + "(of a single run: the 95% bootstrap interval over test images), not clipped to [0, 1]."
      : "One run; the interval is the 95% bootstrap interval over test images."
    return spread + " \(bestMark): best of its column by unrounded mean"
      + (hasReference ? "; the teacher does not compete." : ".")
      + " AUC and ACC are those of MedMNIST's Evaluator."
  }

  private var paperText: String {
    var text = "Paper: arXiv:2503.07294, Table \(table.layout.number)."
    text += " Its values are single runs: each ACC there on BreastMNIST, RetinaMNIST and PneumoniaMNIST is a whole"
    text += " number of test images."
    let entries = table.rows.flatMap(\.entries).joined()
    if !table.isSample, entries.contains(where: { $0.paper != nil && $0.summary != nil && $0.difference == nil }) {
      text += " No difference is given where ours is undefined or where data or training are not comparable."
    }
    let widths = table.datasets.compactMap { dataset -> String? in
      let cells = table.cells.filter { $0.dataset == dataset }
      guard let auc = halfWidth(cells.compactMap(\.aucInterval)),
        let accuracy = halfWidth(cells.compactMap(\.accuracyInterval))
      else { return nil }
      return "\(Catalogue.title(of: dataset)) ±\(threeDecimals(auc)) / ±\(threeDecimals(accuracy))"
    }
    if !widths.isEmpty {
      text += " What a single run leaves open because the test split is small (mean half-width of the 95% bootstrap"
      text += " intervals of our runs, AUC / ACC): " + widths.joined(separator: ", ") + "."
    }
    return text
  }

  private func halfWidth(_ intervals: [Interval]) -> Double? {
    intervals.isEmpty ? nil : intervals.reduce(0) { $0 + ($1.high - $1.low) / 2 } / Double(intervals.count)
  }

  private var deviations: String? {
    var far: [String] = []
    var compared = 0
    for row in table.rows {
      for (dataset, entries) in zip(table.datasets, row.entries) {
        guard let difference = entries[0].difference else { continue }
        compared += 1
        if difference.magnitude > 0.05 {
          far.append("\(row.row.label) on \(Catalogue.title(of: dataset)) (\(signedThreeDecimals(difference)))")
        }
      }
    }
    guard compared > 0 else { return nil }
    return far.isEmpty
      ? "No mean AUC lies more than 0.050 from the paper's."
      : "Mean AUC more than 0.050 from the paper's: " + far.joined(separator: ", ") + "."
  }

  private var parameters: String? {
    let texts = table.rows.compactMap { row -> String? in
      guard let counts = row.parameterCounts else { return nil }
      let range =
        counts.lowerBound == counts.upperBound
        ? grouped(counts.lowerBound) : "\(grouped(counts.lowerBound)) to \(grouped(counts.upperBound))"
      let qubits = table.cells.first?.qubits ?? 0
      guard let claim = ParameterClaim(model: row.row.model, resolution: row.row.resolution, qubits: qubits) else {
        return "\(row.row.label) \(range)"
      }
      let holds = claim.holds(for: counts.lowerBound) && claim.holds(for: counts.upperBound)
      return "\(row.row.label) \(range) (paper: around \(claim.thousands)K, \(holds ? "agrees" : "DIFFERS"))"
    }
    guard !texts.isEmpty else { return nil }
    return "Parameters: " + texts.joined(separator: ", ") + ". A count agrees if it rounds to the paper's thousands."
  }

  private var baselines: String? {
    let texts = table.datasets.compactMap { dataset -> String? in
      // The images of one dataset are the same at both resolutions; if they are not, each number is given.
      var texts: [String] = []
      for cell in table.cells where cell.dataset == dataset {
        let text = "\(threeDecimals(cell.majorityBaseline)) (\(grouped(cell.imageCount)) images)"
        if !texts.contains(text) { texts.append(text) }
      }
      return texts.isEmpty ? nil : "\(Catalogue.title(of: dataset)) \(texts.joined(separator: " or "))"
    }
    guard !texts.isEmpty else { return nil }
    return "Largest class: the scores of always answering the test split's most frequent class: "
      + texts.joined(separator: ", ") + "."
  }

  /// Each remark once, with the entries it holds for.
  private var remarks: [String] {
    var entries: [(remark: String, labels: [String])] = []
    for cell in table.cells {
      let row = TableRow(model: cell.model, regime: cell.regime, resolution: cell.resolution).label
      let label = "\(row) on \(Catalogue.title(of: cell.dataset))"
      for remark in cell.remarks {
        if let known = entries.firstIndex(where: { $0.remark == remark }) {
          if !entries[known].labels.contains(label) { entries[known].labels.append(label) }
        } else {
          entries.append((remark, [label]))
        }
      }
    }
    let places = Set(table.cells.map { "\($0.model) \($0.regime) \($0.resolution) \($0.dataset)" }).count
    return entries.map { remark, labels in
      labels.count == places && places > 1
        ? "All entries: \(remark)." : "\(labels.joined(separator: ", ")): \(remark)."
    }
  }
}
