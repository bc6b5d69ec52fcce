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
      switch self {
      case .full:
        let layout = TableLayout.table1()
        return try ResultTable(
          layout: layout, datasets: PaperResults.datasets, run: ExampleCells().run(seeds: [1, 2, 3]),
          cells: ExampleCells().cells(layout, PaperResults.datasets, seeds: [1, 2, 3]))
      case .partial:
        let layout = TableLayout.table1(resolutions: [28])
        let seeds: [UInt64] = [1, 2, 3]
        var cells = ExampleCells().cells(layout, ["breastmnist"], seeds: [1, 3])
        cells += ExampleCells(source: .unofficial).cells(layout, ["retinamnist"], seeds: seeds)
        cells.removeAll { $0.model == "vit" && $0.dataset == "breastmnist" }
        for index in cells.indices where cells[index].dataset == "retinamnist" && cells[index].model == "qvit" {
          cells[index].auc = .nan
          cells[index].aucUndefined = [UndefinedAUC(classIndex: 4, reason: .absent)]
          cells[index].aucInterval = nil
        }
        return try ResultTable(
          layout: layout, datasets: ["breastmnist", "retinamnist"], run: ExampleCells().run(seeds: seeds), cells: cells)
      case .distilled:
        let layout = TableLayout.table2()
        let datasets = ["pneumoniamnist", "oasis"]
        var cells = ExampleCells().cells(layout, datasets, seeds: [1, 2])
        for index in cells.indices where cells[index].regime == "teacher" && cells[index].dataset == "oasis" {
          cells[index].remarks = ["trained from random weights"]
          cells[index].isComparable = false
        }
        return try ResultTable(
          layout: layout, datasets: datasets, run: ExampleCells().run(seeds: [1, 2]), cells: cells)
      case .sample:
        let example = ExampleCells(profile: "sample", source: .generated)
        let layout = TableLayout.table1(models: ["qvit"])
        let datasets = ["breastmnist", "my_data"]
        return try ResultTable(
          layout: layout, datasets: datasets, run: example.run(seeds: [7]),
          cells: example.cells(layout, datasets, seeds: [7]))
      }
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
