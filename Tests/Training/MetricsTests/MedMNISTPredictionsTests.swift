import Datasets
import Testing
import _TestSupport

@testable import Metrics

@Suite struct MedMNISTPredictionsTests {
  private func result(scores: [Float], labels: [Int]) throws -> EvaluationResult {
    var result = try evaluate(
      logits: scores, labels: labels, classCount: 2, task: .binary, bootstrap: BootstrapSettings(replicates: 1))
    result.scores = scores
    return result
  }

  @Test func writesWhatPandasWrites() throws {
    let scores: [Float] = [
      0.1, 0.9, 1e-5, 0.99999, 1e-30, 1, 0, 1, 1.2345678e-4, 0.99987656, 0.5, 0.5, 2 / 3, 1 / 3,
    ]
    let predictions = try MedMNISTPredictions(
      result(scores: scores, labels: [1, 1, 1, 1, 1, 0, 0]), flag: "breastmnist", resolution: 28, split: "test",
      run: "1")
    let expected = try Fixtures.text("metrics/predictions.csv")
    #expect(predictions.text == expected)
  }

  @Test func namesTheFileAsMedMNISTDoes() throws {
    var result = try result(scores: [0.25, 0.75, 0.75, 0.25, 0.5, 0.5], labels: [1, 0, 1])
    #expect(
      MedMNISTPredictions(result, flag: "breastmnist", resolution: 28, split: "test", run: "qvit-scratch-s1").fileName
        == "breastmnist_test_[AUC]1.000_[ACC]0.667@qvit-scratch-s1.csv")
    result.auc.value = .nan
    #expect(
      MedMNISTPredictions(result, flag: "pathmnist", resolution: 224, split: "val", run: "3").fileName
        == "pathmnist_224_val_[AUC]nan_[ACC]0.667@3.csv")
  }
}
