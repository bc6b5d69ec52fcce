import Testing
import _TestSupport

@Suite("Evaluations and what becomes of them")
struct EvaluationTests {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.writeSettings()
  }

  /// Prepares, trains and evaluates a fixture.
  private func evaluate(_ file: String, _ dataset: String, _ options: String = "") throws -> ProcessResult {
    try bench.copy("tools/\(file)")
    try bench.directory.makeDirectories("evaluations/vit-scratch")
    try bench.complete(
      .prepareData,
      "--dataset \(dataset) --resolution 28 --source npz --input \(file) --allow-unofficial --profile paper --output d.h5"
    )
    try bench.complete(.train, "--data d.h5 --config vit.json --seed 1 --quiet --output s.h5")
    return try bench.complete(
      .evaluate, "--data d.h5 --model s.h5 \(options) --output evaluations/vit-scratch/\(dataset)-28-s1.h5")
  }

  @Test(
    "A class that is missing from the test split gives NaN with its reason",
    arguments: [
      ("breast-test-one-class.npz", "breastmnist", ["class 0 has no image", "every image belongs to class 1"]),
      ("blood-test-without-3.npz", "bloodmnist", ["class 3 has no image"]),
    ])
  func missingClass(file: String, dataset: String, reasons: [String]) throws {
    let evaluated = try evaluate(file, dataset)
    #expect(
      evaluated.errors
        == "evaluate: warning: d.h5: AUC on test is NaN: \(reasons.joined(separator: ", "))\n")
    try bench.plan(datasets: dataset)
    let reported = try bench.complete(.report, "--table ./settings/tables/table1.json --output t")
    let reason = "no AUC, because in the test split \(reasons.joined(separator: ", "))"
    for text in try [reported.output, bench.directory.text("t.md"), bench.directory.text("t.tex")] {
      #expect(text.contains("n/a"))
      #expect(text.replacing("\n", with: " ").contains(reason))
    }
    #expect(try bench.directory.text("t.csv").contains("NaN"))
    #expect(try bench.directory.text("t.md").contains("not the official file"))
  }

  @Test("An unofficial file is announced")
  func unofficial() throws {
    try bench.copy("tools/breast.npz")
    let prepared = try bench.complete(
      .prepareData,
      "--dataset breastmnist --resolution 28 --source npz --input breast.npz --allow-unofficial --profile paper "
        + "--output d.h5")
    #expect(prepared.errors.contains("breast.npz: not the official file"), "\(prepared.errors)")
  }

  @Test("--csv: MedMNIST's names and layout, and its measures follow from the scores")
  func predictions() throws {
    _ = try evaluate("breast.npz", "breastmnist", "--csv csv")
    let names = try bench.directory.entries(of: "csv")
    #expect(names.count == 2)
    for (name, labels) in zip(names, [[0, 1, 0, 1, 0, 1], [0, 1, 0, 1, 0, 1, 0, 1]]) {
      let match = try #require(
        name.wholeMatch(of: /breastmnist_(val|test)_\[AUC\]([0-9.]{5})_\[ACC\]([0-9.]{5})@vit-scratch-s1\.csv/))
      #expect(String(match.1) == (labels.count == 6 ? "test" : "val"))
      let rows = try bench.directory.text("csv/\(name)").split(separator: "\n").map { $0.split(separator: ",") }
      #expect(rows.map { Int($0[0]) } == Array(0..<labels.count))
      #expect(rows.allSatisfy { $0.count == 3 })
      let scores = rows.map { Double($0[2]) ?? .nan }
      #expect(zip(rows, scores).allSatisfy { row, score in abs((Double(row[1]) ?? .nan) + score - 1) < 1e-6 })
      let right = zip(scores, labels).count { ($0 > 0.5 ? 1 : 0) == $1 }
      #expect(abs((Double(match.3) ?? .nan) - Double(right) / Double(labels.count)) <= 0.000_501)
      #expect(abs((Double(match.2) ?? .nan) - areaUnderROC(scores, labels)) <= 0.000_501)
    }
  }

  /// The share of pairs (positive, negative) in the right order, ties counted half.
  private func areaUnderROC(_ scores: [Double], _ labels: [Int]) -> Double {
    var sum = 0.0
    var pairs = 0.0
    for (positive, label) in zip(scores, labels) where label == 1 {
      for (negative, label) in zip(scores, labels) where label == 0 {
        sum += positive > negative ? 1 : positive == negative ? 0.5 : 0
        pairs += 1
      }
    }
    return sum / pairs
  }
}
