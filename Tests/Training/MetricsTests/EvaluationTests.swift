import Losses
import Datasets
import Failures
import Testing
import _TestSupport

@testable import Metrics

/// One case of `Fixtures/metrics/evaluator.npz`.
struct EvaluatorCase {
  let logits: [Float]
  let scores: [Float]
  let labels: [Int]
  let classCount: Int
  let task: ClassificationTask
  let auc: Double
  let accuracy: Double
  let perClass: [Double]
  let confusion: [Int]
  let precision: [Double]
  let recall: [Double]
  let f1: [Double]

  init(_ index: Int) throws {
    let file = try NPZ(path: Fixtures.path("metrics/evaluator.npz"))
    logits = try file.floats("\(index).logits")
    scores = try file.floats("\(index).scores")
    labels = try file.integers("\(index).labels")
    classCount = try file.shape(of: "\(index).scores")[1]
    task = try file.integers("\(index).binary") == [1] ? .binary : .multiClass
    auc = try file.scalar("\(index).auc")
    accuracy = try file.scalar("\(index).acc")
    perClass = try file.doubles("\(index).per_class")
    confusion = try file.integers("\(index).confusion")
    precision = try file.doubles("\(index).precision")
    recall = try file.doubles("\(index).recall")
    f1 = try file.doubles("\(index).f1")
  }
}

@Suite struct EvaluationTests {
  private let quick = BootstrapSettings(replicates: 10)

  @Test(arguments: 0..<9)
  func equalsMedMNISTsEvaluatorToTheLastBit(index: Int) throws {
    let expected = try EvaluatorCase(index)
    let scores = Scores(expected.scores, classCount: expected.classCount)
    #expect(areaUnderROC(scores, labels: expected.labels, task: expected.task).value == expected.auc)
    #expect(areaUnderROC(scores, labels: expected.labels, task: expected.task).perClass == expected.perClass)
    #expect(accuracy(scores, labels: expected.labels, task: expected.task) == expected.accuracy)
  }

  @Test(arguments: 0..<9)
  func measuresEveryClassLikeScikitLearn(index: Int) throws {
    let expected = try EvaluatorCase(index)
    let result = try SplitEvaluation(
      of: .test, logits: expected.logits, labels: expected.labels, classCount: expected.classCount,
      task: expected.task, bootstrap: quick)
    #expect(zip(result.scores, expected.scores).allSatisfy { abs($0 - $1) <= 1.2e-7 * $1 })
    #expect(result.confusion.counts == expected.confusion)
    #expect(equal(result.classes.map(\.precision), expected.precision))
    #expect(equal(result.classes.map(\.recall), expected.recall))
    #expect(equal(result.classes.map(\.f1), expected.f1))
    #expect(result.classes.map(\.support).reduce(0, +) == result.imageCount)
    let largest = result.classes.map(\.support).reduce(0, max)
    #expect(result.majorityBaseline == Double(largest) / Double(result.imageCount))
  }

  private func equal(_ found: [Double], _ expected: [Double]) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { ($0.isNaN && $1.isNaN) || abs($0 - $1) <= 2e-16 }
  }

  @Test func theResultCanBeRecomputedFromItsScores() throws {
    let expected = try EvaluatorCase(5)
    let result = try SplitEvaluation(
      of: .test, logits: expected.logits, labels: expected.labels, classCount: 5, task: .ordinal, bootstrap: quick)
    let scores = Scores(result.scores, classCount: 5)
    #expect(result[.auc] == areaUnderROC(scores, labels: result.labels, task: .ordinal).value)
    #expect(result[.accuracy] == accuracy(scores, labels: result.labels, task: .ordinal))
    #expect(result.bootstrap == bootstrapIntervals(scores, labels: result.labels, task: .ordinal, settings: quick))
    #expect(result.predictions == predictedClasses(scores, task: .ordinal))
  }

  @Test func equalScoresGoToTheLowestClass() {
    let multi = Scores([0.2, 0.4, 0.4, 0.25, 0.25, 0.25] as [Double], classCount: 3)
    #expect(predictedClasses(multi, task: .multiClass) == [1, 0])
    let binary = Scores([0.5, 0.5, 0.1, Double(0.5).nextUp] as [Double], classCount: 2)
    #expect(predictedClasses(binary, task: .binary) == [0, 1])
  }

  @Test func theMajorityIsTheLowestOfEqualClasses() {
    let matrix = ConfusionMatrix(labels: [2, 2, 1, 1, 0], predictions: [0, 0, 0, 0, 0], classCount: 3)
    #expect(matrix.majority.classIndex == 1)
    #expect(matrix.majority.share == 0.4)
    #expect(matrix.precision(of: 1).isNaN)
    #expect(matrix.f1(of: 1) == 0)
    #expect(ConfusionMatrix(labels: [0], predictions: [0], classCount: 2).recall(of: 1).isNaN)
  }

  @Test(arguments: [
    ([] as [Float], [] as [Int], 2, EvaluationError.noImages),
    ([0, 1, 2], [0], 2, .wrongCount(of: "logit", found: 3, images: 1, classes: 2)),
    ([0, 1], [0, 1], 2, .wrongCount(of: "logit", found: 2, images: 2, classes: 2)),
    ([0, 1, 1, 0], [0, 2], 2, .labelOutOfRange(image: 1, found: 2, classes: 2)),
    ([0, 1, 1, 0], [0, -1], 2, .labelOutOfRange(image: 1, found: -1, classes: 2)),
    ([0, 1, 1, .nan], [0, 1], 2, .notFinite("logit", image: 1, classIndex: 1)),
    ([0, -.infinity, 1, 0], [0, 1], 2, .notFinite("logit", image: 0, classIndex: 1)),
    ([0, 1, 2], [0], 3, .wrongClassCount(found: 3, task: .binary)),
  ])
  func refusesWhatCannotBeMeasured(logits: [Float], labels: [Int], classCount: Int, expected: EvaluationError) {
    #expect(throws: expected) {
      try SplitEvaluation(of: .test, logits: logits, labels: labels, classCount: classCount, task: .binary)
    }
    #expect(expected.kind == .badData)
    #expect(!expected.description.contains("\n"))
  }

  @Test func softmaxIsInvariantUnderShiftsAndSafeAtTheEnds() {
    let scores = softmax([1, 2, 3], classCount: 3)
    #expect(softmax([-99, -98, -97], classCount: 3) == scores)
    #expect(abs(scores.reduce(0, +) - 1) < 1e-6)
    #expect(softmax([5, 5, 5, 5], classCount: 4) == [0.25, 0.25, 0.25, 0.25])
    #expect(softmax([3e38, -3e38, -3e38, 3e38], classCount: 2) == [1, 0, 0, 1])
  }
}
