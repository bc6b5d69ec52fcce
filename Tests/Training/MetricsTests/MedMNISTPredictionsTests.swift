import Datasets
import Failures
import Testing
import _TestSupport

@testable import Metrics

@Suite struct MedMNISTPredictionsTests {
  private func result(_ split: Split = .test, scores: [Float], labels: [Int]) throws -> SplitEvaluation {
    try SplitEvaluation(
      of: split, scores: scores, labels: labels, classCount: 2, task: .binary,
      bootstrap: BootstrapSettings(replicates: 1))
  }

  private static let scores: [Float] = [
    0.1, 0.9, 1e-5, 0.99999, 1e-30, 1, 0, 1, 1.2345678e-4, 0.99987656, 0.5, 0.5, 2 / 3, 1 / 3,
  ]

  @Test func writesWhatPandasWrites() throws {
    let predictions = try MedMNISTPredictions(
      result(scores: Self.scores, labels: [1, 1, 1, 1, 1, 0, 0]), flag: "breastmnist", resolution: 28, run: "1")
    let expected = try Fixtures.text("metrics/predictions.csv")
    #expect(predictions.text == expected)
  }

  @Test func namesTheFileAsMedMNISTDoes() throws {
    let result = try result(scores: [0.25, 0.75, 0.75, 0.25, 0.5, 0.5], labels: [1, 0, 1])
    #expect(
      MedMNISTPredictions(result, flag: "breastmnist", resolution: 28, run: "qvit-scratch-s1").fileName
        == "breastmnist_test_[AUC]1.000_[ACC]0.667@qvit-scratch-s1.csv")
    let undefined = try self.result(.val, scores: [0.25, 0.75, 0.75, 0.25, 0.1, 0.9], labels: [1, 1, 1])
    #expect(
      MedMNISTPredictions(undefined, flag: "pathmnist", resolution: 224, run: "3").fileName
        == "pathmnist_224_val_[AUC]nan_[ACC]0.667@3.csv")
  }

  @Test func readsWhatItWrites() throws {
    let predictions = try MedMNISTPredictions(
      result(scores: Self.scores, labels: [1, 1, 1, 1, 1, 0, 0]), flag: "breastmnist", resolution: 28, run: "1")
    #expect(
      try MedMNISTPredictions.scores(in: Array(predictions.text.utf8), count: 7, classes: 2) == Self.scores)
    #expect(
      try MedMNISTPredictions.scores(in: Array("0,0.25\r\n1,1\r\n".utf8), count: 2, classes: 2) == [0.75, 0.25, 0, 1])
    // With the byte order mark of a spreadsheet.
    #expect(
      try MedMNISTPredictions.scores(in: Array("\u{FEFF}0,0.25\n1,1\n".utf8), count: 2, classes: 2) == [
        0.75, 0.25, 0, 1,
      ])
  }

  @Test func readsTheNamesOfMedMNISTsFiles() throws {
    let name = try #require(
      MedMNISTPredictions.Name("breastmnist_224_val_[AUC]0.913_[ACC]0.846@resnet18_224_1.csv"))
    #expect(
      name.dataset == "breastmnist_224" && name.isOf("breastmnist") && name.split == .val
        && name.run == "resnet18_224_1")
    #expect(name.values == [.auc: "0.913", .accuracy: "0.846"])
    #expect(
      MedMNISTPredictions.Name("pathmnist_test_[AUC]0.990_[ACC]0.910@resnet18_28_3.csv")?.isOf("pathmnist") == true)
    #expect(MedMNISTPredictions.Name("scores.csv") == nil)
    // Data of one's own may be called anything that has letters, digits, '-' and '_', and have no AUC.
    let own = try #require(MedMNISTPredictions.Name("my-scans_2_224_val_[AUC]nan_[ACC]0.500@vit-scratch-s1.csv"))
    #expect(own.isOf("my-scans_2") && !own.isOf("my-scans") && own.split == .val && own.values[.auc] == "nan")
  }

  @Test(arguments: [
    ("0,0.5,0.5\n", EvaluationError.wrongCount(of: "line", found: 1, images: 2, classes: 1)),
    ("0,0.5,0.5\n2,0.5,0.5\n", .wrongLine(number: 2, expected: "image 1", found: "2")),
    ("0,0.5,0.5\n1,0.5,0.5,0\n", .wrongLine(number: 2, expected: "2 scores", found: "3")),
    ("0,0.5,nan\n", .wrongLine(number: 1, expected: "finite scores", found: "nan")),
    (
      "0,0.5" + String(repeating: "0", count: 65_536) + ",0.5\n",
      .wrongLine(number: 1, expected: "at most 65536 bytes", found: "65545 bytes")
    ),
    ("image,a,b\n", .wrongLine(number: 1, expected: "image 0", found: "image")),
  ])
  func refusesOtherFiles(text: String, expected: EvaluationError) {
    #expect(throws: expected) { try MedMNISTPredictions.scores(in: Array(text.utf8), count: 2, classes: 2) }
    #expect(expected.kind == .badData)
  }
}
