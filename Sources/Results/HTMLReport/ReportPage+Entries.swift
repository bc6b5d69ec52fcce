import Artifacts
import Configuration
import Datasets
import Figures
import Markup
import Metrics
import Reporting

extension ReportPage {
  /// Each entry of the tables: its runs, how they were trained, and what they get right and wrong.
  mutating func entrySection() -> Section? {
    var content: [Node] = []
    var shown: Set<String> = []
    let count = Set(
      contents.tables.flatMap { table in
        table.cells.map { "\($0.model.variant) \($0.model.regime) \($0.header.resolution) \($0.header.dataset)" }
      }
    ).count
    for table in contents.tables {
      for (column, dataset) in table.plan.datasets.enumerated() {
        let rows = table.rows.indices.filter { row in
          // An entry of several tables is shown with the first.
          !table.rows[row].cells[column].isEmpty && shown.insert(table.key(row: row, column: column)).inserted
        }
        guard !rows.isEmpty else { continue }
        content.append(heading(3, "\(table.plan.title), \(Catalogue.title(of: dataset))"))
        for row in rows {
          // The first is open, so that one sees what there is; all are where there are few.
          let isFirst = content.count == 1 && row == rows.first
          content.append(entry(table, row: row, column: column, isOpen: count <= Self.openLimit || isFirst))
        }
      }
    }
    guard !content.isEmpty else { return nil }
    let introduction = note(
      "Learning curves are of the training and validation splits, everything else is of the test split. Where there are "
        + "several seeds, a picture shows all of them.")
    return Section(id: "entries", title: "Entry by entry", content: [introduction] + content)
  }

  /// At most so many entries are all open at first.
  private static let openLimit = 4

  private mutating func entry(_ table: ResultTable, row: Int, column: Int, isOpen: Bool) -> Node {
    let (line, cells) = (table.rows[row], table.rows[row].cells[column])
    let name = "\(line.row.label) on \(Catalogue.title(of: table.plan.datasets[column]))"
    let key = table.key(row: row, column: column)
    let measures = zip(Metric.allCases, line.entries[column]).map { metric, entry in
      "\(metric.title) \(Self.text(of: entry.summary))"
    }
    var pictures: [Node] = []
    if let picture = LearningCurves(cells, name: name)?.picture {
      pictures.append(show(picture, name: "\(key)-learning"))
    }
    if let picture = ROCPlot(cells, name: name)?.picture { pictures.append(show(picture, name: "\(key)-roc")) }
    if let picture = ConfusionPlot(cells, name: name)?.picture {
      pictures.append(show(picture, name: "\(key)-confusion"))
    }
    if let picture = ReliabilityDiagram(cells, name: name)?.picture {
      pictures.append(show(picture, name: "\(key)-reliability"))
    }
    let summary = Element(
      "summary", [:], .element(Element("b", [:], .text(name))), .text(measures.joined(separator: ", ")))
    var details = Element(
      "details", ["id": key],
      [.element(summary), gallery(pictures), runs(name, cells), classes(name, cells)])
    if isOpen { details = details.with("open", "") }
    return Node(details)
  }

  private static func text(of summary: SeedSummary?) -> String {
    guard let summary, summary.mean.isFinite else { return "n/a" }
    return threeDecimals(summary.mean) + (summary.standardDeviation.map { " ± \(threeDecimals($0))" } ?? "")
  }

  /// A line for each run: its measures, and its file.
  private func runs(_ name: String, _ cells: [TableCell]) -> Node {
    table(
      "Runs of \(name)",
      [
        .number("Seed"), .number("AUC"), .number("ACC"), .number("Balanced accuracy"), .number("Brier score"),
        .number("Calibration error"), .number("Epoch"), .text("Evaluation"),
      ],
      cells.map { cell in
        let (test, calibration) = (cell.test, cell.test.calibration)
        func measure(_ value: Double) -> Cell { .measure(threeDecimals(value), value) }
        let name = String(cell.path.split(separator: "/").last ?? "")
        let file = contents.artifacts.firstIndex { $0.path == cell.path }.map { link("f\($0)", code(name)) }
        return [
          .text("\(cell.header.seed)"), measure(test[.auc]), measure(test[.accuracy]), measure(test.balancedAccuracy),
          calibration.map { measure($0.brierScore) } ?? .text("—"),
          calibration.map { measure($0.expectedError) } ?? .text("—"),
          .text(cell.evaluation.selectedEpoch > 0 ? "\(cell.evaluation.selectedEpoch)" : "—"),
          Cell(file ?? code(name)),
        ]
      })
  }

  /// A line for each class: its measures, means over the runs.
  private func classes(_ name: String, _ cells: [TableCell]) -> Node {
    guard let first = cells.first else { return Node(nil) }
    func mean(_ index: Int, _ value: KeyPath<ClassMeasures, Double>) -> Cell {
      let values = cells.map { $0.test.classes[index][keyPath: value] }
      let mean = values.reduce(0, +) / Double(values.count)
      return .measure(threeDecimals(mean), mean)
    }
    return table(
      "Classes of \(name)" + (cells.count > 1 ? ", means over the seeds" : ""),
      [.text("Class"), .number("Images"), .number("AUC"), .number("Recall"), .number("Precision"), .number("F1")],
      first.evaluation.classNames.enumerated().map { index, className in
        [
          .text(classLabel(index, className)), .text("\(first.test.classes[index].support)"), mean(index, \.auc),
          mean(index, \.recall), mean(index, \.precision), mean(index, \.f1),
        ]
      })
  }
}
