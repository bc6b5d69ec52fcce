import Artifacts
import Configuration
import Datasets
import Failures
import Metrics
import Statistics
import Testing

@testable import Reporting

@Suite struct ResultTableTests {
  private let example = ExampleCells()
  private let vit = ExampleRows.student(.vit, .scratch, 28)
  private let qvit = ExampleRows.student(.qvit, .scratch, 28)

  private func table(
    _ cells: [TableCell], seeds: [UInt64] = [1, 2], rows: [PlannedTable.Row]? = nil, paperTable: Int? = 1
  ) throws -> ResultTable {
    try ResultTable(
      example.plan(rows ?? [vit, qvit], ["breastmnist"], seeds: seeds, paperTable: paperTable),
      softwareVersion: "0.1.0",
      cells: cells)
  }

  private func cell(
    _ row: PlannedTable.Row, seed: UInt64, signal: Double = 1.2, configuration: String? = nil,
    change: (inout EvaluationArtifact) -> Void = { _ in }
  ) throws -> TableCell {
    try example.cell(row, "breastmnist", seed: seed, signal: signal, configuration: configuration, change: change)
  }

  /// Both metrics, seed by seed, and their summary are those of the evaluations: nothing is exchanged on the way.
  @Test func everyNumberOfAnEntryIsTheEvaluations() throws {
    let cells = [try cell(vit, seed: 2, signal: 2), try cell(vit, seed: 1, signal: 0.3)]
    let row = try table(cells).rows[0]
    for (index, metric) in Metric.allCases.enumerated() {
      let entry = row.entries[0][index]
      let values = [cells[1].test[metric], cells[0].test[metric]]
      #expect(entry.seeds == [1, 2] && entry.values == values)
      #expect(entry.summary == SeedSummary(values))
      #expect(entry.interval == interval(of: [cells[1].test, cells[0].test], metric))
      #expect(entry.prediction == RunPrediction([cells[1].test, cells[0].test], metric))
      #expect(entry.paper == [0.733, 0.821][index])
      #expect(entry.difference == (values[0] + values[1]) / 2 - [0.733, 0.821][index])
      #expect(entry.missingCommand == nil && entry.notes.isEmpty)
    }
    #expect(cells[0].test[.auc] != cells[0].test[.accuracy])
  }

  @Test func aSingleSeedHasItsBootstrapInterval() throws {
    let cell = try cell(vit, seed: 1)
    let entries = try table([cell], seeds: [1]).rows[0].entries[0]
    for (entry, metric) in zip(entries, Metric.allCases) {
      #expect(entry.interval == cell.test.bootstrap[metric])
      let interval = try #require(entry.interval)
      #expect(interval.low <= cell.test[metric] && cell.test[metric] <= interval.high)
      #expect(entry.summary?.standardDeviation == nil)
    }
    #expect(entries[0].interval != entries[1].interval)
  }

  @Test func theBestIsTheHighestMean() throws {
    let table = try table([cell(vit, seed: 1, signal: 0.5), cell(qvit, seed: 1, signal: 3)], seeds: [1])
    #expect(table.rows.map { $0.entries[0].map(\.isBest) } == [[false, false], [true, true]])
  }

  /// Equal values in another order: their sums differ in the last bit, and the means are no less the same.
  @Test func theOrderOfASumDecidesNoTie() throws {
    let splits = try (1...7).map { try example.evaluation(vit, "breastmnist", seed: $0).splits }
    func rows(rotated turn: Int) throws -> [ResultRow] {
      try table(
        (0..<7).flatMap { index in
          [
            try cell(vit, seed: UInt64(index + 1)) { $0.splits = splits[index] },
            try cell(qvit, seed: UInt64(index + 1)) { $0.splits = splits[(index + turn) % 7] },
          ]
        }, seeds: Array(1...7)
      ).rows
    }
    func means(_ rows: [ResultRow]) -> [Double?] { rows.map { $0.entries[0][0].summary?.mean } }
    let found = try #require(try (1..<7).map(rows(rotated:)).first { Set(means($0)).count == 2 })
    #expect(found.map { $0.entries[0].map(\.isBest) } == [[true, true], [true, true]])
  }

  /// The average over datasets is that of the entries, with the paper's beside it; without one of them there is none.
  @Test func averagesAreOverAllDatasets() throws {
    let table = try SnapshotTests.Example.full.table()
    let row = table.rows[0]
    let count = table.plan.datasets.count
    #expect(row.entries.count == count + 1)
    for metric in Metric.allCases.indices {
      let average = row.entries[count][metric]
      let means = row.entries[..<count].compactMap { $0[metric].summary?.mean }
      #expect(average.summary?.mean == means.reduce(0, +) / Double(count))
      let papers = row.entries[..<count].compactMap { $0[metric].paper }
      #expect(average.paper == papers.reduce(0, +) / Double(count))
      let difference = try #require(average.difference)
      #expect(abs(difference - ((average.summary?.mean ?? 0) - (average.paper ?? 0))) < 1e-12)
    }
    let interval = try #require(row.entries[count][1].interval)
    #expect(
      interval
        == Metrics.interval(
          ofAverageOver: row.cells.map { $0.map(\.test) }, .accuracy, groups: row.cells.map { _ in nil }))
    let partial = try SnapshotTests.Example.partial.table()
    #expect(partial.rows.contains { $0.entries.last?[0].summary == nil })
  }

  /// Means whose sums were rounded otherwise are equal all the same.
  @Test func tiesAreTiesWhateverTheOrderOfTheSum() throws {
    let first = [
      try cell(vit, seed: 1, signal: 0.3), try cell(vit, seed: 2, signal: 1), try cell(vit, seed: 3, signal: 2),
    ]
    let order = [2, 3, 1].map(UInt64.init)
    let second = try zip(first, order).map { original, seed in
      var evaluation = original.evaluation
      evaluation.header.seed = seed
      evaluation.header.model = qvit.model
      evaluation.header.configuration = try ExampleCells.configuration(qvit)
      return try TableCell(evaluation, path: "q\(seed).h5")
    }
    let table = try table(first + second, seeds: [1, 2, 3])
    #expect(table.rows.allSatisfy { $0.entries[0].allSatisfy(\.isBest) })
  }

  @Test func allOfEquallyGoodRowsAreMarked() throws {
    // The same scores under both names.
    let (one, two) = (try cell(vit, seed: 1), try cell(vit, seed: 1) { $0.header.model = qvit.model })
    var evaluation = two.evaluation
    evaluation.header.configuration = try ExampleCells.configuration(qvit)
    let other = try TableCell(evaluation, path: "other.h5")
    let table = try table([one, other], seeds: [1])
    #expect(table.rows.allSatisfy { $0.entries[0].allSatisfy(\.isBest) })
    let auc = threeDecimals(one.test[.auc])
    #expect(table.markdown().split(separator: "**\(auc)**").count == 3)
    #expect(table.latex().split(separator: "\\textbf{\(auc)}").count == 3)
    #expect(table.terminal(styled: false).split(separator: "*\(auc)").count == 3)
    #expect(table.terminal(styled: true).split(separator: "\u{1B}[1m       \(auc)\u{1B}[0m").count == 3)
  }

  @Test func theTeacherDoesNotCompete() throws {
    let rows = ExampleRows.table2(kinds: [.vit], resolutions: [28])
    let cells = [
      try example.cell(rows[0], "breastmnist", seed: 1, signal: 0.5),
      try example.cell(rows[1], "breastmnist", seed: 1, signal: 4),
    ]
    let table = try table(cells, seeds: [1, 2, 3], rows: rows, paperTable: 2)
    #expect(table.rows.map { $0.entries[0][0].isBest } == [true, false])
    #expect(table.rows[1].entries[0][0].missingCommand == nil)
    #expect(table.rows.map { $0.entries[0].map(\.paper) } == [[0.770, 0.756], [0.900, 0.904]])
  }

  @Test func missingEntriesNameTheirCommand() throws {
    let table = try table([cell(vit, seed: 2)])
    let command = "make PROFILE=paper artifacts/paper/evaluations/vit-scratch/breastmnist-28-s1.h5"
    #expect(table.rows[0].entries[0][0].missingCommand == command)
    #expect(table.rows[0].entries[0][1].notes == ["1 of 2 seeds"])
    #expect(table.rows[1].entries[0][0].summary == nil)
    #expect(table.markdown().contains("- ViT_28 on BreastMNIST: `\(command)`\n"))
    #expect(table.csv().contains(command))
    #expect(table.terminal(styled: false).contains(command))
    #expect(table.latex().contains("qvit-scratch/\\allowbreak breastmnist-28-s1.h5"))
  }

  @Test(arguments: Profile.allCases) func aTableWithoutAnyResultIsAllDashes(profile: Profile) throws {
    let plan = ExampleCells(profile: profile).plan([vit, qvit], ["breastmnist"], seeds: [1, 2])
    let table = try ResultTable(plan, softwareVersion: "0.1.0", cells: [])
    #expect(table.markdown().split(separator: "—").count == 6)
    #expect(table.csv().split(separator: "\n").count == 5)
    #expect(table.isSample == (profile == .sample))
  }

  @Test func anUndefinedValueIsShownWithItsReason() throws {
    let undefined = try example.cell(
      vit, "breastmnist", seed: 1, labels: Array(repeating: 0, count: 156))
    let table = try table([undefined, cell(vit, seed: 2), cell(qvit, seed: 1), cell(qvit, seed: 2)])
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
    let generated = try cell(qvit, seed: 1) {
      $0.header.isGenerated = true
      $0.header.isOfficial = false
    }
    let table = try table([cell(vit, seed: 1), generated], seeds: [1])
    #expect(table.isSample)
    #expect(table.markdown().contains(ResultTable.sampleWarning))
    #expect(table.rows.allSatisfy { $0.entries[0].allSatisfy { $0.difference == nil } })
  }

  @Test func equalImagesAreAWarning() throws {
    let cell = try cell(vit, seed: 1) { evaluation in
      let test = evaluation.splits[0]
      if let marked = try? SplitEvaluation(
        of: .test, scores: test.scores, logits: test.logits, labels: test.labels, classCount: 2, task: .binary,
        duplicatesOfTrain: 3, intervals: test.bootstrap)
      {
        evaluation.splits = [marked]
      }
    }
    #expect(cell.remarks == ["warning: 3 of 156 test images equal a training image"])
    let table = try table([cell, self.cell(qvit, seed: 1)], seeds: [1])
    #expect(table.markdown().contains("ViT_28 on BreastMNIST: warning: 3 of 156 test images equal a training image."))
  }

  /// A count agrees with the paper's thousands only if the largest does too.
  @Test func theLargestCountOfParametersMustAgree() throws {
    let many = try cell(vit, seed: 2) { $0.parameterCount = 1_600 }
    let table = try table([cell(vit, seed: 1), many])
    #expect(table.rows[0].parameterCounts?.upperBound == 1_600)
    #expect(table.markdown().contains("to 1,600 (paper: around 1K, DIFFERS)"))
  }

  /// Scores from elsewhere stand beside ours, and do not compete.
  @Test func scoresFromElsewhereHaveARow() throws {
    let row = PlannedTable.Row(
      label: "ResNet-18", model: ArtifactModel(variant: "resnet18", regime: .external, kind: nil), resolution: 28,
      isPapers: false)
    let cell = try example.cell(
      row, "breastmnist", seed: 0, signal: 4, configuration: #"{"source":"MedMNIST v2"}"#
    ) { $0.parameterCount = 0 }
    let table = try table([self.cell(vit, seed: 1), cell], seeds: [1], rows: [vit, row])
    #expect(table.rows.map { $0.entries[0][0].isBest } == [true, false])
    #expect(table.rows[1].entries[0][0].values == [cell.test[.auc]] && table.rows[1].parameterCounts == nil)
    #expect(table.markdown().contains("ResNet-18 on BreastMNIST: scores from MedMNIST v2."))
    #expect(table.markdown().contains("rows of a single run do not compete"))
  }

  // MARK: Honest comparison

  /// A model whose settings are not the paper's does not stand under the paper's name with its values.
  @Test(arguments: [(2, 4, "training.epochs 2 (paper: 100)"), (100, 8, "model.qubits 8 (paper: 4)")])
  func anotherModelHasNoValuesOfThePaper(epochs: Int, qubits: Int, deviation: String) throws {
    let other = try cell(
      qvit, seed: 1, configuration: ExampleCells.configuration(qvit, epochs: epochs, qubits: qubits))
    let table = try table([cell(vit, seed: 1), other], seeds: [1])
    #expect(table.rows[0].entries[0][0].difference != nil)
    #expect(table.rows[1].entries[0].allSatisfy { $0.paper == nil && $0.difference == nil })
    for text in [table.markdown(), table.terminal(styled: false), table.latex(), table.csv()] {
      #expect(text.contains(text == table.latex() ? latexEscaped(deviation) : deviation))
    }
    #expect(table.markdown().contains("| QViT\\_28 \\*"))
  }

  @Test func aTableThatIsNotThePapersHasNoneOfItsValues() throws {
    let table = try table([cell(vit, seed: 1)], seeds: [1], paperTable: nil)
    #expect(table.rows[0].entries[0].allSatisfy { $0.paper == nil && $0.difference == nil })
    #expect(!table.markdown().contains("Paper:") && !table.markdown().contains("agrees"))
  }

  // MARK: What cannot stand in one table

  @Test func refusesTwoResultsVersions() throws {
    let other = try cell(qvit, seed: 1) { $0.header.resultsVersion = 2 }
    let first = try cell(vit, seed: 1)
    let error = ReportError.mixed(
      .resultsVersion, first: first.path, firstValue: "1", second: other.path, secondValue: "2")
    #expect(throws: error) { try table([first, other]) }
    #expect(
      error.description == "artifacts/paper/evaluations/qvit-scratch/breastmnist-28-s1.h5: results version 2, but "
        + "artifacts/paper/evaluations/vit-scratch/breastmnist-28-s1.h5 has 1; one table needs the same")
    #expect(error.kind == .badData)
  }

  @Test func refusesOtherSettingsAndSaysWhich() throws {
    let other = try cell(vit, seed: 2, configuration: ExampleCells.configuration(vit, epochs: 7))
    let error = #expect(throws: ReportError.self) { try table([cell(vit, seed: 1), other]) }
    #expect(error?.description.contains("setting training.epochs 7, but ") == true)
    #expect(error?.description.contains(" has 100; ") == true)
  }

  @Test func refusesWhatHasNoPlace() throws {
    #expect(throws: ReportError.self) { try table([cell(vit, seed: 9)]) }
    #expect(throws: ReportError.self) { try table([example.cell(ExampleRows.teacher, "breastmnist", seed: 1)]) }
    #expect(throws: ReportError.self) { try table([ExampleCells(profile: .sample).cell(vit, "breastmnist", seed: 1)]) }
    let again = try TableCell(cell(vit, seed: 1).evaluation, path: "elsewhere.h5")
    #expect(throws: ReportError.self) { try table([cell(vit, seed: 1), again]) }
  }
}
