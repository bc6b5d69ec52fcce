import Datasets
import VectorMath
import Statistics
import Testing

@testable import Metrics

@Suite struct BootstrapTests {
  /// Three classes with ties; the label's score is raised a little.
  private func sample(count: Int) -> (scores: Scores, labels: [Int]) {
    var stream = RandomStream(seed: 4, purpose: "sample", UInt64(count))
    let labels = (0..<count).map { _ in stream.index(below: 3) }
    let values = labels.flatMap { label in
      (0..<3).map { Double(stream.index(below: 20) + ($0 == label ? 6 : 0)) / 32 }
    }
    return (Scores(values, classCount: 3), labels)
  }

  @Test(arguments: [12, 60])
  func equalsMeasuringEveryResampleAnew(count: Int) {
    let (scores, labels) = sample(count: count)
    let settings = BootstrapSettings(replicates: 80, seed: 9)
    var areas: [Double] = []
    var accuracies: [Double] = []
    for replicate in 0..<settings.replicates {
      var stream = RandomStream(seed: 9, purpose: "bootstrap", UInt64(replicate))
      let images = (0..<count).map { _ in stream.index(below: count) }
      let drawn = Scores(images.flatMap { scores.values[(3 * $0)..<(3 * $0 + 3)] }, classCount: 3)
      let drawnLabels = images.map { labels[$0] }
      let area = areaUnderROC(drawn, labels: drawnLabels, task: .multiClass).value
      if !area.isNaN { areas.append(area) }
      accuracies.append(accuracy(drawn, labels: drawnLabels, task: .multiClass))
    }
    let found = bootstrapIntervals(scores, labels: labels, task: .multiClass, settings: settings)
    let expected = centralInterval(areas)
    #expect(found.undefinedReplicates == 80 - areas.count)
    #expect(found[.accuracy] == centralInterval(accuracies))
    #expect(abs((found[.auc]?.low ?? .nan) - expected.low) < 1e-14)
    #expect(abs((found[.auc]?.high ?? .nan) - expected.high) < 1e-14)
  }

  @Test func aConstantScoreHasNoSpread() throws {
    let scores = Scores([Double](repeating: 0.5, count: 40), classCount: 2)
    let labels = (0..<20).map { $0 % 2 }
    let found = bootstrapIntervals(scores, labels: labels, task: .binary)
    #expect(found[.auc] == Interval(low: 0.5, high: 0.5))
    let accuracy = try #require(found[.accuracy])
    #expect(accuracy.low < 0.5 && accuracy.high > 0.5)
  }

  @Test func countsResamplesWithoutAnArea() {
    let scores = Scores([0.1, 0.9, 0.8, 0.2] as [Double], classCount: 2)
    let some = bootstrapIntervals(scores, labels: [1, 0], task: .binary)
    #expect((400...600).contains(some.undefinedReplicates))
    #expect(some[.auc] == Interval(low: 1, high: 1))
    let all = bootstrapIntervals(scores, labels: [1, 1], task: .binary)
    #expect(all.undefinedReplicates == 1000)
    #expect(all[.auc] == nil)
  }

  @Test func dependsOnTheSeedAlone() {
    let (scores, labels) = sample(count: 50)
    let first = bootstrapIntervals(scores, labels: labels, task: .ordinal)
    #expect(first == bootstrapIntervals(scores, labels: labels, task: .ordinal))
    let other = bootstrapIntervals(scores, labels: labels, task: .ordinal, settings: BootstrapSettings(seed: 1))
    #expect(first[.auc] != other[.auc])
  }
}
