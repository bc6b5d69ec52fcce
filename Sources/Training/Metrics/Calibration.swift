/// How far the scores of a model are probabilities.
public struct Calibration: Sendable, Equatable {
  /// The images whose confidence, the score of the predicted class, lies in one of the equally wide parts of [0, 1].
  public struct Bin: Sendable, Equatable {
    /// Images.
    public var count: Int
    /// The mean of their confidences; NaN without images.
    public var confidence: Double
    /// The share whose class was predicted; NaN without images.
    public var accuracy: Double

    /// A bin from its parts.
    public init(count: Int, confidence: Double, accuracy: Double) {
      self.count = count
      self.confidence = confidence
      self.accuracy = accuracy
    }
  }

  /// The bins, by ascending confidence.
  public let bins: [Bin]
  /// The mean over the images of Σₖ (pₖ − yₖ)², from 0 to 2 (Brier, Monthly Weather Review 78, 1950).
  public let brierScore: Double
  /// The expected calibration error Σ over bins of (images in it / N) · |accuracy − confidence| (Guo et al., ICML 2017).
  public let expectedError: Double

  /// The number of bins.
  public static let binCount = 10

  /// The calibration of scores `[N, K]`.
  /// - Parameters:
  ///   - labels: the true classes `[N]`.
  ///   - predictions: the predicted classes `[N]`.
  /// - Precondition: as many of each, and at least one; scores from 0 to 1.
  public init(_ scores: Scores, labels: [Int], predictions: [Int]) {
    precondition(scores.count == labels.count && labels.count == predictions.count && !labels.isEmpty, "no images")
    var (counts, hits) = ([Int](repeating: 0, count: Self.binCount), [Int](repeating: 0, count: Self.binCount))
    var confidences = [Double](repeating: 0, count: Self.binCount)
    var squares = 0.0
    for (image, (label, prediction)) in zip(labels, predictions).enumerated() {
      let row = scores.values[image * scores.classCount..<(image + 1) * scores.classCount]
      for (index, score) in zip(0..<scores.classCount, row) {
        let distance = score - (index == label ? 1 : 0)
        squares += distance * distance
      }
      let confidence = row[row.startIndex + prediction]
      let bin = min(max(Int(confidence * Double(Self.binCount)), 0), Self.binCount - 1)
      counts[bin] += 1
      confidences[bin] += confidence
      if label == prediction { hits[bin] += 1 }
    }
    bins = (0..<Self.binCount).map { bin in
      Bin(
        count: counts[bin], confidence: confidences[bin] / Double(counts[bin]),
        accuracy: share(hits[bin], of: counts[bin]))
    }
    brierScore = squares / Double(labels.count)
    expectedError =
      bins.filter { $0.count > 0 }.reduce(0) { $0 + Double($1.count) * abs($1.accuracy - $1.confidence) }
      / Double(labels.count)
  }
}

extension Scores {
  /// How far the scores of an image may add up to another number than 1: files from elsewhere have them rounded.
  private static let tolerance = 0.01

  /// Whether each is from 0 to 1 and those of each image add up to 1.
  var areProbabilities: Bool {
    (0..<count).allSatisfy { image in
      let row = values[image * classCount..<(image + 1) * classCount]
      return row.allSatisfy { (0...1).contains($0) } && abs(row.reduce(0, +) - 1) <= Self.tolerance
    }
  }
}

extension SplitEvaluation {
  /// The scores `[N, K]`.
  public var scoreMatrix: Scores { Scores(scores, classCount: classCount) }

  /// How far the scores are probabilities; nil where they are none, as those of a model made elsewhere may be.
  public var calibration: Calibration? {
    scoreMatrix.areProbabilities ? Calibration(scoreMatrix, labels: labels, predictions: predictions) : nil
  }

  /// The mean of the classes' recalls, over the classes that have images: what accuracy would be if all were equally large.
  public var balancedAccuracy: Double {
    let recalls = classes.map(\.recall).filter { !$0.isNaN }
    return recalls.reduce(0, +) / Double(recalls.count)
  }

  /// The curve of a class's score against the rest; nil where it has no AUC.
  public func rocCurve(of index: Int) -> ROCCurve? {
    ROCCurve(scores: scoreMatrix.column(index), positives: labels.map { $0 == index })
  }
}
