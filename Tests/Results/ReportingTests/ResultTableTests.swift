import Failures
import Metrics
import Testing

@testable import Reporting

@Suite struct ResultTableTests {
  private let example = ExampleCells()
  private let layout = TableLayout.table1(resolutions: [28])

  private func cell(_ model: String, seed: UInt64, auc: Double = 0.75, accuracy: Double = 0.5) -> EvaluatedCell {
    var cell = example.cell(
      TableRow(model: model, regime: "scratch", resolution: 28), "breastmnist", seed: seed)
    cell.auc = auc
    cell.accuracy = accuracy
    return cell
  }

  private func table(
    _ cells: [EvaluatedCell], seeds: [UInt64] = [1, 2], profile: String = "paper"
  ) throws(ReportError) -> ResultTable {
    let run = ReportRun(profile: profile, softwareVersion: "0.1.0", seeds: seeds, root: "artifacts/\(profile)")
    return try ResultTable(layout: layout, datasets: ["breastmnist"], run: run, cells: cells)
  }

  @Test func summarisesOverSeeds() throws {
    let entry = try table([cell("vit", seed: 2, auc: 0.8), cell("vit", seed: 1, auc: 0.7)]).rows[0].entries[0][0]
    #expect(entry.seeds == [1, 2] && entry.values == [0.7, 0.8])
    #expect(entry.summary == SeedSummary([0.7, 0.8]))
    #expect(entry.interval == entry.summary?.interval)
    #expect(entry.paper == 0.733)
    #expect(entry.difference == 0.75 - 0.733)
    #expect(entry.missingCommand == nil && entry.notes.isEmpty)
  }

  @Test func aSingleSeedHasItsBootstrapInterval() throws {
    let entry = try table([cell("vit", seed: 1)], seeds: [1]).rows[0].entries[0][0]
    #expect(entry.interval == cell("vit", seed: 1).aucInterval)
    #expect(entry.summary?.standardDeviation == nil)
  }

  @Test func theBestIsFoundBeforeRounding() throws {
    let table = try table(
      [cell("vit", seed: 1, auc: 0.75001), cell("qvit", seed: 1, auc: 0.75002)], seeds: [1])
    #expect(table.rows.map { $0.entries[0][0].isBest } == [false, true])
    #expect(table.markdown().contains("**0.750**"))
  }

  @Test func allOfEquallyGoodRowsAreMarked() throws {
    let table = try table([cell("vit", seed: 1), cell("qvit", seed: 1)], seeds: [1])
    #expect(table.rows.allSatisfy { $0.entries[0].allSatisfy(\.isBest) })
    #expect(table.markdown().split(separator: "**0.750**").count == 3)
    #expect(table.latex().split(separator: "\\textbf{0.750}").count == 3)
    #expect(table.terminal(styled: false).split(separator: "*0.750").count == 3)
    #expect(table.terminal(styled: true).split(separator: "\u{1B}[1m       0.750\u{1B}[0m").count == 3)
  }

  @Test func theTeacherDoesNotCompete() throws {
    let layout = TableLayout.table2(models: ["vit"], resolutions: [28])
    var cells = example.cells(layout, ["breastmnist"], seeds: [1])
    for index in cells.indices { cells[index].auc = cells[index].regime == "teacher" ? 0.9 : 0.6 }
    let table = try ResultTable(
      layout: layout, datasets: ["breastmnist"], run: example.run(seeds: [1, 2, 3]), cells: cells)
    #expect(table.rows.map { $0.entries[0][0].isBest } == [true, false])
    #expect(table.rows[1].entries[0][0].missingCommand == nil)
    #expect(table.rows[1].row.label == "TinyViT")
  }

  @Test func missingEntriesNameTheirCommand() throws {
    let table = try table([cell("vit", seed: 2)])
    let command = "make PROFILE=paper artifacts/paper/evaluations/vit-scratch/breastmnist-28-s1.h5"
    #expect(table.rows[0].entries[0][0].missingCommand == command)
    #expect(table.rows[0].entries[0][1].notes == ["1 of 2 seeds"])
    #expect(table.rows[1].entries[0][0].summary == nil)
    #expect(table.markdown().contains("- ViT_28 on BreastMNIST: `\(command)`\n"))
    #expect(table.csv().contains(command))
    #expect(table.terminal(styled: false).contains(command))
    #expect(table.latex().contains("qvit-scratch/\\allowbreak breastmnist-28-s1.h5"))
  }

  @Test(arguments: ["paper", "sample"]) func aTableWithoutAnyResultIsAllDashes(profile: String) throws {
    let table = try table([], profile: profile)
    #expect(table.markdown().split(separator: "—").count == 6)
    #expect(table.csv().split(separator: "\n").count == 5)
    #expect(table.isSample == (profile == "sample"))
  }

  @Test func anUndefinedValueIsShownWithItsReason() throws {
    var undefined = cell("vit", seed: 1, auc: .nan)
    undefined.aucUndefined = [UndefinedAUC(classIndex: 1, reason: .absent)]
    let table = try table([undefined, cell("vit", seed: 2), cell("qvit", seed: 1), cell("qvit", seed: 2)])
    #expect(table.rows.map { $0.entries[0][0].isBest } == [false, true])
    #expect(table.rows[0].entries[0][0].difference == nil)
    for text in [table.markdown(), table.latex(), table.terminal(styled: false)] {
      #expect(text.contains("n/a"))
      #expect(text.contains("class 1 has no image"))
      #expect(!text.contains("nan"))
    }
    #expect(table.csv().contains(",NaN,"))
  }

  @Test func generatedDataMakesTheWholeTableASample() throws {
    var generated = cell("qvit", seed: 1)
    generated.source = .generated
    let table = try table([cell("vit", seed: 1), generated], seeds: [1])
    #expect(table.isSample)
    #expect(table.markdown().contains(ResultTable.sampleWarning))
    #expect(table.rows.allSatisfy { $0.entries[0].allSatisfy { $0.difference == nil } })
  }

  // MARK: What cannot stand in one table

  @Test func refusesTwoResultsVersions() throws {
    var other = cell("qvit", seed: 1)
    other.resultsVersion = 2
    let error = ReportError.mixed(
      .resultsVersion, first: cell("vit", seed: 1).path, firstValue: "1", second: other.path, secondValue: "2")
    #expect(throws: error) { try table([cell("vit", seed: 1), other]) }
    #expect(
      error.description == "artifacts/paper/evaluations/qvit-scratch/breastmnist-28-s1.h5: results version 2, but "
        + "artifacts/paper/evaluations/vit-scratch/breastmnist-28-s1.h5 has 1; one table needs the same")
    #expect(error.kind == .badData)
  }

  @Test(arguments: [ReportError.Field.profile, .formatVersion, .qubits, .settings])
  func refusesOtherMixtures(field: ReportError.Field) throws {
    var other = cell("vit", seed: 2)
    switch field {
    case .profile: other.profile = "sample"
    case .formatVersion: other.formatVersion = 2
    case .qubits: other.qubits = 8
    default: other.settingsDigest = "0ther"
    }
    let error = #expect(throws: ReportError.self) { try table([cell("vit", seed: 1), other]) }
    guard case .mixed(field, _, _, _, _) = try #require(error) else {
      Issue.record("found \(String(describing: error))")
      return
    }
  }

  @Test func refusesWhatHasNoPlace() {
    #expect(throws: ReportError.self) { try table([cell("vit", seed: 9)]) }
    #expect(throws: ReportError.self) { try table([cell("tinyvit", seed: 1)]) }
    #expect(throws: ReportError.self) { try table([cell("vit", seed: 1)], profile: "sample") }
    var again = cell("vit", seed: 1)
    again.path = "elsewhere.h5"
    #expect(throws: ReportError.self) { try table([cell("vit", seed: 1), again]) }
  }
}
