import VectorMath

/// Softmax of each row of logits `[N, K]`: p_k = exp(z_k − max z) / Σ exp(z_j − max z).
///
/// Computed in Double with our own exponential, summed in the order of the classes and rounded to Float: the same bits
/// on every machine. Rows of equal logits give equal scores.
/// - Precondition: logits are finite and a multiple of `classCount` in number.
public func softmax(_ logits: [Float], classCount: Int) -> [Float] {
  precondition(
    classCount > 0 && logits.count.isMultiple(of: classCount), "\(logits.count) logits, \(classCount) classes")
  var scores: [Float] = []
  scores.reserveCapacity(logits.count)
  for start in stride(from: 0, to: logits.count, by: classCount) {
    let row = logits[start..<(start + classCount)].map(Double.init)
    let peak = row.reduce(row[0], max)
    let powers = row.map { Elementary.exp($0 - peak) }
    let total = powers.reduce(0, +)
    for power in powers { scores.append(Float(power / total)) }
  }
  return scores
}
