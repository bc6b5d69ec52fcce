import Artifacts
import Configuration
import FoundationEssentials
import Testing
import _TestSupport

@testable import Reporting

@Suite struct PaperResultsTests {
  private struct Printed: Decodable {
    struct Entry: Decodable {
      let auc: Double
      let acc: Double
    }
    let table1: [String: [String: Entry]]
    let table2: [String: [String: Entry]]
  }

  @Test func equalTheTranscription() throws {
    let printed = try JSONDecoder().decode(Printed.self, from: Data(Fixtures.bytes("golden/paper-results.json")))
    #expect(printed.table1.count == 4 && printed.table2.count == 5)
    for (row, entries) in printed.table1.merging(printed.table2, uniquingKeysWith: { first, _ in first }) {
      #expect(Set(entries.keys) == Set(PaperResults.datasets))
      for (dataset, entry) in entries {
        let found = PaperResults.entry(row: row, dataset: dataset)
        #expect(found?.auc == entry.auc && found?.accuracy == entry.acc, "\(row) on \(dataset)")
      }
    }
  }

  @Test func everyRowOfTheTablesIsInThePaper() {
    for row in ExampleRows.table1() + ExampleRows.table2() {
      for dataset in PaperResults.datasets {
        #expect(PaperResults.entry(row: row.label, dataset: dataset) != nil, "\(row.label) on \(dataset)")
      }
    }
    for (table, rows) in [(1, ExampleRows.table1()), (2, ExampleRows.table2())] {
      for row in rows {
        for dataset in PaperResults.datasets {
          #expect(
            PaperResults.entry(table: table, model: row.model, resolution: row.resolution, dataset: dataset)
              == PaperResults.entry(row: row.label, dataset: dataset), "\(row.label)")
        }
      }
    }
    #expect(
      PaperResults.entry(
        table: 2, model: ExampleRows.student(.vit, .scratch, 28).model, resolution: 28, dataset: "oasis") == nil)
    #expect(PaperResults.entry(row: "QViT_28", dataset: "mydata") == nil)
    #expect(PaperResults.entry(row: "QViT-KD_224", dataset: "oasis") == PaperResults.Entry(auc: 0.763, accuracy: 0.656))
  }

  /// Accuracies that are whole numbers of test images: single runs, as the notes below the tables say.
  @Test(arguments: [("breastmnist", 156.0), ("retinamnist", 400), ("pneumoniamnist", 624)])
  func accuraciesAreWholeNumbersOfImages(dataset: String, images: Double) {
    for row in ExampleRows.table1() + ExampleRows.table2() {
      let accuracy = PaperResults.entry(row: row.label, dataset: dataset)?.accuracy ?? .nan
      #expect(abs((accuracy * images).rounded() / images - accuracy) <= 0.0005 + 1e-12, "\(row.label)")
    }
  }
}
