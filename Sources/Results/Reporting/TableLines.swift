import Artifacts
import Configuration
import Metrics
import Statistics

extension ResultTable {
  /// The line of the majority baseline: 0.500 and the largest class's share for each dataset of a block; nil without any.
  public func baseline(block: Range<Int>) -> [String]? {
    let baselines = plan.datasets.map { dataset in
      let cell = cells.first { $0.header.dataset == dataset }
      return Metric.allCases.map { metric in
        cell.map { metric.baseline(majorityShare: $0.test.majorityBaseline) }
      }
    }
    let texts = block.flatMap { column in
      Metric.allCases.indices.map { metric in
        let values = column < baselines.count ? [baselines[column][metric]] : baselines.map { $0[metric] }
        let known = values.compactMap(\.self)
        return known.count == values.count ? threeDecimals(mean(known)) : ""
      }
    }
    return texts.contains { !$0.isEmpty } ? ["largest class"] + texts : nil
  }
}

/// The lines that a row of the table is printed as.
enum LineKind: CaseIterable {
  case result
  case interval
  case paper
  case difference
}

extension ResultTable {
  /// At most so many datasets stand side by side; more are continued below.
  public static let datasetsPerBlock = 4

  /// The columns' indices, block by block; the average over several datasets is the last column, in a block of its own.
  /// - Parameter perBlock: how many datasets stand side by side at most.
  public func blocks(of perBlock: Int = datasetsPerBlock) -> [Range<Int>] {
    let count = plan.datasets.count
    let ofDatasets = stride(from: 0, to: count, by: perBlock).map { $0..<min($0 + perBlock, count) }
    return count > 1 ? ofDatasets + [count..<count + 1] : ofDatasets
  }

  /// The lines of a row in a block that have anything to say.
  func lines(of row: ResultRow, block: Range<Int>) -> [LineKind] {
    let entries = row.entries[block].joined()
    return LineKind.allCases.filter { kind in
      switch kind {
      case .result: true
      case .interval: entries.contains { $0.interval != nil }
      case .paper: entries.contains { $0.paper != nil }
      case .difference: entries.contains { $0.difference != nil }
      }
    }
  }

  /// The name of a line; the first bears the row's.
  func name(of kind: LineKind, row: ResultRow) -> String {
    switch kind {
    case .result: row.row.label + (row.differsFromPaper && plan.paperTable != nil ? " *" : "")
    case .interval: "95% interval"
    case .paper: isSample ? "paper (real)" : "paper"
    case .difference: "difference"
    }
  }

  /// The text of a line below the first; empty where there is nothing.
  func text(of kind: LineKind, _ entry: TableEntry) -> String {
    switch kind {
    case .result: entry.summary.map { threeDecimals($0.mean) } ?? "—"
    case .interval:
      entry.interval.map { $0.low.isNaN ? "" : "\(threeDecimals($0.low))–\(threeDecimals($0.high))" } ?? ""
    case .paper: entry.paper.map(threeDecimals) ?? ""
    case .difference: entry.difference.map(signedThreeDecimals) ?? ""
    }
  }
}
