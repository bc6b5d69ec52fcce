import Artifacts
import Configuration
import Datasets
import JSON
public import Statistics
public import Metrics
public import Reporting

/// Two runs side by side: entries of both, by row and dataset.
public struct ReportComparison: Sendable {
  /// Where the other run's artifacts are.
  public let root: String
  /// The entries that both have.
  public let lines: [Line]
  /// Settings that differ, each once.
  public let settings: [SettingLine]
  /// Entries that only one of the two has: row and dataset, and which.
  public let alone: [String]

  /// An entry of both runs, one metric.
  public struct Line: Sendable {
    /// Row and dataset.
    public let name: String
    /// The metric.
    public let metric: Metric
    /// Means of this and of the other run.
    public let here, there: Double
    /// The 95% interval of here minus there; nil where seeds are too few or the metric is undefined.
    public let interval: Interval?

    /// Whether the interval leaves out zero.
    public var differs: Bool { interval.map { $0.low > 0 || $0.high < 0 } ?? false }
  }

  /// A setting that differs.
  public struct SettingLine: Sendable, Hashable {
    /// Whose setting: row and dataset, or the run's.
    public let place: String
    /// The key.
    public let key: String
    /// Both values.
    public let here, there: String
  }
}

extension ReportComparison {
  /// Sets tables beside the same tables of another run.
  public init(_ tables: [ResultTable], with others: [ResultTable], root: String) {
    var (lines, settings, alone): ([Line], [SettingLine], [String]) = ([], [], [])
    for (table, other) in zip(tables, others) {
      for row in table.rows {
        let twin = other.rows.first { $0.row.model == row.row.model && $0.row.resolution == row.row.resolution }
        for (column, dataset) in table.plan.datasets.enumerated() {
          let name = "\(row.row.label) on \(Catalogue.title(of: dataset))"
          let place = other.plan.datasets.firstIndex(of: dataset)
          let there = twin.flatMap { twin in place.map { twin.cells[$0] } } ?? []
          let here = row.cells[column]
          guard let first = here.first, let second = there.first else {
            if !here.isEmpty || !there.isEmpty { alone.append("\(name): only \(here.isEmpty ? "there" : "here")") }
            continue
          }
          lines += Metric.allCases.map { Line(name, $0, here, there) }
          for line in Self.settings(of: first, second, name) where !settings.contains(line) { settings.append(line) }
        }
      }
    }
    self.init(root: root, lines: lines, settings: settings, alone: alone)
  }

  private static func settings(of here: TableCell, _ there: TableCell, _ name: String) -> [SettingLine] {
    let headers = [
      ("profile", here.header.profile.rawValue, there.header.profile.rawValue),
      ("software", here.header.software, there.header.software),
      ("results version", "\(here.header.resultsVersion)", "\(there.header.resultsVersion)"),
    ].filter { $0.1 != $0.2 }.map { SettingLine(place: "the run", key: $0.0, here: $0.1, there: $0.2) }
    let place = "\(here.model.variant) \(here.model.regime.rawValue)"
    return headers
      + here.configuration.differences(from: there.configuration).map {
        SettingLine(place: place, key: $0.key, here: $0.here, there: $0.there)
      }
  }
}

extension ReportComparison.Line {
  fileprivate init(_ name: String, _ metric: Metric, _ here: [TableCell], _ there: [TableCell]) {
    func mean(_ cells: [TableCell]) -> Double { SeedSummary(cells.map { $0.test[metric] }).mean }
    let pairs = here.compactMap { cell in
      there.first { $0.header.seed == cell.header.seed && $0.test.labels == cell.test.labels }.map {
        (cell.test, $0.test)
      }
    }
    self.init(
      name: name, metric: metric, here: mean(here), there: mean(there),
      interval: pairs.count == here.count && pairs.count == there.count
        ? Self.interval(ofPairs: pairs, metric, groups: RunGroups(ofTeachersOf: here))
        : Self.interval(here, there, metric))
  }

  /// The 95% interval of the mean difference of runs with the same seeds on the same images, for other seeds and other images:
  /// that of several runs whose measure is the difference, and whose errors are those of the difference.
  /// - Parameter groups: of the pairs, by the teachers of the runs here.
  private static func interval(
    ofPairs pairs: [(SplitEvaluation, SplitEvaluation)], _ metric: Metric, groups: RunGroups?
  ) -> Interval? {
    let errors = pairs.compactMap { here, there -> [Double]? in
      guard let first = influences(of: here, metric), let second = influences(of: there, metric) else { return nil }
      return zip(first, second).map { $0 - $1 }
    }
    guard pairs.count > 1, errors.count == pairs.count else { return nil }
    return MultipleRuns(pairs.map { $0[metric] - $1[metric] }, covariance: errorCovariance(errors), groups: groups)
      .interval()
  }

  /// The same of runs that have nothing in common: variances add up.
  private static func interval(_ here: [TableCell], _ there: [TableCell], _ metric: Metric) -> Interval? {
    func analysis(_ cells: [TableCell]) -> MultipleRuns? {
      MultipleRuns(cells.map(\.test), metric, groups: RunGroups(ofTeachersOf: cells))
    }
    guard here.count > 1, there.count > 1, let first = analysis(here), let second = analysis(there) else { return nil }
    return RunUncertainty(first.uncertainty.parts + second.uncertainty.parts)
      .interval(around: first.mean - second.mean)
  }
}
