import Artifacts
import Configuration
import Datasets
import Metrics
import Statistics

/// The words around a table, shared by the formats for reading.
public struct TableNotes {
  let table: ResultTable
  /// How the best entries of the columns are marked.
  let bestMark: String

  /// The words around a table whose best entries are marked so.
  public init(table: ResultTable, bestMark: String) {
    self.table = table
    self.bestMark = bestMark
  }

  /// Profile, versions, seeds.
  public var header: String {
    let versions = table.cells.first.map { ", results version \($0.header.resultsVersion)" } ?? ""
    return "Profile \(table.plan.profile.rawValue), software \(table.softwareVersion)\(versions), "
      + seeds
  }

  /// "seeds 1–5", or where datasets have others "seeds 1–20 on BreastMNIST, RetinaMNIST; 1–5 on BloodMNIST".
  private var seeds: String {
    var groups: [(seeds: [UInt64], datasets: [String])] = []
    for dataset in table.plan.datasets {
      let seeds = table.plan.seeds[dataset] ?? []
      if let known = groups.firstIndex(where: { $0.seeds == seeds }) {
        groups[known].datasets.append(Catalogue.title(of: dataset))
      } else {
        groups.append((seeds, [Catalogue.title(of: dataset)]))
      }
    }
    let texts = groups.map {
      listed($0.seeds) + (groups.count > 1 ? " on \($0.datasets.joined(separator: ", "))" : "")
    }
    return (groups.allSatisfy { $0.seeds.count == 1 } && groups.count == 1 ? "seed " : "seeds ")
      + texts.joined(separator: "; ")
  }

  /// The title without number and full stop.
  public var caption: String {
    "\(table.plan.caption): \(Metric.allCases.map(\.title).joined(separator: " and ")) on the test split"
  }

  /// The marks of a dataset's column.
  public func marks(of dataset: String) -> [DatasetMark] {
    let cells = table.cells.filter { $0.header.dataset == dataset }
    return DatasetMark.allCases.filter { mark in
      switch mark {
      case .leaking: cells.contains(where: \.header.isLeaking)
      // A table of sample data says so as a whole.
      case .generated: table.plan.profile != .sample && cells.contains { $0.origin == .generated }
      case .unofficial, .own: cells.contains { $0.origin.mark == mark }
      }
    }
  }

  /// The title of a column with its marks.
  public func title(ofColumn column: Int) -> String {
    guard column < table.plan.datasets.count else { return "Average of \(table.plan.datasets.count)" }
    let dataset = table.plan.datasets[column]
    return Catalogue.title(of: dataset) + marks(of: dataset).map(\.rawValue).joined()
  }

  /// The number of the footnote of an entry; nil if it needs none.
  public func number(of entry: TableEntry) -> Int? {
    guard !entry.notes.isEmpty else { return nil }
    return footnotes.firstIndex(of: entry.notes.joined(separator: "; ")).map { $0 + 1 }
  }

  /// The footnotes of entries, each text once, in the order of the entries.
  public var footnotes: [String] {
    var texts: [String] = []
    for entry in table.rows.flatMap(\.entries).joined() where !entry.notes.isEmpty {
      let text = entry.notes.joined(separator: "; ")
      if !texts.contains(text) { texts.append(text) }
    }
    return texts
  }

  /// The explanations of the columns' marks.
  public var markTexts: [String] {
    let used = table.plan.datasets.flatMap(marks)
    return DatasetMark.allCases.filter(used.contains).map { "\($0.rawValue) \($0.text)." }
  }

  /// The paragraphs below the table.
  public var paragraphs: [String] {
    var paragraphs = [legend]
    if let text = paperText { paragraphs.append(text) }
    paragraphs += otherModels
    paragraphs += settings
    if let text = deviations { paragraphs.append(text) }
    if let text = parameters { paragraphs.append(text) }
    if let text = baselines { paragraphs.append(text) }
    paragraphs += remarks
    paragraphs += descentParagraphs
    paragraphs.append("NOT intended for clinical use.")
    return paragraphs
  }

  /// The missing entries with their commands: "QViT_28 on BreastMNIST" and the command.
  public var missing: [(entry: String, command: String)] {
    table.rows.flatMap { row in
      zip(table.plan.datasets, row.entries).compactMap { dataset, entries in
        entries.first?.missingCommand.map { ("\(row.row.label) on \(Catalogue.title(of: dataset))", $0) }
      }
    }
  }

  private var legend: String {
    let hasReference = table.rows.contains { $0.row.isReference }
    let references =
      table.rows.contains { $0.row.isReference && $0.row.model.regime != .teacher }
      ? "rows of a single run do" : "the teacher does"
    let spread =
      table.plan.seeds.values.contains { $0.count > 1 }
      ? "Mean ± sample standard deviation over the seeds; the interval is the 95% interval of the mean for other seeds "
        + "and other test images (of a single run: the 95% bootstrap interval over test images)."
      : "One run; the interval is the 95% bootstrap interval over test images."
    let count = table.plan.teacherSeeds.seeds.count
    let teachers =
      !table.rows.contains { $0.row.model.regime == .kd }
      ? ""
      : count == 1
        ? " All distilled students of a dataset have one teacher; what another teacher would give is in no interval."
        : " The distilled students of a dataset have \(count) teachers (seeds \(listed(table.plan.teacherSeeds.seeds))) in turn; "
          + "their intervals hold for other teachers as well."
    return spread + teachers + " \(bestMark): best of its column by unrounded mean"
      + (hasReference ? "; \(references) not compete." : ".")
      + " AUC and ACC are those of MedMNIST's Evaluator."
  }

  /// What stands under a name of the paper's and is not the paper's model.
  private var otherModels: [String] {
    guard table.plan.paperTable != nil else { return [] }
    var groups: [(deviations: [PaperSettings.Deviation], labels: [String])] = []
    for row in table.rows where row.differsFromPaper {
      if let known = groups.firstIndex(where: { $0.deviations == row.deviations }) {
        groups[known].labels.append(row.row.label)
      } else {
        groups.append((row.deviations, [row.row.label]))
      }
    }
    return groups.map { group in
      "* \(group.labels.joined(separator: ", ")): not the paper's model, so no value of the paper stands beside it: "
        + group.deviations.map(\.description).joined(separator: "; ") + "."
    }
  }

  private var paperText: String? {
    let entries = table.rows.flatMap(\.entries).joined()
    guard let number = table.plan.paperTable, entries.contains(where: { $0.paper != nil }) else { return nil }
    var text = "Paper: arXiv:2503.07294, Table \(number). Its values are single runs"
    let whole = ["breastmnist", "retinamnist", "pneumoniamnist"].filter(table.plan.datasets.contains)
    if !whole.isEmpty {
      text += ": each ACC there on \(whole.map(Catalogue.title(of:)).joined(separator: ", ")) is a whole number of test"
      text += " images"
    }
    text += "."
    if !table.isSample, entries.contains(where: { $0.paper != nil && $0.summary != nil && $0.difference == nil }) {
      text += " No difference is given where ours is undefined or where data or training are not comparable."
    }
    let widths = table.plan.datasets.compactMap { dataset -> String? in
      let cells = table.cells.filter { $0.header.dataset == dataset }
      guard let auc = TestSetBand.halfWidth(of: cells, .auc),
        let accuracy = TestSetBand.halfWidth(of: cells, .accuracy)
      else { return nil }
      return "\(Catalogue.title(of: dataset)) ±\(threeDecimals(auc)) / ±\(threeDecimals(accuracy))"
    }
    if !widths.isEmpty {
      text += " What a single run leaves open because the test split is small (mean half-width of the 95% bootstrap"
      text += " intervals of our runs, AUC / ACC): " + widths.joined(separator: ", ") + "."
    }
    return text
  }

  private var deviations: String? {
    var far: [String] = []
    var compared = 0
    for row in table.rows {
      for (dataset, entries) in zip(table.plan.datasets, row.entries) {
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
      let qubits = row.cells.flatMap(\.self).first?.width ?? 0
      guard table.plan.paperTable != nil, row.row.isPapers, !row.differsFromPaper,
        let claim = ParameterClaim(model: row.row.model.kind, resolution: row.row.resolution, qubits: qubits)
      else {
        return "\(row.row.label) \(range)"
      }
      let holds = claim.holds(for: counts.lowerBound) && claim.holds(for: counts.upperBound)
      return "\(row.row.label) \(range) (paper: around \(claim.thousands)K, \(holds ? "agrees" : "DIFFERS"))"
    }
    guard !texts.isEmpty else { return nil }
    return "Parameters: " + texts.joined(separator: ", ") + "."
      + (!texts.contains { $0.contains("(paper: ") } ? "" : " A count agrees if it rounds to the paper's thousands.")
  }

  private var baselines: String? {
    let texts = table.plan.datasets.compactMap { dataset -> String? in
      // The images of one dataset are the same at both resolutions; if they are not, each number is given.
      var texts: [String] = []
      for cell in table.cells where cell.header.dataset == dataset {
        let text = "\(threeDecimals(cell.test.majorityBaseline)) (\(grouped(cell.test.imageCount)) images)"
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
    var places = 0
    for row in table.rows {
      for (dataset, cells) in zip(table.plan.datasets, row.cells) where !cells.isEmpty {
        places += 1
        let label = "\(row.row.label) on \(Catalogue.title(of: dataset))"
        for remark in cells.flatMap(\.remarks) {
          if let known = entries.firstIndex(where: { $0.remark == remark }) {
            if !entries[known].labels.contains(label) { entries[known].labels.append(label) }
          } else {
            entries.append((remark, [label]))
          }
        }
      }
    }
    return entries.map { remark, labels in
      labels.count == places && places > 1
        ? "All entries: \(remark)." : "\(labels.joined(separator: ", ")): \(remark)."
    }
  }
}
