import Artifacts
import Configuration
import Metrics
import Reporting
import Statistics

/// Judges claims by evidence.
public struct ClaimJudge {
  private let file: ClaimFile
  private let evidence: Evidence
  private let facts: FormulaFacts
  /// The command that makes the evaluations of a row on a dataset; nil where none is known.
  private let command: (RowName, String) -> String?

  /// A judge.
  public init(
    _ file: ClaimFile, evidence: Evidence, facts: FormulaFacts, command: @escaping (RowName, String) -> String?
  ) {
    self.file = file
    self.evidence = evidence
    self.facts = facts
    self.command = command
  }

  /// All claims of the file, in its order.
  public func judged() -> [ClaimResult] {
    var results = file.claims.map(judge)
    // One family: every comparison of the file that has a test over datasets.
    let places = results.indices.flatMap { claim in results[claim].tests.indices.map { (claim, $0) } }
    let corrected = holmCorrected(places.map { results[$0.0].tests[$0.1].comparison?.wilcoxonP ?? .nan })
    for ((claim, test), value) in zip(places, corrected) where !value.isNaN {
      results[claim].tests[test].correctedP = value
    }
    return results
  }

  private func judge(_ claim: ClaimDeclaration) -> ClaimResult {
    var missing: [ClaimResult.Missing] = []
    var files: Set<ClaimResult.File> = []
    let tests = claim.tests.map { result(of: $0, &missing, &files) }
    let statements = claim.statements.map(result)
    let quantities = claim.quantities.map {
      ClaimResult.QuantityResult(name: $0.name, value: value(of: $0.formula))
    }
    let verdicts = tests.filter(\.test.counts).map(\.verdict)
    let reproduction: Verdict =
      verdicts.contains(.missing)
      ? .missing
      : verdicts.contains(.contradicted)
        ? .contradicted : verdicts.contains(.undecided) ? .undecided : .confirmed
    let isConsistent =
      statements.allSatisfy(\.isConsistent)
      && tests.allSatisfy { !$0.test.counts || $0.isInsideExpected != false }
    return ClaimResult(
      claim: claim, verdict: isConsistent ? reproduction : .inconsistent, reproduction: reproduction, tests: tests,
      statements: statements, quantities: quantities, missing: missing, files: files.sorted { $0.path < $1.path })
  }

  // MARK: Tests

  private func result(
    of test: TestDeclaration, _ missing: inout [ClaimResult.Missing], _ files: inout Set<ClaimResult.File>
  ) -> TestResult {
    let datasets = test.dataset.map { [$0] } ?? file.datasets
    let inside = paperValue(test.formula, on: datasets)
    let isExpected = test.isCheckedInPaper ? inside.map { test.isMet(by: $0) } : nil
    var outcome = TestResult(
      test: test, verdict: .missing, estimate: nil, partial: nil, inside: inside, isInsideExpected: isExpected,
      comparison: nil, correctedP: nil)
    let absent = absences(test.formula.cells(on: datasets))
    guard absent.isEmpty else {
      for entry in absent where !missing.contains(entry) { missing.append(entry) }
      outcome.partial = partial(test, datasets)
      return outcome
    }
    do throws(FormulaFacts.Absence) {
      let (estimate, verdict, runs) = try estimate(test, on: datasets)
      outcome.estimate = estimate
      outcome.verdict = verdict
      outcome.comparison = test.comparison.flatMap { figures(of: $0, runs) }
      for run in runs.files {
        files.insert(.init(path: run.path, contentSHA256: run.contentSHA256))
      }
    } catch {
      let entry = ClaimResult.Missing(what: error.sentence, command: "")
      if !missing.contains(entry) { missing.append(entry) }
    }
    return outcome
  }

  /// The cells that have no runs, grouped as rows on datasets.
  private func absences(_ cells: Set<Cell>) -> [ClaimResult.Missing] {
    var found: [ClaimResult.Missing] = []
    let places = Set(cells.map { Evidence.Place(row: $0.row, dataset: $0.dataset) }).sorted {
      ($0.row.description, file.datasets.firstIndex(of: $0.dataset) ?? 0) < (
        $1.row.description, file.datasets.firstIndex(of: $1.dataset) ?? 0
      )
    }
    for place in places where evidence.runs(of: place.row, on: place.dataset).isEmpty {
      let reason = evidence.refusal(of: place.row, on: place.dataset).map { ": \($0)" } ?? ""
      found.append(
        .init(what: "\(place.row) on \(place.dataset)\(reason)", command: command(place.row, place.dataset) ?? ""))
    }
    // Rows that are there, but have no seed in common.
    if found.isEmpty {
      for dataset in Set(cells.map(\.dataset)).sorted() {
        let rows = Set(cells.filter { $0.dataset == dataset }.map(\.row)).sorted { $0.description < $1.description }
        if evidence.sharedSeeds(of: rows, on: dataset).isEmpty {
          found.append(
            .init(
              what: "a seed that all of \(rows.map(\.description).joined(separator: ", ")) have on \(dataset)",
              command: ""))
        }
      }
    }
    return found
  }

  /// The test on those datasets that are complete, where it is about several.
  private func partial(_ test: TestDeclaration, _ datasets: [String]) -> TestResult.Partial? {
    guard test.dataset == nil, test.formula.dependsOnDatasets else { return nil }
    let complete = datasets.filter { absences(test.formula.cells(on: [$0])).isEmpty }
    guard !complete.isEmpty, complete.count < datasets.count,
      let (estimate, verdict, _) = try? self.estimate(test, on: complete)
    else { return nil }
    return .init(datasets: complete, estimate: estimate, verdict: verdict)
  }

  private func estimate(
    _ test: TestDeclaration, on datasets: [String]
  ) throws(FormulaFacts.Absence) -> (TestResult.Estimate, Verdict, PairedRuns) {
    let runs = PairedRuns(evidence, cells: test.formula.cells(on: datasets))
    let number = try test.formula.evaluated(on: datasets, cells: runs.mean, facts: facts)
    let isCount = number.gradient.isEmpty
    let counts = runs.datasets.map(\.seeds.count)
    let known = isCount ? RunUncertainty([]) : runs.uncertainty(of: number.gradient)
    // Single runs say nothing of other seeds: no interval rather than one of half of what is uncertain.
    let uncertainty = known.flatMap { $0.parts.allSatisfy { $0.count > 1 } ? $0 : nil }
    let judgement = Judgement(
      test: test, value: number.value, uncertainty: uncertainty, isBounded: test.comparison != nil)
    let estimate = TestResult.Estimate(
      value: number.value, interval: judgement.interval,
      seedDeviation: uncertainty.map { $0.seedVariance.squareRoot() },
      imageDeviation: uncertainty.map { $0.imageVariance.squareRoot() }, pValue: judgement.pValue,
      prediction: isCount ? nil : uncertainty?.ofAnotherRun.map { judgement.interval($0, 0.95) },
      seeds: counts.min().flatMap { low in counts.max().map { low...$0 } }, seedsNeeded: judgement.seedsNeeded)
    return (estimate, judgement.verdict, runs)
  }

  // MARK: Numbers

  /// What the paper's tables give for a formula; nil where they do not have its cells or it needs facts that are missing.
  private func paperValue(_ formula: Formula, on datasets: [String]) -> Double? {
    paperNumber(formula, on: datasets)?.value
  }

  private func paperNumber(_ formula: Formula, on datasets: [String]) -> DualNumber? {
    // What asks for no result is not about the tables.
    let cells = formula.cells(on: datasets)
    guard !cells.isEmpty else { return nil }
    let named = formula.cells(on: [])
    func value(_ cell: Cell) -> Double? {
      // The mean over all datasets that only the text gives stands for each of them, but not for one that is named.
      if let mean = file.paperMeans[cell.row]?[cell.metric], datasets == file.datasets, !named.contains(cell) {
        return mean
      }
      return Self.paperCell(cell)
    }
    guard cells.allSatisfy({ value($0) != nil }) else { return nil }
    return try? formula.evaluated(on: datasets, cells: value, facts: facts)
  }

  /// A cell of the paper's tables.
  private static func paperCell(_ cell: Cell) -> Double? {
    guard let kind = ModelKind(rawValue: cell.row.variant) else { return nil }
    let model = ArtifactModel(variant: cell.row.variant, regime: cell.row.regime, kind: kind)
    return [1, 2].lazy.compactMap { table in
      PaperResults.entry(
        table: table, model: model, resolution: cell.row.resolution, dataset: cell.dataset)?[cell.metric]
    }.first
  }

  private func result(of statement: ClaimDeclaration.Statement) -> StatementResult {
    let inside = paperNumber(statement.formula, on: file.datasets)
    // Each cell of the tables is rounded to three decimals, too.
    let tolerance = (inside?.gradient.values.reduce(0) { $0 + $1.magnitude * 0.0005 } ?? 0) + statement.rounding
    return StatementResult(
      statement: statement, inside: inside?.value, ours: value(of: statement.formula),
      isConsistent: inside.map { ($0.value - statement.value).magnitude <= tolerance + 1e-12 } ?? true)
  }

  /// Our number for a formula; nil where something is missing.
  private func value(of formula: Formula) -> Double? {
    let cells = formula.cells(on: file.datasets)
    guard absences(cells).isEmpty else { return nil }
    let runs = PairedRuns(evidence, cells: cells)
    return try? formula.evaluated(on: file.datasets, cells: runs.mean, facts: facts).value
  }
}

extension TestDeclaration {
  /// Whether a number without uncertainty is what is expected; differences that do not matter do not count.
  func isMet(by value: Double) -> Bool {
    switch expectation {
    case .above: value > target
    case .below: value < target
    case .near: (value - target).magnitude <= margin + 1e-12
    }
  }
}

extension FormulaFacts.Absence {
  var sentence: String {
    switch self {
    case .missing(let sentence), .misused(let sentence): sentence
    }
  }
}
