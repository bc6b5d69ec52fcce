import Datasets
import Glibc
import Metrics
import Testing
import _TestSupport

@testable import Artifacts

/// Official files and published predictions, beside the package.
private let published = "\(Fixtures.packageRoot)/../shared/data"

/// Scores of a dataset that somebody else computed.
private struct PublishedScores: Sendable, CustomTestStringConvertible {
  var dataset: String
  var file: String
  var auc: Double
  var accuracy: Double
  var images: Int

  var testDescription: String { file }
  var isThere: Bool {
    access("\(published)/\(dataset).npz", R_OK) == 0 && access("\(published)/predictions/\(file)", R_OK) == 0
  }

  static let all = [
    PublishedScores(
      dataset: "breastmnist", file: "breastmnist_test_[AUC]0.913_[ACC]0.846@resnet18_224_1.csv", auc: 0.913,
      accuracy: 0.846, images: 156),
    PublishedScores(
      dataset: "pneumoniamnist", file: "pneumoniamnist_test_[AUC]0.964_[ACC]0.867@resnet18_224_2.csv", auc: 0.964,
      accuracy: 0.867, images: 624),
  ]
}

@Suite("Scores from elsewhere")
struct ScoresTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  /// What an evaluation says of its test split, as a reader without our types would find it.
  private func check(
    _ name: String, images: Int, auc: Double, accuracy: Double, within tolerance: Double, variant: String
  ) throws {
    let path = bench.directory.file(name)
    let reader = try ArtifactReader(path: path, kind: .evaluation)
    let test = try reader.root.group("test")
    #expect(try test.requiredInteger("count") == images)
    for (metric, value) in [("auc", auc), ("accuracy", accuracy)] {
      #expect(abs(try test.requiredNumber(metric) - value) <= tolerance, "\(metric)")
    }
    let names = try reader.strings("metric_name", count: 2, in: test)
    let values = try reader.array("metric_value", of: Double.self, shape: [2], in: test).values
    let lows = try reader.array("metric_low", of: Double.self, shape: [2], in: test).values
    let highs = try reader.array("metric_high", of: Double.self, shape: [2], in: test).values
    #expect(names == ["auc", "accuracy"])
    #expect(try values == [test.requiredNumber("auc"), test.requiredNumber("accuracy")])
    for (value, (low, high)) in zip(values, zip(lows, highs)) { #expect(low <= value && value <= high) }
    #expect(try reader.array("scores", of: Float.self, shape: [images, 2], in: test).values.count == 2 * images)
    #expect(try !test.contains("logits") && !reader.root.contains("val"))
    // And with our types.
    let (evaluation, _) = try EvaluationArtifact.read(path: path)
    #expect(evaluation.header.model == ArtifactModel(variant: variant, regime: .external, kind: nil))
    #expect(evaluation.header.inputs.map(\.role) == [.dataset, .scores])
    #expect(evaluation.history.isEmpty && evaluation.selectedEpoch == 0)
    #expect(evaluation[.test]?[.auc] == values[0] && evaluation[.test]?[.accuracy] == values[1])
    try verify(path)
  }

  @Test(
    "Published scores of ResNet-18 have the AUC and ACC in their names, and become a row of a table",
    .enabled(if: PublishedScores.all.allSatisfy(\.isThere), "../shared/data has no official files or predictions"),
    arguments: PublishedScores.all)
  private func resnet(scores: PublishedScores) throws {
    try bench.complete(
      .prepareData,
      "--dataset \(scores.dataset) --resolution 28 --source npz --input \(published)/\(scores.dataset).npz "
        + "--profile paper --quiet --output d.h5")
    try bench.directory.makeDirectories("evaluations/resnet18-external")
    let name = "evaluations/resnet18-external/\(scores.dataset)-28-s0.h5"
    let evaluated = try bench.complete(
      .evaluate,
      "--data d.h5 --scores \(published)/predictions/\(scores.file) --name resnet18 --source \"MedMNIST v2\" "
        + "--parameters 11168706 --output \(name)")
    #expect(evaluated == ProcessResult(status: 0))
    try check(
      name, images: scores.images, auc: scores.auc, accuracy: scores.accuracy, within: 0.000_501, variant: "resnet18")
    let text = try planAndReport(scores.dataset)
    #expect(text.contains("ResNet-18 "))
    #expect(text.contains("scores from MedMNIST v2"))
    #expect(text.contains("11,168,706"))
    #expect(text.contains("ResNet-18") && !text.contains("—"), "\(text)")
  }

  /// A table of one row of such scores.
  private func planAndReport(_ dataset: String) throws -> String {
    try bench.directory.write(
      #"{"caption": "Others", "rows": [{"variant": "resnet18", "regime": "external", "label": "ResNet-18", "resolution": 28}]}"#,
      to: "others.json")
    try bench.complete(
      .plan,
      "--profile paper --root . --config . --tables others.json --datasets \(dataset) --resolutions 28 --seeds 1 "
        + "--teacher-seeds 1 --teacher-resolution 224 --make make --output plan.mk")
    return try bench.complete(.report, "--table ./settings/tables/others.json --output others").output
  }

  private static let small = "breastmnist_test_[AUC]0.889_[ACC]0.667@small_1.csv"

  /// The dataset of the small file of scores: six test images of the classes 0, 1, 0, 1, 0, 1.
  private func prepareSmall() throws {
    try bench.copy("tools/\(Self.small)")
    try bench.prepareBreast()
  }

  @Test("A small file: eight of nine pairs in order, four of six right; its name is that of the run")
  func smallFile() throws {
    try prepareSmall()
    #expect(
      try bench.complete(.evaluate, "--data d.h5 --scores \(Self.small) --output e.h5") == ProcessResult(status: 0))
    try check("e.h5", images: 6, auc: 8.0 / 9, accuracy: 4.0 / 6, within: 1e-12, variant: "small_1")
    // The same scores without a name that says anything, of class 1 alone, and by another split.
    let lines = try bench.directory.text(Self.small).split(separator: "\n").map { $0.split(separator: ",") }
    try bench.directory.write(lines.map { "\($0[0]),\($0[2])\n" }.joined(), to: "mine.csv")
    try bench.complete(.evaluate, "--data d.h5 --scores mine.csv --output m.h5")
    try check("m.h5", images: 6, auc: 8.0 / 9, accuracy: 4.0 / 6, within: 1e-12, variant: "mine")
    // Scores whose name says validation are compared with its labels, and stored as of it.
    let labels = try DatasetArtifact(path: bench.directory.file("d.h5")).labels(.val)
    try bench.directory.write(
      labels.enumerated().map { "\($0.offset),\(1 - $0.element),\($0.element)\n" }.joined(),
      to: "breastmnist_val_[AUC]1.000_[ACC]1.000@right_1.csv")
    try bench.complete(
      .evaluate, "--data d.h5 --scores breastmnist_val_[AUC]1.000_[ACC]1.000@right_1.csv --output v.h5")
    let root = try ArtifactReader(path: bench.directory.file("v.h5"), kind: .evaluation).root
    #expect(try root.contains("val") && !root.contains("test"))
    // --csv gives the file back.
    try bench.complete(.evaluate, "--data d.h5 --scores \(Self.small) --name small_1 --csv csv --output e.h5")
    #expect(try bench.directory.entries(of: "csv").count == 1)
    let again = try bench.directory.entries(of: "csv")[0]
    #expect(again == "breastmnist_test_[AUC]0.889_[ACC]0.667@small_1-external-s0.csv")
    #expect(try bench.directory.text("csv/\(again)") == bench.directory.text(Self.small))
  }

  @Test("Scores that are not those of the images: one line, 65, nothing written")
  func wrongScores() throws {
    try prepareSmall()
    let lines = try bench.directory.text(Self.small).split(separator: "\n").map(String.init)
    let fields = lines.map { $0.split(separator: ",").map(String.init) }
    func numbered(_ rows: [[String]]) -> String {
      rows.enumerated().map { "\($0.offset),\($0.element.dropFirst().joined(separator: ","))\n" }.joined()
    }
    func joined(_ lines: [String]) -> String { lines.map { "\($0)\n" }.joined() }
    let not = "scores: expected those of d.h5, found"
    for (text, message) in [
      (joined(lines.reversed()), "\(not) line 1: expected image 0, found '5'"),
      (
        numbered([fields[1], fields[0]] + fields[2...]),
        "AUC: expected 0.889, as its name says, found 0.444: other images, or in another order"
      ),
      (
        numbered(fields[..<2] + [["", "0.55", "0.45"]] + fields[3...]),
        "ACC: expected 0.667, as its name says, found 0.833: other images, or in another order"
      ),
      (joined(lines.dropLast()), "\(not) 5 lines, "), (joined(lines + ["6,0.5,0.5"]), "\(not) 7 lines, "),
      ("", "\(not) 0 lines, "),
      (joined([lines[0], "1,0.9"] + lines[2...]), "\(not) line 2: expected 2 scores, found '1'"),
      (joined(fields.map { $0[0] }), "\(not) line 1: expected 2 scores, found '0'"),
      (joined(lines.map { $0 + ",0" }), "\(not) line 1: expected 2 scores, found '3'"),
      (joined([lines[0], "1,x,0.9"] + lines[2...]), "\(not) line 2: expected finite scores, found 'x'"),
      (joined([lines[0], "1,nan,0.9"] + lines[2...]), "\(not) line 2: expected finite scores, found 'nan'"),
      (joined(lines.map { $0.replacing(",", with: ";") }), "\(not) line 1: expected image 0, found '0;0.8;0.2'"),
      ("\u{0}\u{1}", "\(not) line 1: expected image 0, "),
    ] {
      try bench.directory.makeDirectories("x")
      try bench.directory.write(text, to: "x/\(Self.small)")
      let before = try bench.contents()
      try fails("--scores x/\(Self.small) --data d.h5", 65, "x/\(Self.small): \(message)")
      #expect(try bench.contents() == before)
    }
  }

  @Test("Another dataset's scores, and options that do not go together")
  func wrongUse() throws {
    try prepareSmall()
    try bench.complete(
      .prepareData, "--dataset retinamnist --resolution 28 --source sample --profile sample --quiet --output r.h5")
    try fails(
      "--scores \(Self.small) --data r.h5", 65,
      "\(Self.small): its name: expected scores of retinamnist, found of breastmnist")
    try fails("--scores none.csv --data d.h5", 66, "none.csv: cannot open: No such file or directory")
    try fails("--scores \(Self.small) --model s.h5 --data d.h5", 64, "--model and --scores do not go together")
    try fails("--model s.h5 --name x --data d.h5", 64, "'--name' goes with --scores and --unseen only")
    try fails("--data d.h5", 64, "missing '--model FILE'")
    try fails(
      "--scores \(Self.small) --name ../x --data d.h5", 64,
      "--name: expected letters, digits, '-' and '_', found '../x'")
  }

  private func fails(_ words: String, _ status: Int32, _ message: String) throws {
    let result = try bench.run(.evaluate, "\(words) --output out.h5")
    #expect(result.status == status && result.output.isEmpty, "\(result)")
    #expect(result.errors.hasPrefix("evaluate: error: \(message)"), "\(result.errors)")
    #expect(result.errors.hasSuffix("\n") && result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
    #expect(!bench.directory.contains("out.h5") && !bench.directory.contains("out.h5.part"))
  }
}
