import Losses
import Datasets
import Statistics
import Testing
import _TestSupport

@testable import Metrics

/// What scikit-learn, SciPy and numpy make of the same scores: `Fixtures/generate_bootstrap.py`.
@Suite struct IndependentStatisticsTests {
  private func fixture() throws -> NPZ { try NPZ(path: Fixtures.path("metrics/bootstrap.npz")) }

  /// The resamples of a second implementation of our random streams, each measured by scikit-learn.
  @Test(arguments: [0, 1, 4, 5, 6])
  func bootstrapIntervalsEqualScikitLearns(index: Int) throws {
    let (file, example) = (try fixture(), try EvaluatorCase(index))
    let settings = BootstrapSettings(
      replicates: Int(try file.scalar("\(index).replicates")), seed: UInt64(try file.scalar("\(index).seed")))
    let found = bootstrapIntervals(
      Scores(example.scores, classCount: example.classCount), labels: example.labels, task: example.task,
      settings: settings)
    #expect(found.undefinedReplicates == Int(try file.scalar("\(index).undefined")))
    #expect(found.settings == settings)
    let auc = try #require(found[.auc])
    expectClose(auc, try file.doubles("\(index).auc"))
    expectClose(try #require(found[.accuracy]), try file.doubles("\(index).accuracy"))
  }

  @Test(arguments: 0..<9)
  func supportAndLossEqualScikitLearns(index: Int) throws {
    let (file, example) = (try fixture(), try EvaluatorCase(index))
    let k = example.classCount
    let matrix = ConfusionMatrix(labels: example.labels, predictions: example.labels, classCount: k)
    #expect((0..<k).map(matrix.support) == (try file.integers("\(index).support")))
    let losses = example.labels.enumerated().map { image, label in
      crossEntropyLoss(example.logits[image * k..<(image + 1) * k].map(Double.init), label: label)
    }
    let mean = losses.reduce(0, +) / Double(losses.count)
    #expect(abs(mean - (try file.scalar("\(index).loss"))) < 1e-13)
  }

  /// The record of a split has each class's own measures.
  @Test(arguments: 0..<9)
  func recordsHoldTheMeasuresOfEachClass(index: Int) throws {
    let example = try EvaluatorCase(index)
    let result = try SplitEvaluation(
      of: .test, scores: example.scores, labels: example.labels, classCount: example.classCount, task: example.task,
      bootstrap: BootstrapSettings(replicates: 1))
    #expect(result.classes.map(\.auc) == example.perClass)
    #expect(result.classes.map(\.support) == (try fixture().integers("\(index).support")))
    #expect(result[.auc] == example.auc && result[.accuracy] == example.accuracy)
  }

  /// Classes of different sizes, so that rows and columns of the confusion matrix cannot be taken for each other.
  @Test func unevenClassesEqualScikitLearns() throws {
    let file = try fixture()
    let images = try file.shape(of: "uneven.labels")[1]
    let (labels, predictions) = (try file.integers("uneven.labels"), try file.integers("uneven.predictions"))
    for (row, majority) in [(0, 0), (1, 2), (2, 1)] {
      let range = row * images..<(row + 1) * images
      let matrix = ConfusionMatrix(labels: Array(labels[range]), predictions: Array(predictions[range]), classCount: 3)
      for index in 0..<3 {
        let place = row * 3 + index
        #expect(abs(matrix.precision(of: index) - (try file.doubles("uneven.precision")[place])) < 1e-15)
        #expect(abs(matrix.recall(of: index) - (try file.doubles("uneven.recall")[place])) < 1e-15)
        #expect(abs(matrix.f1(of: index) - (try file.doubles("uneven.f1")[place])) < 1e-15)
        #expect(matrix.support(of: index) == (try file.integers("uneven.support")[place]))
        #expect(matrix.assigned(to: index) == predictions[range].count { $0 == index })
      }
      #expect(matrix.majority.classIndex == majority)
      let scores = predictions[range].flatMap { answer in (0..<3).map { $0 == answer ? 0.8 : Float(0.1) } }
      let result = try SplitEvaluation(
        of: .test, scores: scores, labels: Array(labels[range]), classCount: 3, task: .multiClass,
        bootstrap: BootstrapSettings(replicates: 1))
      #expect(result.majorityClass == majority && result.majorityBaseline == matrix.majority.share)
      #expect(result.confusion == matrix)
      let largest = try file.integers("uneven.support")[row * 3 + majority]
      #expect(abs(matrix.majority.share - Double(largest) / Double(images)) < 1e-15)
    }
  }

  @Test func summariesOfSeedsEqualSciPys() throws {
    let file = try fixture()
    let values = try file.doubles("seeds.values")
    for (row, count) in try file.integers("seeds.counts").enumerated() {
      let summary = SeedSummary(Array(values[..<count]))
      #expect(abs(summary.mean - (try file.doubles("seeds.mean")[row])) < 1e-15)
      #expect(abs((summary.standardDeviation ?? .nan) - (try file.doubles("seeds.deviation")[row])) < 1e-15)
    }
  }

  private func expectClose(_ found: Interval, _ expected: [Double], within tolerance: Double = 1e-14) {
    #expect(abs(found.low - expected[0]) < tolerance && abs(found.high - expected[1]) < tolerance)
  }
}
