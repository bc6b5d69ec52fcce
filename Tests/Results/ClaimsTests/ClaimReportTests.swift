import Artifacts
import JSON
import Testing

@testable import Claims

@Suite struct ClaimReportTests {
  private func report(profile: Profile = .paper, sentence: String = "QViT <script> | wins") throws -> ClaimReport {
    let json = """
      {"datasets": ["a"], "smallest_difference": {"auc": 0.01, "acc": 0.02}, "claims": [
       {"id": "ratio", "claim": "\(sentence)", "where": "here", "tests": [
         {"name": "ratio", "formula": "parameters(vit-224) / 1000", "expect": "near", "value": 4, "margin": 0.5}],
        "also": [{"name": "parameters", "formula": "parameters(vit-224)"}]},
       {"id": "absent", "claim": "c", "where": "w", "tests": [
         {"measure": "auc", "new": ["qvit-scratch-28"], "old": ["vit-scratch-28"], "expect": "above"}]}]}
      """
    let file = try ClaimFile(JSONValue(parsing: Array(json.utf8), path: "x"), path: "x")
    let facts = FormulaFacts { (_, _) throws(FormulaFacts.Absence) in 4008 }
    let judge = ClaimJudge(file, evidence: Evidence(), facts: facts) { _, _ in "make table1" }
    return ClaimReport(judge.judged(), profile: profile, softwareVersion: "1.0", command: "make claims")
  }

  @Test func everyFormatSaysVerdictAndNumber() throws {
    let report = try report()
    #expect(report.summary == "1 confirmed, 0 contradicted, 0 undecided, 0 inconsistent, 1 missing")
    for text in [
      report.terminal(styled: false), report.markdown(), report.csv(), report.latex(), report.json().prettyText,
    ] {
      #expect(text.contains("ratio") && text.contains("4.008") && text.lowercased().contains("confirmed"))
      #expect(text.lowercased().contains("missing"))
    }
    #expect(
      report.terminal(styled: false).contains("missing: vit-scratch-28 on a; make table1")
        || report.terminal(styled: false).contains("missing: qvit-scratch-28 on a and 1 more; make table1"))
    #expect(report.terminal(styled: false).split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func sampleDataAreSaidToBeSo() throws {
    let sample = try report(profile: .sample)
    for text in [sample.terminal(styled: false), sample.markdown(), sample.latex()] {
      #expect(text.contains(ClaimReport.sampleWarning))
      #expect(!(try report().markdown()).contains(ClaimReport.sampleWarning))
    }
  }

  @Test func textIsEscaped() throws {
    let report = try report()
    #expect(report.markdown().contains("QViT \\<script\\> \\| wins"))
    let quoted = try self.report(sentence: "so, \\\"quoted\\\" & 50 %")
    #expect(quoted.latex().contains("ratio"))
    #expect(quoted.csv().split(separator: "\n").allSatisfy { !$0.contains("\r") })
    let columns = quoted.csv().split(separator: "\n")[0].split(separator: ",").count
    #expect(
      quoted.csv().split(separator: "\n").dropFirst().allSatisfy {
        $0.split(separator: ",", omittingEmptySubsequences: false).count == columns
      })
  }

  @Test func verdictsAreReadBack() throws {
    let report = try report()
    let value = try JSONValue(parsing: Array(report.json().prettyText.utf8), path: "claims.json")
    #expect(try ClaimReport.verdicts(in: value, path: "claims.json") == ["ratio": .confirmed, "absent": .missing])
    #expect(throws: SettingsError.self) { try ClaimReport.verdicts(in: .object([:]), path: "x") }
    #expect(throws: SettingsError.self) {
      try ClaimReport.verdicts(
        in: .object(["claims": .array([.object(["id": .string("a"), "verdict": .string("odd")])])]), path: "x")
    }
  }

  @Test func numbersHaveFourDigits() {
    for (value, text) in [
      (0.0, "0"), (4.0726, "4.073"), (0.00005, "0.00005"), (0.99993, "0.9999"), (-0.00877, "−0.00877"),
      (12.345, "12.35"), (123.46, "123.5"), (4008, "4,008"),
      (-1_234_567.4, "−1,234,567"), (2.0, "2"), (.infinity, "∞"),
    ] { #expect(significant(value) == text, "\(value): \(significant(value))") }
    #expect(probability(0.0004) == "< 0.001" && probability(0.0312) == "0.031")
  }
}
