import Datasets
import Testing
import VectorMath

@testable import Metrics

@Suite("Calibration and ROC curves") struct CalibrationTests {
  private func evaluation(_ images: Int, classes: Int, seed: UInt64) throws -> SplitEvaluation {
    var stream = RandomStream(seed: seed, purpose: "calibration test")
    let labels = (0..<images).map { $0 % classes }
    let logits = labels.flatMap { label in
      // Rounded, so that there are ties.
      (0..<classes).map { Float(((stream.normal() + ($0 == label ? 1 : 0)) * 4).rounded() / 4) }
    }
    return try SplitEvaluation(
      of: .test, logits: logits, labels: labels, classCount: classes, task: classes == 2 ? .binary : .multiClass,
      bootstrap: BootstrapSettings(replicates: 2))
  }

  @Test("Brier score and calibration error of scores worked out by hand")
  func byHand() {
    // Confidences 0.9 right, 0.9 wrong, 0.6 right, 0.55 right.
    let scores = Scores([Double]([0.9, 0.1, 0.1, 0.9, 0.6, 0.4, 0.45, 0.55]), classCount: 2)
    let calibration = Calibration(scores, labels: [0, 0, 0, 1], predictions: [0, 1, 0, 1])
    #expect(abs(calibration.brierScore - (0.02 + 1.62 + 0.32 + 0.405) / 4) < 1e-12)
    #expect(calibration.bins.map(\.count) == [0, 0, 0, 0, 0, 1, 1, 0, 0, 2])
    #expect(abs(calibration.bins[9].accuracy - 0.5) < 1e-12 && abs(calibration.bins[9].confidence - 0.9) < 1e-12)
    // |0.5 - 0.9| · 2/4 + |1 - 0.6| / 4 + |1 - 0.55| / 4
    #expect(abs(calibration.expectedError - (0.2 + 0.1 + 0.1125)) < 1e-12)
  }

  @Test("certain and right is perfect, certain and wrong the worst there is")
  func extremes() {
    let scores = Scores([Double]([1, 0, 0, 1]), classCount: 2)
    let right = Calibration(scores, labels: [0, 1], predictions: [0, 1])
    #expect(right.brierScore == 0 && right.expectedError == 0 && right.bins[9].count == 2)
    let wrong = Calibration(scores, labels: [1, 0], predictions: [0, 1])
    #expect(wrong.brierScore == 2 && wrong.expectedError == 1)
  }

  @Test(
    "scores that are no probabilities have no calibration",
    arguments: [
      ([0.9, 0.1, 0.4, 0.6], true), ([0.9, 0.105, 0.4, 0.6], true), ([1.2, -0.2, 0.4, 0.6], false),
      ([0.9, 0.3, 0.4, 0.6], false), ([1e18, 0, 0, 1], false),
    ])
  func otherScores(scores: [Float], areProbabilities: Bool) throws {
    let evaluation = try SplitEvaluation(
      of: .test, scores: scores, logits: nil, labels: [0, 1], classCount: 2, task: .binary, duplicatesOfTrain: 0,
      intervals: BootstrapIntervals(intervals: [:], undefinedReplicates: 0, settings: BootstrapSettings()))
    #expect((evaluation.calibration != nil) == areProbabilities)
  }

  @Test("the area under the curve is the AUC, ties included", arguments: [2, 3, 5], 0..<6)
  func area(classes: Int, seed: Int) throws {
    let found = try evaluation(30 + 7 * seed, classes: classes, seed: UInt64(seed))
    for index in 0..<classes {
      let curve = try #require(found.rocCurve(of: index))
      let area = zip(curve.falseRates.indices.dropFirst(), curve.falseRates.indices).reduce(0.0) { sum, step in
        sum + (curve.falseRates[step.0] - curve.falseRates[step.1])
          * (curve.trueRates[step.0] + curve.trueRates[step.1]) / 2
      }
      #expect(abs(area - found.classes[index].auc) < 1e-12)
      #expect(curve.falseRates.first == 0 && curve.falseRates.last == 1 && curve.trueRates.last == 1)
    }
  }

  @Test("between its points a curve is straight, and at a rise its upper end counts")
  func interpolation() throws {
    // Positive, negative, a tie of both, negative: points (0, ½), (⅓, ½), (⅔, 1), (1, 1).
    let curve = try #require(
      ROCCurve(scores: [0.9, 0.8, 0.5, 0.5, 0.1], positives: [true, false, true, false, false]))
    #expect(curve.trueRate(at: 0) == 0.5 && abs(curve.trueRate(at: 0.2) - 0.5) < 1e-12)
    #expect(abs(curve.trueRate(at: 0.5) - 0.75) < 1e-12 && curve.trueRate(at: 1) == 1)
    #expect(ROCCurve(scores: [1, 2], positives: [true, true]) == nil)
  }

  @Test("balanced accuracy is the mean of the recalls of the classes that occur")
  func balanced() throws {
    let scores: [Float] = [0.9, 0.1, 0, 0.8, 0.2, 0, 0.7, 0.3, 0, 0.4, 0.6, 0]
    let found = try SplitEvaluation(
      of: .test, scores: scores, labels: [0, 0, 1, 1], classCount: 3, task: .multiClass,
      bootstrap: BootstrapSettings(replicates: 2))
    #expect(found.balancedAccuracy == 0.75)
  }
}
