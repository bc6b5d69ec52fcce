import Artifacts
import Configuration
import Metrics

extension ResultTable {
  /// The line of the majority baseline: 0.500 and the largest class's share for each dataset of a block; nil without any.
  func baseline(block: Range<Int>) -> [String]? {
    let texts = block.flatMap { index in
      let cell = cells.first { $0.header.dataset == plan.datasets[index] }
      return Metric.allCases.map { metric in
        cell.map { threeDecimals(metric.baseline(majorityShare: $0.test.majorityBaseline)) } ?? ""
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
  static let datasetsPerBlock = 4

  /// The datasets' indices, block by block.
  var blocks: [Range<Int>] {
    stride(from: 0, to: plan.datasets.count, by: Self.datasetsPerBlock).map {
      $0..<min($0 + Self.datasetsPerBlock, plan.datasets.count)
    }
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
