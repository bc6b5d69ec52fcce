import Configuration
import Artifacts
import Failures
import Metrics
import Statistics

extension ResultTable {
  /// The columns of the CSV form.
  static let csvColumns =
    [
      "table", "row", "variant", "model", "regime", "resolution", "dataset", "metric", "mean", "sd", "ci_low",
      "ci_high",
      "run_low", "run_high", "n_seeds", "values", "paper", "difference", "best", "majority_baseline", "missing_command",
      "note", "not_the_papers",
      "profile",
      "software_version", "results_version", "seeds", "settings_not_the_papers",
    ] + SettingsColumns.names

  /// The table as tidy CSV (RFC 4180 with line feeds): a header, then one line for each entry and measure.
  ///
  /// Numbers have the fewest digits that identify them, several values are joined by semicolons, what is missing is
  /// empty, an undefined value is `NaN`. `run_low` and `run_high` are where one more run would lie on other images. The averages
  /// over the datasets have the dataset `average`.
  public func csv() -> String {
    let notes = TableNotes(table: self, bestMark: "best")
    var text = Self.csvColumns.joined(separator: ",") + "\n"
    for row in rows {
      for (column, entries) in row.entries.enumerated() {
        for (metric, entry) in zip(Metric.allCases, entries) {
          text += csvFields(row, column, metric, entry, notes).map(csvQuoted).joined(separator: ",") + "\n"
        }
      }
    }
    return text
  }

  private func csvFields(
    _ result: ResultRow, _ column: Int, _ metric: Metric, _ entry: TableEntry, _ notes: TableNotes
  ) -> [String] {
    let row = result.row
    // The settings of this row, not of the table's first.
    let cells = column < plan.datasets.count ? result.cells[column] : result.cells.flatMap(\.self)
    let dataset = column < plan.datasets.count ? plan.datasets[column] : nil
    let baseline = dataset == nil ? nil : result.cells[column].first?.test.majorityBaseline
    var remarks = isSample ? [Self.sampleWarning] : []
    if let dataset { remarks += notes.marks(of: dataset).map(\.shortText) }
    return [
      plan.name, row.label, row.model.variant, row.model.kind?.rawValue ?? "", row.model.regime.rawValue,
      "\(row.resolution)", dataset ?? "average", metric.title,
      csvNumber(entry.summary?.mean), csvNumber(entry.summary?.standardDeviation), csvNumber(entry.interval?.low),
      csvNumber(entry.interval?.high), csvNumber(entry.prediction?.elsewhere.low),
      csvNumber(entry.prediction?.elsewhere.high), "\(entry.values.count)",
      entry.values.map(csvNumber).joined(separator: ";"),
      csvNumber(entry.paper), csvNumber(entry.difference), entry.summary == nil ? "" : "\(entry.isBest)",
      csvNumber(baseline),
      entry.missingCommand ?? "", (remarks + entry.notes).joined(separator: "; "),
      result.deviations.map(\.description).joined(separator: "; "), plan.profile.rawValue, softwareVersion,
      self.cells.first.map { "\($0.header.resultsVersion)" } ?? "", entry.seeds.map(String.init).joined(separator: ";"),
      cells.first.map { PaperSettings.differences(of: $0.configuration, $0.model) }.map {
        $0.map(\.description).joined(separator: "; ")
      } ?? "",
    ] + SettingsColumns.values(of: cells)
  }
}

/// The fewest digits that identify a number; empty where there is none, `NaN` where it is undefined.
public func csvNumber(_ value: Double?) -> String {
  guard let value else { return "" }
  return value.isNaN ? "NaN" : "\(value)"
}

/// A field in double quotes where RFC 4180 asks for them. A text that a spreadsheet would take for a formula begins with an
/// apostrophe; control characters are shown.
public func csvQuoted(_ text: String) -> String {
  var field = visible(text)
  if let first = field.first, "=+-@".contains(first), Double(field) == nil { field = "'" + field }
  guard field.contains(where: { ",\"\n\r\r\n".contains($0) }) else { return field }
  return "\"" + field.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
}
