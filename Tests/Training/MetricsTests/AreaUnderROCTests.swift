import Datasets
import VectorMath
import Testing
import _TestSupport

@testable import Metrics

@Suite struct AreaUnderROCTests {
  /// Mann-Whitney by its definition, over all pairs.
  private func pairCount(_ scores: [Double], _ positives: [Bool]) -> Double {
    var doubledWins = 0
    var pairs = 0
    for i in scores.indices where positives[i] {
      for j in scores.indices where !positives[j] {
        pairs += 1
        doubledWins += scores[i] > scores[j] ? 2 : scores[i] == scores[j] ? 1 : 0
      }
    }
    return Double(doubledWins) / Double(2 * pairs)
  }

  @Test(arguments: [2, 3, 9, 40, 333], [1, 2, 5, 1_000_000])
  func equalsTheCountOverAllPairs(count: Int, levels: Int) {
    var stream = RandomStream(seed: 1, purpose: "auc", UInt64(count), UInt64(levels))
    let scores = (0..<count).map { _ in Double(stream.index(below: levels)) / Double(levels) }
    let positives = (0..<count).map { $0.isMultiple(of: 2) }
    let expected = pairCount(scores, positives)
    #expect(abs(areaUnderROC(scores: scores, positives: positives) - expected) <= 1e-15 * Double(count))
  }

  @Test func endsAndMiddle() {
    let positives = [false, false, true, true]
    #expect(areaUnderROC(scores: [1, 2, 3, 4], positives: positives) == 1)
    #expect(areaUnderROC(scores: [4, 3, 2, 1], positives: positives) == 0)
    #expect(areaUnderROC(scores: [7, 7, 7, 7], positives: positives) == 0.5)
    #expect(areaUnderROC(scores: [1, 3, 2, 4], positives: positives) == 0.75)
    #expect(areaUnderROC(scores: [0, -0.0], positives: [true, false]) == 0.5)
  }

  @Test func isNotANumberWithoutBothOutcomes() {
    #expect(areaUnderROC(scores: [1, 2], positives: [true, true]).isNaN)
    #expect(areaUnderROC(scores: [1, 2], positives: [false, false]).isNaN)
    #expect(areaUnderROC(scores: [], positives: []).isNaN)
  }

  @Test func anAbsentClassIsReportedAndNotSkipped() {
    let scores = Scores([Double](repeating: 0.25, count: 16), classCount: 4)
    let result = areaUnderROC(scores, labels: [0, 1, 3, 1], task: .multiClass)
    #expect(result.value.isNaN)
    #expect(result.undefined == [UndefinedAUC(classIndex: 2, reason: .absent)])
    #expect(result.perClass[0] == 0.5 && result.perClass[2].isNaN)
    #expect(result.undefined[0].description == "class 2 has no image")
  }

  @Test func aSplitOfOneClassIsReported() {
    let scores = Scores([0.5, 0.5, 0.4, 0.6] as [Double], classCount: 2)
    let result = areaUnderROC(scores, labels: [1, 1], task: .binary)
    #expect(result.value.isNaN)
    #expect(
      result.undefined == [
        UndefinedAUC(classIndex: 0, reason: .absent), UndefinedAUC(classIndex: 1, reason: .fillsTheSplit),
      ])
  }

  @Test(
    arguments: [
      "binary_0", "binary_1", "binary_2", "binary_3", "binary_4", "binary_allties", "multi_0", "multi_1", "multi_2",
      "multi_3", "multi_4",
    ])
  func equalsScikitLearnOnTheGoldenCases(name: String) throws {
    let file = try NPZ(path: Fixtures.path("golden/metrics/auc_\(name).npz"))
    let scores = try Scores(file.doubles("y_score"), classCount: file.shape(of: "y_score")[1])
    let labels = try file.integers("y_true")
    let task: ClassificationTask = name.hasPrefix("binary") ? .binary : .multiClass
    let result = areaUnderROC(scores, labels: labels, task: task)
    // The golden mean is numpy's, summed pairwise; MedMNIST sums in the order of the classes. With eight or more
    // classes the two may differ in the last bit.
    let expected = try file.doubles("per_class_auc")
    #expect(result.perClass.suffix(expected.count) == expected[...])
    #expect(try pairwiseSum(expected[...]) / Double(expected.count) == file.scalar("auc"))
    #expect(result.value == expected.reduce(0, +) / Double(expected.count))
    #expect(try accuracy(scores, labels: labels, task: task) == file.scalar("acc"))
  }

  @Test(arguments: [0, 1, 7, 8, 9, 127, 128, 129, 136, 1000])
  func pairwiseSumIsASum(count: Int) {
    let values = (0..<count).map { Double($0 * $0 % 97) }
    #expect(pairwiseSum(values[...]) == values.reduce(0, +))
    #expect(pairwiseSum(([5] + values)[1...]) == values.reduce(0, +))
  }
}
