import Datasets

/// What each image contributes to the error of a metric, `[N]`: ψ such that Σᵢ ψᵢ² estimates the metric's variance
/// over test sets of the same size, and Σᵢ ψᵢ ψ'ᵢ its covariance with another run's on the same images.
///
/// AUC, binary: DeLong's placements. For a positive image V = the share of negative images with a lower score (ties half), for
/// a negative image the share of positive ones with a higher; ψ = (V − AUC)/√(n(n − 1)), n being the number of images of its
/// side. Otherwise the mean over the classes, each against the rest. ACC: ψ = (hit − ACC)/√(N(N − 1)).
///
/// Source: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988) 837–845.
/// - Returns: nil where the metric is undefined, or a side has a single image, whose variance nobody knows.
public func influences(of evaluation: SplitEvaluation, _ metric: Metric) -> [Double]? {
  guard !evaluation[metric].isNaN else { return nil }
  switch metric {
  case .accuracy:
    let count = Double(evaluation.imageCount)
    guard count > 1 else { return nil }
    let scale = 1 / (count * (count - 1)).squareRoot()
    return zip(evaluation.predictions, evaluation.labels).map { predicted, label in
      ((predicted == label ? 1 : 0) - evaluation[.accuracy]) * scale
    }
  case .auc:
    let measured = evaluation.task == .binary ? 1..<2 : 0..<evaluation.classCount
    let scores = evaluation.scoreMatrix
    var sum = [Double](repeating: 0, count: evaluation.imageCount)
    for index in measured {
      guard let influence = areaInfluences(scores.column(index), positives: evaluation.labels.map { $0 == index })
      else { return nil }
      for image in sum.indices { sum[image] += influence[image] / Double(measured.count) }
    }
    return sum
  }
}

/// The influences on the area under one ROC curve; nil with fewer than two images on a side.
private func areaInfluences(_ scores: [Double], positives: [Bool]) -> [Double]? {
  let ranking = Ranking(scores)
  let positiveCount = positives.count { $0 }
  let negativeCount = positives.count - positiveCount
  guard positiveCount > 1, negativeCount > 1 else { return nil }
  var placements = [Double](repeating: 0, count: scores.count)
  var (positivesBelow, negativesBelow) = (0, 0)
  var start = 0
  for end in ranking.groupEnds {
    let group = ranking.order[start..<Int(end)].map(Int.init)
    let hits = group.count { positives[$0] }
    let misses = group.count - hits
    for image in group {
      placements[image] =
        positives[image]
        ? Double(2 * negativesBelow + misses) / Double(2 * negativeCount)
        : 1 - Double(2 * positivesBelow + hits) / Double(2 * positiveCount)
    }
    positivesBelow += hits
    negativesBelow += misses
    start = Int(end)
  }
  let area = zip(placements, positives).reduce(0) { $0 + ($1.1 ? $1.0 : 0) } / Double(positiveCount)
  func scale(_ count: Int) -> Double { 1 / (Double(count) * Double(count - 1)).squareRoot() }
  let (ofPositives, ofNegatives) = (scale(positiveCount), scale(negativeCount))
  return placements.indices.map { (placements[$0] - area) * (positives[$0] ? ofPositives : ofNegatives) }
}
