import Artifacts
import Configuration
import Metrics
import Testing
import _TestSupport

@testable import Reporting

/// Every format of three tables as committed text. Recorded anew with `QVIT_RECORD_SNAPSHOTS=1 swift test`.
@Suite struct SnapshotTests {
  enum Example: String, CaseIterable {
    /// All eight datasets of Table 1, three seeds.
    case full
    /// Two datasets: entries and seeds missing, an undefined AUC, unofficial data.
    case partial
    /// Table 2 with its teacher.
    case distilled
    /// Generated data, one seed, a dataset of the user's own.
    case sample

    func table() throws -> ResultTable {
      let example = self == .sample ? ExampleCells(profile: .sample, origin: .generated) : ExampleCells()
      let (plan, cells): (PlannedTable, [TableCell])
      switch self {
      case .full:
        let (rows, seeds) = (ExampleRows.table1(), [1, 2, 3] as [UInt64])
        plan = example.plan(rows, PaperResults.datasets, seeds: seeds)
        cells = try example.cells(rows, PaperResults.datasets, seeds: seeds)
      case .partial:
        let (rows, seeds) = (ExampleRows.table1(resolutions: [28]), [1, 2, 3] as [UInt64])
        let (vit, qvit) = (rows[0], rows[1])
        let unofficial = ExampleCells(origin: .unofficial)
        plan = example.plan(rows, ["breastmnist", "retinamnist"], seeds: seeds)
        // No image of the last class: no AUC.
        let labels = (0..<100).map { $0 % 4 }
        cells =
          try [1, 3].map { try example.cell(qvit, "breastmnist", seed: $0) }
          + unofficial.cells([vit], ["retinamnist"], seeds: seeds)
          + seeds.map { try unofficial.cell(qvit, "retinamnist", seed: $0, labels: labels) }
      case .distilled:
        let (rows, datasets) = (ExampleRows.table2(), ["pneumoniamnist", "oasis"])
        plan = example.plan(rows, datasets, seeds: [1, 2], paperTable: 2)
        cells = try example.cells(rows, datasets, seeds: [1, 2]).map { cell in
          guard cell.model.regime == .teacher, cell.header.dataset == "oasis" else { return cell }
          var evaluation = cell.evaluation
          evaluation.header.configuration.replace(#""start":"pretrained""#, with: #""start":"random""#)
          evaluation.header.isComparable = false
          return try TableCell(evaluation, path: cell.path)
        }
      case .sample:
        let (rows, datasets) = (ExampleRows.table1(kinds: [.qvit]), ["breastmnist", "my_data"])
        plan = example.plan(rows, datasets, seeds: [7])
        cells = try example.cells(rows, datasets, seeds: [7])
      }
      return try ResultTable(plan, softwareVersion: "0.1.0", cells: cells)
    }
  }

  @Test(arguments: Example.allCases) func markdown(example: Example) throws {
    #expect(try snapshotDifference(example.table().markdown(), "reporting/\(example).md") == nil)
  }

  @Test(arguments: Example.allCases) func csv(example: Example) throws {
    #expect(try snapshotDifference(example.table().csv(), "reporting/\(example).csv") == nil)
  }

  @Test(arguments: Example.allCases) func latex(example: Example) throws {
    #expect(try snapshotDifference(example.table().latex(), "reporting/\(example).tex") == nil)
  }

  @Test(arguments: Example.allCases) func terminal(example: Example) throws {
    let text = try example.table().terminal(styled: false)
    #expect(try snapshotDifference(text, "reporting/\(example).txt") == nil)
    let table = text.split(separator: "\n").filter { !$0.contains("artifacts/") }
    #expect(table.allSatisfy { $0.count <= 120 })
  }

  @Test func everyFormatOfSampleDataSaysSo() throws {
    let table = try Example.sample.table()
    for text in [table.markdown(), table.csv(), table.latex(), table.terminal(styled: true)] {
      #expect(text.contains("sample data, not comparable to the paper"))
    }
    #expect(table.rows.allSatisfy { $0.entries.joined().allSatisfy { $0.difference == nil } })
    #expect(table.csv().split(separator: "\n").dropFirst().allSatisfy { $0.contains(ResultTable.sampleWarning) })
  }
}
