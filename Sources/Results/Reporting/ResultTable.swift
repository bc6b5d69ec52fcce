import Artifacts
public import Configuration
import Datasets
public import Metrics
public import Statistics

/// One metric of one row on one dataset.
public struct TableEntry: Sendable, Equatable {
  /// The seeds that are there, ascending.
  public var seeds: [UInt64]
  /// Their values in the same order.
  public var values: [Double]
  /// Mean and spread; nil if the entry is missing.
  public var summary: SeedSummary?
  /// The 95% interval of the mean for other seeds and other test images (`interval(of:_:)`).
  public var interval: Interval?
  /// Where one more run would lie; nil with fewer than two seeds.
  public var prediction: RunPrediction?
  /// Whether no competing row of the column has a higher mean.
  public var isBest = false
  /// The paper's value; nil also beside a model that is not the paper's.
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
  public var row: PlannedTable.Row
  /// The cells of each dataset, by ascending seed.
  public var cells: [[TableCell]]
  /// The entries `[column][metric]`, metrics as in `Metric.allCases`: a column for each dataset, and the average over them where
  /// there are several.
  public var entries: [[TableEntry]]
  /// The smallest and largest number of parameters over the datasets; nil without any entry.
  public var parameterCounts: ClosedRange<Int>?
  /// In what its models are not the paper's.
  public var deviations: [PaperSettings.Deviation]
}

/// A table with our results: a pure model that every format renders.
public struct ResultTable: Sendable, Equatable {
  /// The phrase every sample table carries.
  public static let sampleWarning = "sample data, not comparable to the paper"

  /// Which table: its rows, datasets, seeds.
  public let plan: PlannedTable
  /// The version of the software.
  public let softwareVersion: String
  /// The rows from the top.
  public let rows: [ResultRow]
  /// Whether the table shows generated data; then nothing in it is comparable to the paper.
  public let isSample: Bool

  /// The evaluations, in the order of rows, datasets and seeds.
  public var cells: [TableCell] { rows.flatMap { $0.cells.flatMap(\.self) } }

  /// Arranges evaluations.
  /// - Throws: `ReportError` if two evaluations do not go together or one has no place in the table.
  public init(_ plan: PlannedTable, softwareVersion: String, cells: [TableCell]) throws(ReportError) {
    try requireOneOrigin(cells, plan)
    try requireOneDescent(cells)
    let isSample = plan.profile == .sample || cells.contains { $0.origin == .generated }
    var placed: Set<String> = []
    var rows: [ResultRow] = []
    for row in plan.rows {
      var columns: [[TableCell]] = []
      for dataset in plan.datasets {
        let here = cells.filter {
          row.shows($0, seeds: plan.seeds(of: row, dataset: dataset)) && $0.header.dataset == dataset
        }
        .sorted { $0.header.seed < $1.header.seed }
        try requireOneEntry(here, row)
        placed.formUnion(here.map(\.path))
        columns.append(here)
      }
      rows.append(ResultRow(row, columns, plan, isSample: isSample))
    }
    if let stray = cells.first(where: { !placed.contains($0.path) }) {
      throw .noPlace(path: stray.path, place: stray.place)
    }
    self.plan = plan
    self.softwareVersion = softwareVersion
    self.isSample = isSample
    self.rows = markingBest(rows)
  }
}

extension PlannedTable.Row {
  /// Whether an evaluation belongs into this row.
  fileprivate func shows(_ cell: TableCell, seeds: [UInt64]) -> Bool {
    cell.model == model && seeds.contains(cell.header.seed)
      // A teacher's row is that of its input, whatever images were enlarged for it.
      && (model.regime == .teacher || cell.header.resolution == resolution)
  }
}

extension TableCell {
  fileprivate var place: String {
    "\(model.variant) (\(model.regime.rawValue)) at \(header.resolution) pixels on \(Catalogue.title(of: header.dataset)), "
      + "seed \(header.seed)"
  }
}

extension ResultRow {
  fileprivate init(_ row: PlannedTable.Row, _ cells: [[TableCell]], _ plan: PlannedTable, isSample: Bool) {
    self.row = row
    self.cells = cells
    let all = cells.flatMap(\.self)
    var deviations: [PaperSettings.Deviation] = []
    for deviation in all.flatMap(\.deviations) where !deviations.contains(deviation) { deviations.append(deviation) }
    self.deviations = deviations
    let isPapers = row.isPapers && deviations.isEmpty
    entries = zip(plan.datasets, cells).map { dataset, here in
      Metric.allCases.map {
        TableEntry($0, row, dataset, here, plan, isPapers: isPapers, isSample: isSample)
      }
    }
    if cells.count > 1 {
      entries.append(Metric.allCases.indices.map { TableEntry(average: $0, entries, cells) })
    }
    let counts = all.map(\.evaluation.parameterCount).filter { $0 > 0 }
    parameterCounts = counts.min().flatMap { low in counts.max().map { low...$0 } }
  }

  /// Whether its models bear the paper's name and are not the paper's.
  public var differsFromPaper: Bool { !deviations.isEmpty }
}

extension TableEntry {
  fileprivate init(
    _ metric: Metric, _ row: PlannedTable.Row, _ dataset: String, _ cells: [TableCell], _ plan: PlannedTable,
    isPapers: Bool, isSample: Bool
  ) {
    seeds = cells.map(\.header.seed)
    values = cells.map { $0.test[metric] }
    summary = cells.isEmpty ? nil : SeedSummary(values)
    let runs = cells.map(\.test)
    let groups = RunGroups(ofTeachersOf: cells)
    interval = Metrics.interval(of: runs, metric, groups: groups)
    prediction = RunPrediction(runs, metric, groups: groups)
    if isPapers, let table = plan.paperTable {
      paper = PaperResults.entry(table: table, model: row.model, resolution: row.resolution, dataset: dataset)?[metric]
    }
    let isComparable = !isSample && cells.allSatisfy(\.header.isComparable)
    if let paper, let mean = summary?.mean, mean.isFinite, isComparable { difference = mean - paper }
    notes = []
    if metric == .auc {
      for cell in cells where cell.test[.auc].isNaN {
        let reasons = cell.test.undefinedAUC.map(\.description).joined(separator: ", ")
        let note = "no AUC, because in the test split \(reasons)"
        if !notes.contains(note) { notes.append(note) }
      }
    }
    if let note = differenceOfTeachers(cells, of: plan.teacherSeeds) { notes.append(note) }
    let wanted = plan.seeds(of: row, dataset: dataset)
    let missing = wanted.filter { !seeds.contains($0) }
    if !missing.isEmpty {
      missingCommand = plan.commandMaking(row, dataset: dataset, seeds: missing)
      if !cells.isEmpty { notes.append("\(cells.count) of \(wanted.count) seeds") }
    }
  }
}

extension TableEntry {
  /// The average over the datasets of one metric; without a value where one of them has none.
  fileprivate init(average metric: Int, _ entries: [[TableEntry]], _ cells: [[TableCell]]) {
    seeds = []
    values = []
    notes = []
    let means = entries.compactMap { $0[metric].summary?.mean }
    guard means.count == entries.count else { return }
    summary = SeedSummary([mean(means)])
    interval = Metrics.interval(
      ofAverageOver: cells.map { $0.map(\.test) }, Metric.allCases[metric],
      groups: cells.map(RunGroups.init(ofTeachersOf:)))
    func average(_ value: (TableEntry) -> Double?) -> Double? {
      let values = entries.compactMap { value($0[metric]) }
      return values.count == entries.count ? mean(values) : nil
    }
    paper = average(\.paper)
    difference = average(\.difference)
  }
}

extension PlannedTable {
  /// The command that makes the evaluations of one entry; how scores from elsewhere are brought in, make does not know.
  func commandMaking(_ row: Row, dataset: String, seeds: [UInt64]) -> String {
    let tree = ArtifactTree(root: root)
    let paths = seeds.map {
      tree.evaluation(row.model, dataset: dataset, resolution: row.resolution, seed: $0)
    }
    guard row.model.regime != .external else {
      return "evaluate --scores FILE.csv --name \(row.model.variant) "
        + "--data \(tree.dataset(dataset, resolution: row.resolution)) --output \(paths.joined(separator: " "))"
    }
    return "\(command) \(paths.joined(separator: " "))"
  }
}

/// Marks the highest mean of each column, unrounded; all of equally high ones. Reference rows do not compete.
private func markingBest(_ rows: [ResultRow]) -> [ResultRow] {
  var rows = rows
  for dataset in 0..<(rows.first?.entries.count ?? 0) {
    for metric in Metric.allCases.indices {
      let means = rows.filter { !$0.row.isReference }.compactMap { $0.entries[dataset][metric].summary?.mean }
      let best = means.filter { !$0.isNaN }.max()
      for index in rows.indices where !rows[index].row.isReference {
        let mean = rows[index].entries[dataset][metric].summary?.mean
        rows[index].entries[dataset][metric].isBest =
          best.flatMap { best in mean.map { best - $0 < rounding } } ?? false
      }
    }
  }
  return rows
}

private func requireOneOrigin(_ cells: [TableCell], _ plan: PlannedTable) throws(ReportError) {
  guard let first = cells.first else { return }
  for cell in cells {
    guard cell.header.profile == plan.profile else {
      throw .wrongProfile(path: cell.path, found: cell.header.profile.rawValue, expected: plan.profile.rawValue)
    }
    guard cell.header.resultsVersion == first.header.resultsVersion else {
      throw .mixed(
        .resultsVersion, first: first.path, firstValue: "\(first.header.resultsVersion)", second: cell.path,
        secondValue: "\(cell.header.resultsVersion)")
    }
  }
}

private func requireOneEntry(_ cells: [TableCell], _ row: PlannedTable.Row) throws(ReportError) {
  for (first, second) in zip(cells, cells.dropFirst()) {
    if first.header.seed == second.header.seed {
      throw .twice(
        place: "\(row.label) on \(Catalogue.title(of: first.header.dataset)), seed \(first.header.seed)",
        first: first.path,
        second: second.path)
    }
    if let difference = second.configuration.differences(from: first.configuration).first {
      throw .mixed(
        .settings, first: first.path, firstValue: difference.there, second: second.path,
        secondValue: "\(difference.key) \(difference.here)")
    }
  }
}
