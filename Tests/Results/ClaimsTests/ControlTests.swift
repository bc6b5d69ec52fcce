import Artifacts
import Configuration
import Datasets
import JSON
import Metrics
import Reporting
import Statistics
import Testing
import VectorMath
import _TestSupport

@testable import Claims

/// What files of claims have that are about controls: datasets at hand, tests beside the verdict, what a verdict decides,
/// floors.
@Suite struct ControlTests {
  private static let labels = (0..<200).map { $0.isMultiple(of: 3) ? 1 : 0 }

  private func run(_ seed: UInt64, separation: Double, of row: String) throws -> EvidenceRun {
    var stream = RandomStream(seed: seed, purpose: row)
    var common = RandomStream(seed: 0, purpose: "images")
    let scores = Self.labels.map { label in
      Float(logistic(separation * (Double(label) - 0.5) + 0.7 * common.normal() + 0.2 * stream.normal()))
    }
    let test = try SplitEvaluation(
      of: .test, scores: scores.flatMap { [1 - $0, $0] }, labels: Self.labels, classCount: 2, task: .binary,
      bootstrap: BootstrapSettings(replicates: 1))
    return EvidenceRun(seed: seed, test: test, path: "\(row)-s\(seed).h5", contentSHA256: "digest\(seed)")
  }

  private func evidence(_ rows: [(row: String, separation: Double, seeds: [UInt64])]) throws -> Evidence {
    var evidence = Evidence()
    for (row, separation, seeds) in rows {
      for seed in seeds {
        evidence.add(
          try run(seed, separation: separation, of: row), of: try #require(RowName(row)), on: "breastmnist")
      }
    }
    return evidence
  }

  private func file(_ test: String, more: String = "", planned: [String] = ["breastmnist"]) throws -> ClaimFile {
    let json = """
      {"title": "Controls", "datasets": "planned", "smallest_difference": {"auc": 0.01, "acc": 0.02}, "claims": [
        {"id": "x", "claim": "c", "where": "w", "tests": [\(test)]\(more)}]}
      """
    return try ClaimFile(
      JSONValue(parsing: Array(json.utf8), path: "controls.json"), path: "controls.json", planned: planned)
  }

  private func test(_ old: String, _ more: String = "") -> String {
    "{\"name\": \"difference\", \"measure\": \"auc\", \"new\": [\"qvit-scratch-28\"], \"old\": [\"\(old)\"], "
      + "\"expect\": \"above\", \"check_paper\": false\(more)}"
  }

  private func judged(_ file: ClaimFile, _ evidence: Evidence) -> ClaimResult {
    ClaimJudge(
      file, evidence: evidence,
      facts: FormulaFacts { (_, _) throws(FormulaFacts.Absence) in throw .missing("nothing") }
    ) { _, _ in nil }.judged()[0]
  }

  private let decides =
    #", "decides": {"confirmed": "It helps.", "contradicted": "It does not.", "undecided": "Open."}"#
  private let seeds: [UInt64] = [1, 2, 3, 4, 5, 6]

  @Test func aVerdictSaysWhatItDecidesWithItsNumber() throws {
    let rows = [("qvit-scratch-28", 1.8, seeds), ("vit-scratch-28", 1.0, seeds)]
    let confirmed = judged(try file(test("vit-scratch-28"), more: decides), try evidence(rows))
    #expect(confirmed.verdict == .confirmed)
    let decision = try #require(confirmed.decision)
    #expect(decision.hasPrefix("It helps. (difference: +") && decision.hasSuffix("6 seeds)"), "\(decision)")
    let opposite = [("qvit-scratch-28", 1.0, seeds), ("vit-scratch-28", 1.8, seeds)]
    let contradicted = judged(try file(test("vit-scratch-28"), more: decides), try evidence(opposite))
    #expect(contradicted.decision?.hasPrefix("It does not. (difference: −") == true)
    // Nothing declared, nothing said; nothing there, nothing decided.
    #expect(judged(try file(test("vit-scratch-28")), try evidence(rows)).decision == nil)
    #expect(judged(try file(test("vit-scratch-28"), more: decides), Evidence()).decision == nil)
  }

  @Test func testsThatDoNotCountLeaveTheVerdictAlone() throws {
    let rows = [("qvit-scratch-28", 1.8, seeds), ("vit-scratch-28", 1.0, seeds)]
    let against = test("vit-scratch-28").replacing("above", with: "below")
    let counted = judged(try file("\(test("vit-scratch-28")), \(against)"), try evidence(rows))
    #expect(counted.verdict == .contradicted)
    let beside = against.replacing("\"below\"", with: "\"below\", \"counts\": false")
    let shown = judged(try file("\(test("vit-scratch-28")), \(beside)"), try evidence(rows))
    #expect(shown.verdict == .confirmed && shown.tests[1].verdict == .contradicted)
    #expect(throws: SettingsError.self) { try file(beside) }
  }

  @Test func datasetsAreThoseOfThePlannedTables() throws {
    #expect(try file(test("vit-scratch-28"), planned: ["a", "b"]).datasets == ["a", "b"])
    #expect(throws: SettingsError.self) { try file(test("vit-scratch-28"), planned: []) }
    let each = try file(test("vit-scratch-28", ", \"each\": \"datasets\""), planned: ["a", "b"])
    #expect(each.claims[0].tests.map(\.dataset) == ["a", "b"])
  }

  /// A floor has no seeds: its one run is paired with every seed, so that what is left of the difference's variance over the
  /// seeds is that of the other row.
  @Test func aFloorIsTheSameForEverySeed() throws {
    let evidence = try evidence([("qvit-scratch-28", 1.8, seeds), ("regression-floor-28", 1.0, [0])])
    let result = judged(try file(test("regression-floor-28")), evidence)
    let estimate = try #require(result.tests[0].estimate)
    #expect(estimate.seeds == 6...6)
    let ours = evidence.runs(of: try #require(RowName("qvit-scratch-28")), on: "breastmnist").map { $0.test[.auc] }
    let floor = evidence.runs(of: try #require(RowName("regression-floor-28")), on: "breastmnist")[0].test[.auc]
    #expect((estimate.value - (mean(ours) - floor)).magnitude < 1e-12)
    let expected = (sampleVariance(ours) / 6).squareRoot()
    #expect((try #require(estimate.seedDeviation) - expected).magnitude < 1e-12)
  }

  @Test func theReportHasItsOwnTitleAndARowForEachControl() throws {
    let rows = [("qvit-scratch-28", 1.8, seeds), ("vit-scratch-28", 1.0, seeds)]
    let result = judged(try file(test("vit-scratch-28"), more: decides), try evidence(rows))
    let report = ClaimReport(
      [result], title: "Controls", datasets: ["breastmnist"], profile: .paper, softwareVersion: "1",
      command: "make controls")
    let markdown = report.markdown()
    #expect(markdown.hasPrefix("# Controls\n") && !markdown.contains("arXiv"))
    #expect(markdown.contains("| Control ") && markdown.contains(" difference ") && markdown.contains("It helps."))
    #expect(report.terminal(styled: false).hasPrefix("Controls, profile paper"))
    #expect(report.latex().contains("\\multicolumn{5}") && report.csv().contains("It helps."))
    #expect(report.isAboutSameDatasets(as: report.json()))
    let other = ClaimReport(
      [result], title: "Controls", datasets: ["a"], profile: .paper, softwareVersion: "1", command: "make controls")
    #expect(!other.isAboutSameDatasets(as: report.json()))
  }

  /// The controls that come with the program: every row is one of the table that is made for them.
  @Test func theControlsAreThoseOfTheTable() throws {
    let root = "\(Fixtures.packageRoot)/pipeline"
    let controls = try ClaimFile(path: "\(root)/controls.json", planned: ["breastmnist"])
    let table = try TableDeclaration(path: "\(root)/tables/ablations.json")
    let names = Set(
      table.rows.compactMap { row in
        row.variant.map { RowName(variant: $0, regime: row.regime, resolution: row.resolution) }
      })
    for claim in controls.claims {
      #expect(claim.decides.count == 3)
      for test in claim.tests {
        for row in test.formula.rows { #expect(names.contains(row), "\(row)") }
      }
    }
    // Each row but QViT's own is a control.
    #expect(Set(controls.claims.map(\.identifier)) == Set(names.map(\.variant)).subtracting(["qvit"]))
  }

  /// The questions about width that come with the program: every row is one of the tables of `make scaling`, and each variant
  /// that is not the paper's may differ in what makes it so.
  @Test func theQuestionsAboutWidthAreThoseOfTheScalingTables() throws {
    let root = "\(Fixtures.packageRoot)/pipeline"
    let width = try ClaimFile(path: "\(root)/width.json", planned: ["breastmnist"])
    let names = Set(
      try ["scaling-scratch", "scaling-distilled"].flatMap {
        try TableDeclaration(path: "\(root)/tables/\($0).json").rows
      }
      .compactMap { row in row.variant.map { RowName(variant: $0, regime: row.regime, resolution: row.resolution) } })
    for row in width.claims.flatMap(\.tests).flatMap(\.formula.rows) { #expect(names.contains(row), "\(row)") }
    for variant in Set(names.map(\.variant)).subtracting(["vit", "qvit"]) {
      var expected: [String] = []
      if variant.contains("-q") { expected.append("model.qubits") }
      if variant.contains("output") { expected.append("model.output") }
      #expect(width.deviations[variant] == expected, "\(variant)")
    }
  }
}
