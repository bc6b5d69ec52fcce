import Datasets
public import Metrics

/// What a table as a whole is made from.
public struct ReportRun: Sendable, Equatable {
  /// The profile, `sample` or `paper`.
  public var profile: String
  /// The version of the software.
  public var softwareVersion: String
  /// The seeds asked for.
  public var seeds: [UInt64]
  /// The directory of the profile's artifacts, for the commands that fill missing entries: `artifacts/sample`.
  public var root: String

  /// A run from its parts.
  public init(profile: String, softwareVersion: String, seeds: [UInt64], root: String) {
    self.profile = profile
    self.softwareVersion = softwareVersion
    self.seeds = seeds
    self.root = root
  }

  /// The command that makes the evaluations of one entry.
  public func command(row: TableRow, dataset: String, seeds: [UInt64]) -> String {
    let targets = seeds.map {
      "\(root)/evaluations/\(row.model)-\(row.regime)/\(dataset)-\(row.resolution)-s\($0).h5"
    }
    return "make PROFILE=\(profile) " + targets.joined(separator: " ")
  }
}

/// One measure of one row on one dataset.
public struct TableEntry: Sendable, Equatable {
  /// The seeds that are there, ascending.
  public var seeds: [UInt64]
  /// Their values in the same order.
  public var values: [Double]
  /// Mean and spread; nil if the entry is missing.
  public var summary: SeedSummary?
  /// Student's interval over the seeds, or the bootstrap interval over the test images of a single one.
  public var interval: Interval?
  /// Whether no competing row of the column has a higher mean.
  public var isBest = false
  /// The paper's value.
  public var paper: Double?
  /// Mean minus the paper's value; nil where the two cannot be compared.
  public var difference: Double?
  /// The command that would complete the entry; nil if it is complete.
  public var missingCommand: String?
  /// What a reader must know about this entry: why it is NaN, which seeds lack.
  public var notes: [String]
}

/// One row of a result table.
public struct ResultRow: Sendable, Equatable {
  /// What the row shows.
  public var row: TableRow
  /// The entries `[dataset][measure]`.
  public var entries: [[TableEntry]]
  /// The smallest and largest number of parameters over the datasets; nil without any entry.
  public var parameterCounts: ClosedRange<Int>?
}

/// One of the paper's tables with our results: a pure model that every format renders.
public struct ResultTable: Sendable, Equatable {
  /// The phrase every sample table carries.
  public static let sampleWarning = "sample data, not comparable to the paper"

  /// Which table.
  public let layout: TableLayout
  /// The datasets by their flags, in the order of the columns.
  public let datasets: [String]
  /// Profile, version, seeds.
  public let run: ReportRun
  /// The rows from the top.
  public let rows: [ResultRow]
  /// The evaluations, in the order of rows, datasets and seeds.
  public let cells: [EvaluatedCell]
  /// Whether the table shows generated data; then nothing in it is comparable to the paper.
  public let isSample: Bool

  /// Arranges evaluations.
  /// - Throws: `ReportError` if two evaluations do not go together or one has no place in the table.
  public init(
    layout: TableLayout, datasets: [String], run: ReportRun, cells: [EvaluatedCell]
  ) throws(ReportError) {
    try requireOneOrigin(cells, run)
    let isSample = run.profile == "sample" || cells.contains { $0.source == .generated }
    var remaining = cells
    var ordered: [EvaluatedCell] = []
    var rows: [ResultRow] = []
    for row in layout.rows {
      let ofRow = remaining.filter { row == TableRow($0) && datasets.contains($0.dataset) }
      var entries: [[TableEntry]] = []
      for dataset in datasets {
        let here = ofRow.filter { $0.dataset == dataset && (row.isReference || run.seeds.contains($0.seed)) }
          .sorted { $0.seed < $1.seed }
        try requireOneEntry(here)
        ordered += here
        entries.append(
          Measure.allCases.map { TableEntry($0, row: row, dataset: dataset, cells: here, run: run, isSample: isSample) }
        )
      }
      let counts = ofRow.map(\.parameterCount)
      let range = counts.min().flatMap { low in counts.max().map { low...$0 } }
      rows.append(ResultRow(row: row, entries: entries, parameterCounts: range))
      let placed = Set(ordered.map(\.path))
      remaining.removeAll { placed.contains($0.path) }
    }
    if let stray = remaining.first { throw .noPlace(path: stray.path, place: stray.place) }
    self.layout = layout
    self.datasets = datasets
    self.run = run
    self.cells = ordered
    self.isSample = isSample
    self.rows = markingBest(rows, columns: datasets.count)
  }
}

extension TableRow {
  fileprivate init(_ cell: EvaluatedCell) {
    self.init(model: cell.model, regime: cell.regime, resolution: cell.resolution)
  }
}

extension EvaluatedCell {
  fileprivate var place: String {
    "\(TableRow(self).label) on \(Catalogue.title(of: dataset)), seed \(seed)"
  }
}

extension TableEntry {
  fileprivate init(
    _ measure: Measure, row: TableRow, dataset: String, cells: [EvaluatedCell], run: ReportRun, isSample: Bool
  ) {
    seeds = cells.map(\.seed)
    values = cells.map { $0.value(of: measure) }
    summary = cells.isEmpty ? nil : SeedSummary(values)
    interval = cells.count == 1 ? cells[0].bootstrapInterval(of: measure) : summary?.interval
    let printed = PaperResults.entry(row: row.label, dataset: dataset)
    paper = measure == .auc ? printed?.auc : printed?.accuracy
    let isComparable = !isSample && cells.allSatisfy(\.isComparable)
    if let paper, let mean = summary?.mean, mean.isFinite, isComparable { difference = mean - paper }
    notes = []
    if measure == .auc {
      for cell in cells where cell.auc.isNaN {
        let reasons = cell.aucUndefined.map(\.description).joined(separator: ", ")
        let note = "no AUC, because in the test split \(reasons.isEmpty ? "it is undefined" : reasons)"
        if !notes.contains(note) { notes.append(note) }
      }
    }
    let wanted = row.isReference ? Array(run.seeds.prefix(1)) : run.seeds
    let missing = row.isReference && !cells.isEmpty ? [] : wanted.filter { !seeds.contains($0) }
    if !missing.isEmpty {
      missingCommand = run.command(row: row, dataset: dataset, seeds: missing)
      if !cells.isEmpty { notes.append("\(cells.count) of \(wanted.count) seeds") }
    }
  }
}

/// Marks the highest mean of each column, unrounded; all of equally high ones. Reference rows do not compete.
private func markingBest(_ rows: [ResultRow], columns: Int) -> [ResultRow] {
  var rows = rows
  for dataset in 0..<columns {
    for measure in Measure.allCases.indices {
      let means = rows.filter { !$0.row.isReference }.compactMap { $0.entries[dataset][measure].summary?.mean }
      let best = means.filter { !$0.isNaN }.max()
      for index in rows.indices where !rows[index].row.isReference {
        let mean = rows[index].entries[dataset][measure].summary?.mean
        rows[index].entries[dataset][measure].isBest = best != nil && mean == best
      }
    }
  }
  return rows
}

private func requireOneOrigin(_ cells: [EvaluatedCell], _ run: ReportRun) throws(ReportError) {
  guard let first = cells.first else { return }
  for cell in cells {
    try requireEqual(.profile, first, cell) { $0.profile }
    try requireEqual(.formatVersion, first, cell) { "\($0.formatVersion)" }
    try requireEqual(.resultsVersion, first, cell) { "\($0.resultsVersion)" }
    try requireEqual(.qubits, first, cell) { "\($0.qubits)" }
  }
  guard first.profile == run.profile else {
    throw .wrongProfile(path: first.path, found: first.profile, expected: run.profile)
  }
}

private func requireOneEntry(_ cells: [EvaluatedCell]) throws(ReportError) {
  for (first, second) in zip(cells, cells.dropFirst()) {
    if first.seed == second.seed { throw .twice(place: second.place, first: first.path, second: second.path) }
    try requireEqual(.settings, first, second) { $0.settingsDigest }
  }
}

private func requireEqual(
  _ field: ReportError.Field, _ first: EvaluatedCell, _ second: EvaluatedCell, _ value: (EvaluatedCell) -> String
) throws(ReportError) {
  let (expected, found) = (value(first), value(second))
  guard expected == found else {
    throw .mixed(field, first: first.path, firstValue: expected, second: second.path, secondValue: found)
  }
}
