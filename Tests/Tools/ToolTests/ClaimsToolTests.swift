import Testing
import _TestSupport

/// `claims` on the table that `TableTests` makes.
@Suite(.timeLimit(.minutes(20))) struct ClaimsToolTests {
  private let own = """
    {"datasets": ["breastmnist"], "smallest_difference": {"auc": 0.01, "acc": 0.02}, "claims": [
      {"id": "size", "claim": "QViT_28 has about a thousand parameters", "where": "ours", "tests": [
        {"name": "parameters", "formula": "parameters(qvit-28)", "expect": "near", "value": 1000, "margin": 100}]},
      {"id": "lead", "claim": "QViT leads by nine tenths", "where": "ours", "tests": [
        {"check_paper": false, "measure": "auc", "new": ["qvit-scratch-28"], "old": ["vit-scratch-28"], "expect": "above", "value": 0.9}]},
      {"id": "distilled", "claim": "Distilled students are better", "where": "ours", "tests": [
        {"check_paper": false, "measure": "auc", "new": ["qvit-kd-28"], "old": ["qvit-scratch-28"], "expect": "above"}]}]}
    """

  private func claims(
    _ bench: Bench, _ file: String, output: String = "claims", more: String = ""
  ) throws -> ProcessResult {
    try bench.run(
      .claims,
      "--claims \(file) --tables \(Fixtures.packageRoot)/pipeline/tables/table1.json --root artifacts/sample "
        + "--planned artifacts/sample/settings/tables/table1@breastmnist-retinamnist-28-s1-2-3.json --profile sample "
        + "--output \(output) \(more)")
  }

  @Test("verdicts follow from the evaluations, and a recorded one does not change without a word")
  func verdicts() throws {
    let bench = try MadeTable.bench.get()
    let made = bench.directory
    try made.write(Array(own.utf8), to: "own-claims.json")
    let first = try claims(bench, "own-claims.json")
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output.contains("CONFIRMED  size") && first.output.contains("CONTRADICTED  lead"))
    #expect(first.output.contains("MISSING  distilled") && first.output.contains("sample data"))
    let record = try made.text("claims.json")
    #expect(record.contains("\"content_sha256\"") && record.contains("evaluations/qvit-scratch/breastmnist-28-s1.h5"))
    // Again: the same bytes.
    #expect(try claims(bench, "own-claims.json").status == 0)
    #expect(try made.text("claims.json") == record)
    // A record that no longer follows is kept, and said.
    try made.write(Array(record.replacing("\"contradicted\"", with: "\"confirmed\"").utf8), to: "claims.json")
    let forged = try made.text("claims.json")
    let refused = try claims(bench, "own-claims.json")
    #expect(refused.status == 65 && refused.output == "")
    #expect(
      refused.errors.contains("claim 'lead' is recorded as confirmed, but the evaluations there are give contradicted"))
    #expect(try made.text("claims.json") == forged)
    #expect(try claims(bench, "own-claims.json", more: "--update").status == 0)
    #expect(try made.text("claims.json") == record)
  }

  @Test("mistakes in a file of claims are one line with their place")
  func mistakes() throws {
    let bench = try MadeTable.bench.get()
    let made = bench.directory
    for (text, message) in [
      ("{", "bad-claims.json"), (own.replacing("\"above\"", with: "\"abov\""), "expect"),
      (own.replacing("parameters(qvit-28)", with: "parametres(qvit-28)"), "did you mean 'parameters'?"),
    ] {
      try made.write(Array(text.utf8), to: "bad-claims.json")
      let result = try claims(bench, "bad-claims.json")
      #expect(result.status == 65 && result.errors.contains(message), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
    }
    #expect(try claims(bench, "absent-claims.json").status == 66)
    // A record in the place of the claims would be the end of them.
    try made.write(Array(own.utf8), to: "mine.json")
    let over = try claims(bench, "mine.json", output: "mine", more: "--update")
    #expect(over.status == 64 && over.errors.contains("would write mine.json"), "\(over.errors)")
    #expect(try made.text("mine.json") == own)
  }
}
