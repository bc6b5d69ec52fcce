import Artifacts
import Configuration
public import Metrics
public import Reporting
import Statistics

/// A run of a row on a dataset: an evaluation with its file.
public struct EvidenceRun: Sendable {
  /// The seed.
  public let seed: UInt64
  /// The test split.
  public let test: SplitEvaluation
  /// The file.
  public let path: String
  /// Its digest.
  public let contentSHA256: String
  /// The digest of the teacher it was distilled from; nil from scratch.
  let teacher: String?
  /// The influences of the test images on each metric that has any; every formula needs them.
  let influences: [Metric: [Double]]

  /// A run from its parts.
  public init(seed: UInt64, test: SplitEvaluation, path: String, contentSHA256: String, teacher: String? = nil) {
    self.teacher = teacher
    self.seed = seed
    self.test = test
    self.path = path
    self.contentSHA256 = contentSHA256
    influences = Dictionary(
      uniqueKeysWithValues: Metric.allCases.compactMap { metric in
        Metrics.influences(of: test, metric).map { (metric, $0) }
      })
  }
}

/// The results that claims are judged by.
public struct Evidence: Sendable {
  /// Where a run belongs.
  struct Place: Hashable {
    let row: RowName
    let dataset: String
  }

  private var runs: [Place: [EvidenceRun]] = [:]
  /// Why runs that are there do not count, by place.
  private var refusals: [Place: String] = [:]

  /// No results.
  public init() {}

  /// Adds an evaluation, unless it is not of the model that claims of that name are about.
  /// - Parameter allowed: the settings in which its variant may differ from the paper's tables.
  public mutating func add(_ cell: TableCell, contentSHA256: String, allowed: [String]) {
    let row = RowName(cell)
    let place = Place(row: row, dataset: cell.header.dataset)
    if let deviation = cell.deviations.first(where: { !allowed.contains($0.key) }) {
      refusals[place] = "not the paper's: \(deviation.description)"
      return
    }
    if !cell.header.isComparable, cell.header.profile == .paper {
      refusals[place] = "its data are not comparable to the paper's"
      return
    }
    add(
      EvidenceRun(
        seed: cell.header.seed, test: cell.test, path: cell.path, contentSHA256: contentSHA256, teacher: cell.teacher),
      of: row, on: cell.header.dataset)
  }

  /// Adds a run of a row on a dataset.
  mutating func add(_ run: EvidenceRun, of row: RowName, on dataset: String) {
    let place = Place(row: row, dataset: dataset)
    runs[place, default: []].append(run)
    runs[place]?.sort { $0.seed < $1.seed }
  }

  /// The runs of a row on a dataset, by ascending seed.
  public func runs(of row: RowName, on dataset: String) -> [EvidenceRun] {
    runs[Place(row: row, dataset: dataset)] ?? []
  }

  /// Why runs that are there were not taken; nil where there is no such reason.
  func refusal(of row: RowName, on dataset: String) -> String? { refusals[Place(row: row, dataset: dataset)] }

  /// The seeds that all of some rows have on a dataset: the pairs of a comparison.
  func sharedSeeds(of rows: [RowName], on dataset: String) -> [UInt64] {
    guard let first = rows.first(where: { !$0.hasNoSeed }) ?? rows.first else { return [] }
    return runs(of: first, on: dataset).map(\.seed).filter { seed in
      rows.allSatisfy { row in row.hasNoSeed || runs(of: row, on: dataset).contains { $0.seed == seed } }
    }
  }
}

/// The shared runs of some rows on some datasets, ready for a formula: the seeds that all rows have.
struct PairedRuns {
  /// On each dataset: its seeds, and for every row its runs in their order.
  struct OnDataset {
    let dataset: String
    let seeds: [UInt64]
    let runs: [RowName: [EvidenceRun]]

    /// Seeds whose runs have their teachers in common, in rows of which at least one is distilled; nil of a single teacher.
    func groups(of rows: [RowName]) -> RunGroups? {
      RunGroups(
        seeds.indices.map { index in
          let teachers = Set(
            rows.compactMap { runs[$0].flatMap { $0.indices.contains(index) ? $0[index].teacher : nil } })
          return teachers.isEmpty ? nil : teachers.sorted()
        })
    }
  }

  let datasets: [OnDataset]

  init(_ evidence: Evidence, cells: Set<Cell>) {
    let names = Set(cells.map(\.dataset)).sorted()
    datasets = names.map { dataset in
      let rows = Set(cells.filter { $0.dataset == dataset }.map(\.row)).sorted { $0.description < $1.description }
      let seeds = evidence.sharedSeeds(of: rows, on: dataset)
      let runs = Dictionary(
        uniqueKeysWithValues: rows.map { row in
          let runs = evidence.runs(of: row, on: dataset)
          // A floor is the same with any seed.
          return (row, row.hasNoSeed ? seeds.flatMap { _ in runs.prefix(1) } : runs.filter { seeds.contains($0.seed) })
        })
      return OnDataset(dataset: dataset, seeds: seeds, runs: runs)
    }
  }

  /// The mean of a cell over the shared seeds; nil without any.
  func mean(of cell: Cell) -> Double? {
    guard let here = datasets.first(where: { $0.dataset == cell.dataset }), let runs = here.runs[cell.row],
      !runs.isEmpty
    else { return nil }
    return Statistics.mean(runs.map { $0.test[cell.metric] })
  }

  /// The uncertainty of a linear combination of the cells: on each dataset the combination is formed seed by seed and image by
  /// image, so that what runs of one seed, or measures of one image, have in common cancels where they are subtracted.
  /// - Returns: nil where no uncertainty can be given: a measure without a variance, other test images in one row than in
  ///   another.
  func uncertainty(of gradient: [Cell: Double]) -> RunUncertainty? {
    var parts: [RunUncertainty.Part] = []
    for here in datasets {
      let cells = gradient.filter { $0.key.dataset == here.dataset && $0.value != 0 }
        .sorted { ($0.key.row.description, $0.key.metric.rawValue) < ($1.key.row.description, $1.key.metric.rawValue) }
      guard !cells.isEmpty else { continue }
      guard let labels = cells.first.flatMap({ here.runs[$0.key.row]?.first?.test.labels }) else { return nil }
      var values = [Double](repeating: 0, count: here.seeds.count)
      var combined = [[Double]](
        repeating: [Double](repeating: 0, count: labels.count), count: here.seeds.count)
      for (cell, slope) in cells {
        for (index, run) in (here.runs[cell.row] ?? []).enumerated() {
          guard run.test.labels == labels, let found = run.influences[cell.metric] else { return nil }
          values[index] += slope * run.test[cell.metric]
          for image in labels.indices { combined[index][image] += slope * found[image] }
        }
      }
      parts +=
        MultipleRuns(
          values, covariance: errorCovariance(combined), groups: here.groups(of: cells.map(\.key.row))
        ).uncertainty.parts
    }
    return RunUncertainty(parts)
  }

  /// The files, sorted by path, each once.
  var files: [EvidenceRun] {
    var byPath: [String: EvidenceRun] = [:]
    for here in datasets { for run in here.runs.values.joined() { byPath[run.path] = run } }
    return byPath.values.sorted { $0.path < $1.path }
  }
}
