/// How often images of each class are assigned to each class.
public struct ConfusionMatrix: Sendable, Equatable {
  /// The number of classes K.
  public let classCount: Int
  /// Counts `[K, K]`: row = true class, column = predicted class.
  public let counts: [Int]

  /// Counts pairs of true and predicted class.
  /// - Precondition: as many predictions as labels, all in 0 ..< `classCount`.
  public init(labels: [Int], predictions: [Int], classCount: Int) {
    precondition(labels.count == predictions.count, "\(labels.count) labels, \(predictions.count) predictions")
    var counts = [Int](repeating: 0, count: classCount * classCount)
    for (label, prediction) in zip(labels, predictions) { counts[label * classCount + prediction] += 1 }
    self.classCount = classCount
    self.counts = counts
  }

  /// The number of images of class `label` that were assigned to class `prediction`.
  public subscript(label: Int, prediction: Int) -> Int { counts[label * classCount + prediction] }

  /// The number of images of a class.
  public func support(of index: Int) -> Int { (0..<classCount).reduce(0) { $0 + self[index, $1] } }

  /// The number of images assigned to a class.
  public func assigned(to index: Int) -> Int { (0..<classCount).reduce(0) { $0 + self[$1, index] } }

  /// Correct among the images of the class; NaN if it has none.
  public func recall(of index: Int) -> Double { share(self[index, index], of: support(of: index)) }

  /// Correct among the images assigned to the class; NaN if there are none.
  public func precision(of index: Int) -> Double { share(self[index, index], of: assigned(to: index)) }

  /// F1 = 2 TP / (2 TP + FP + FN); 0 for a class that is never hit, NaN for one that neither occurs nor is assigned.
  public func f1(of index: Int) -> Double {
    share(2 * self[index, index], of: support(of: index) + assigned(to: index))
  }

  /// The largest class and its share: the accuracy of answering always that class. The lowest of equally large classes.
  public var majority: (classIndex: Int, share: Double) {
    let supports = (0..<classCount).map(support)
    let best = supports.indices.max { supports[$0] < supports[$1] || (supports[$0] == supports[$1] && $0 > $1) } ?? 0
    return (best, Metrics.share(supports[best], of: supports.reduce(0, +)))
  }
}
