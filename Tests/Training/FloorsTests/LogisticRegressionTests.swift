import Testing
import Threads
import VectorMath
import _TestSupport

@testable import Floors

@Suite struct LogisticRegressionTests {
  private struct Case: Sendable {
    var features: FeatureMatrix
    var labels: [Int]
    var classes: Int
    var penalties: [Double]
  }

  private static let file = Result { try NPZ(path: Fixtures.path("floors/logistic.npz")) }

  private func fixture(_ index: Int) throws -> Case {
    let file = try Self.file.get()
    let labels = try file.integers("\(index)_labels")
    return Case(
      features: FeatureMatrix(
        try file.floats("\(index)_features"), columns: try file.shape(of: "\(index)_features")[1]),
      labels: labels, classes: (labels.max() ?? 0) + 1, penalties: try file.doubles("\(index)_penalties"))
  }

  /// scikit-learn's minimum, also where each penalty begins at the one before it.
  @Test(arguments: 0..<4) func isThatOfScikitLearn(index: Int) throws {
    let example = try fixture(index)
    var model = LogisticRegression(classes: example.classes, inputs: example.features.columns)
    for (place, penalty) in example.penalties.enumerated() {
      try model.fit(example.features, labels: example.labels, penalty: penalty, pool: WorkerPool(threads: 2))
      let file = try Self.file.get()
      let weights = try file.doubles("\(index)_\(place)_weights")
      let bias = try file.doubles("\(index)_\(place)_bias")
      #expect(model.parameters.count == weights.count + bias.count)
      // A derivative of 10⁻⁸ leaves a distance of 10⁻⁸/λ at most.
      let tolerance = 1e-6 + 2e-8 / penalty
      for (found, expected) in zip(model.parameters, weights + bias) {
        #expect((found - expected).magnitude < tolerance, "penalty \(penalty)")
      }
    }
  }

  @Test func logitsAreThoseOfItsWeights() throws {
    for index in [0, 2] {
      let example = try fixture(index)
      var model = LogisticRegression(classes: example.classes, inputs: example.features.columns)
      try model.fit(example.features, labels: example.labels, penalty: 0.01, pool: WorkerPool(threads: 1))
      let logits = model.logits(example.features, pool: WorkerPool(threads: 1))
      let (n, d, k) = (example.features.rows, example.features.columns, example.classes)
      #expect(logits.count == n * k)
      for row in stride(from: 0, to: n, by: 17) {
        for c in 0..<k {
          let m = model.outputs == 1 ? c - 1 : c
          var expected = m < 0 ? 0 : model.parameters[model.outputs * d + m]
          if m >= 0 {
            for column in 0..<d {
              expected += model.parameters[m * d + column] * Double(example.features.values[row * d + column])
            }
          }
          #expect((Double(logits[row * k + c]) - expected).magnitude < 1e-5)
        }
      }
    }
  }

  @Test func doesNotDependOnThreads() throws {
    let example = try fixture(2)
    let fitted = try [1, 2, 3].map { threads in
      var model = LogisticRegression(classes: example.classes, inputs: example.features.columns)
      try model.fit(example.features, labels: example.labels, penalty: 0.01, pool: WorkerPool(threads: threads))
      return model.parameters.map(\.bitPattern)
    }
    #expect(fitted[0] == fitted[1] && fitted[0] == fitted[2])
  }

  /// Without weights a bias is the logarithm of the classes' odds.
  @Test func aHugePenaltyLeavesTheSharesOfTheClasses() throws {
    let features = FeatureMatrix([0, 1, 0, 1, 1, 0, 0, 1, 1, 0], columns: 1)
    var model = LogisticRegression(classes: 2, inputs: 1)
    try model.fit(
      features, labels: [0, 0, 0, 1, 1, 1, 1, 1, 1, 1], penalty: 1e6, pool: WorkerPool(threads: 1))
    #expect(model.parameters[0].magnitude < 1e-6)
    #expect((model.parameters[1] - Elementary.log(7.0 / 3)).magnitude < 1e-6)
  }

  @Test func rowsOfAnyLengthAreMultiplied() {
    for columns in [1, 7, 8, 15, 16, 17, 33, 784] {
      let values = (0..<columns * 3).map { Float(($0 * 37) % 11) - 5 }
      let weights = (0..<columns).map { Double(($0 * 13) % 7) - 3 } + [0.5]
      let found = FeatureMatrix(values, columns: columns).products(
        with: weights, outputs: 1, pool: WorkerPool(threads: 1))
      let sums = FeatureMatrix(values, columns: columns).gradient(
        of: [1, -2, 3], outputs: 1, pool: WorkerPool(threads: 1))
      for row in 0..<3 {
        let expected = (0..<columns).reduce(0.5) { $0 + weights[$1] * Double(values[row * columns + $1]) }
        #expect((found[row] - expected).magnitude < 1e-9)
      }
      for column in 0..<columns {
        let expected =
          (Double(values[column]) - 2 * Double(values[columns + column]) + 3 * Double(values[2 * columns + column])) / 3
        #expect((sums[column] - expected).magnitude < 1e-9)
      }
      #expect((sums[columns] - 2.0 / 3).magnitude < 1e-12)
    }
  }
}
