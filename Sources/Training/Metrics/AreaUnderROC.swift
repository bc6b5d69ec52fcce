// The area under the receiver operating characteristic is the probability that a positive image has the higher score
// of a random pair, a tie counting half (Mann-Whitney):
//
//   AUC = Σ over groups g of equal score, pos_g · (neg below g + neg_g / 2) / (P · N)
//
// That is a ratio of integers. scikit-learn, and through it MedMNIST's Evaluator, instead sums trapezoids under a curve
// of rounded rates, and may differ from the correctly rounded ratio in the last bits. To report the same digits we sum
// the same trapezoids in the same order; the bootstrap uses the ratio.

/// The area under the ROC curve, ties counted half, bit for bit the value of `sklearn.metrics.roc_auc_score`.
///
/// O(n log n). A constant score gives 0.5.
/// - Parameters:
///   - scores: `[N]`, finite; higher means more likely positive.
///   - positives: `[N]`, whether the image belongs to the class.
/// - Returns: the area in [0, 1]; NaN if there is no positive or no negative image.
/// Source: scikit-learn 1.9, `roc_curve` (with intermediate points dropped) and `auc`; numpy 2.4, `trapezoid`.
public func areaUnderROC(scores: [Double], positives: [Bool]) -> Double {
  precondition(scores.count == positives.count, "\(scores.count) scores, \(positives.count) labels")
  return areaUnderROC(Ranking(scores), positives: positives)
}

func areaUnderROC(_ ranking: Ranking, positives: [Bool]) -> Double {
  let (falsePositives, truePositives) = ranking.countsAbove(positives: positives)
  guard let hits = truePositives.last, let negatives = falsePositives.last, hits > 0, negatives > 0 else { return .nan }

  var falseRates = [0.0]
  var trueRates = [0.0]
  let last = falsePositives.count - 1
  for point in 0...last {
    let isCorner =
      point == 0 || point == last
      || bends(falsePositives, at: point) || bends(truePositives, at: point)
    guard isCorner else { continue }
    falseRates.append(Double(falsePositives[point]) / Double(negatives))
    trueRates.append(Double(truePositives[point]) / Double(hits))
  }
  let trapezoids = (1..<falseRates.count).map { (point: Int) -> Double in
    (falseRates[point] - falseRates[point - 1]) * (trueRates[point] + trueRates[point - 1]) / 2
  }
  return pairwiseSum(trapezoids[...])
}

private func bends(_ counts: [Int], at point: Int) -> Bool {
  counts[point + 1] - counts[point] != counts[point] - counts[point - 1]
}

/// The sum in numpy's order: eight running sums over blocks of up to 128 numbers, blocks combined by halving.
/// Source: numpy 2.4, `pairwise_sum`.
func pairwiseSum(_ values: ArraySlice<Double>) -> Double {
  let count = values.count
  let first = values.startIndex
  if count < 8 { return values.reduce(-0.0, +) }
  if count <= 128 {
    var sums = Array(values.prefix(8))
    var next = first + 8
    while next + 8 <= values.endIndex {
      for lane in 0..<8 { sums[lane] += values[next + lane] }
      next += 8
    }
    let total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
    return values[next...].reduce(total, +)
  }
  let half = count / 2 - count / 2 % 8
  return pairwiseSum(values[..<(first + half)]) + pairwiseSum(values[(first + half)...])
}
