import Artifacts
import Configuration
import Datasets
import Figures
import JSON
import Markup
import Metrics
import Reporting

extension ReportPage {
  /// What width does to the students of a table that has them in several: each measure against qubits and against parameters.
  mutating func scalingSection() -> Section? {
    var pictures: [Node] = []
    for table in contents.tables {
      for (column, dataset) in table.plan.datasets.enumerated() {
        let families = table.families(column: column)
        // Two widths are the pair that a table compares; a curve begins with three.
        guard families.contains(where: { $0.rows.count > 2 }) else { continue }
        for metric in Metric.allCases {
          for size in Size.allCases {
            let measure = metric.name.uppercased()
            let name = "\(Catalogue.title(of: dataset)): \(measure) against \(size.rawValue)"
            let series = families.enumerated().map { index, family in
              ScalingPlot.Series(
                name: family.name, colour: family.kinship, isDistilled: family.isDistilled,
                points: family.rows.compactMap { size.point($0, metric, column: column) })
            }
            guard
              let plot = ScalingPlot(
                series, title: "\(table.plan.title). \(name)", axis: size.axis,
                measure: "test \(measure)",
                doubling: size == .qubits)
            else { continue }
            let key = "\(table.plan.name)-\(size.rawValue)-\(slug(dataset))-\(metric.name)"
            pictures.append(show(plot.picture, name: key, caption: "\(table.plan.title). \(name)"))
          }
        }
      }
    }
    guard !pictures.isEmpty else { return nil }
    return Section(
      id: "scaling", title: "Accuracy against width",
      content: [
        note(
          "A line joins students that differ in nothing but their qubits (a ViT's are its channels), named after the "
            + "narrowest; means over the seeds with their 95% intervals. Distilled ones are hollow."),
        gallery(pictures),
      ])
  }

  /// What the horizontal axis shows.
  private enum Size: String, CaseIterable {
    case qubits
    case parameters

    var axis: String { self == .qubits ? "qubits or channels" : "trained parameters" }

    /// A row's place in the plot; nil where it is not made.
    func point(_ row: ResultRow, _ metric: Metric, column: Int) -> ScalingPlot.Point? {
      guard let cell = row.cells[column].first, let place = Metric.allCases.firstIndex(of: metric),
        let mean = row.entries[column][place].summary?.mean
      else { return nil }
      let size = self == .qubits ? cell.width : cell.evaluation.parameterCount
      guard let size, size > 0 else { return nil }
      return ScalingPlot.Point(size: Double(size), value: mean, interval: row.entries[column][place].interval)
    }
  }
}

/// Rows that differ in nothing but the number of qubits.
private struct WidthFamily {
  /// What the narrowest is called.
  var name: String
  /// The number of the family among those that are alike but for distillation.
  var kinship: Int
  var isDistilled: Bool
  var rows: [ResultRow]
}

extension ResultTable {
  /// The students of a column, by what they have in common beside their width; in the order of their first rows.
  fileprivate func families(column: Int) -> [WidthFamily] {
    var families: [(key: JSONValue, kin: JSONValue, rows: [ResultRow])] = []
    for row in rows {
      guard let cell = row.cells[column].first, cell.width != nil, !row.row.hasOneRun else { continue }
      // The resolution is no setting of a student; teachers are as wide as their students.
      var key = cell.configuration
      for path in Self.widthKeys { key.replace(path, by: .null) }
      key.replace(["resolution"], by: .number(Double(row.row.resolution)))
      var kin = key
      kin.replace(["distillation"], by: .null)
      if let index = families.firstIndex(where: { $0.key == key }) {
        families[index].rows.append(row)
      } else {
        families.append((key, kin, [row]))
      }
    }
    var kins: [JSONValue] = []
    for family in families where !kins.contains(family.kin) { kins.append(family.kin) }
    func width(_ row: ResultRow) -> Int { row.cells[column].first?.width ?? 0 }
    return families.map { (family) -> WidthFamily in
      let rows = family.rows.sorted { width($0) < width($1) }
      return WidthFamily(
        name: rows[0].row.label, kinship: kins.firstIndex(of: family.kin) ?? 0,
        isDistilled: rows[0].row.model.regime == .kd, rows: rows)
    }
  }

  /// The settings that follow from the width: qubits, the pairs of a named layout, the fastest way to compute attention, and
  /// the teacher's width.
  private static var widthKeys: [[String]] {
    [
      ["model", "qubits"], ["model", "circuit", "pairs"], ["model", "attention"],
      ["distillation", "teacher", "model", "qubits"],
    ]
  }
}
