public import VectorMath

/// Softmax cross-entropy of one image, as its share of a batch's mean.
///
///     loss = −log p[label] / B,   p = softmax(logits),   dLogits = (p − onehot(label)) / B
///
/// logits `[K]`; B is the number of images in the batch.
@inlinable
public func crossEntropy<S: Scalar>(logits: [S], label: Int, batch: Int) -> (loss: S, dLogits: [S]) {
  let largest = logits.max() ?? 0
  let exponentials = logits.map { S.exp($0 - largest) }
  let total = exponentials.reduce(0, +)
  let loss = (S.log(total) - (logits[label] - largest)) / S(batch)
  let dLogits = exponentials.enumerated().map { (index: Int, value: S) -> S in
    (value / total - (index == label ? 1 : 0)) / S(batch)
  }
  return (loss, dLogits)
}

/// The same of an image in single precision, whose loss −log p[label] = (log Σ + peak) − logit is not yet divided by B; the
/// gradient is. The teacher's history holds losses that were rounded in this order.
public func crossEntropySummand(_ logits: [Float], label: Int, batch: Int) -> (loss: Double, dLogits: [Float]) {
  let peak = Double(logits.max() ?? 0)
  let exponentials = logits.map { Elementary.exp(Double($0) - peak) }
  let total = exponentials.reduce(0, +)
  let gradient = exponentials.indices.map {
    Float((exponentials[$0] / total - ($0 == label ? 1 : 0)) / Double(batch))
  }
  return (Elementary.log(total) + peak - Double(logits[label]), gradient)
}

/// −log softmax(logits)[label], of one image.
@inlinable
public func crossEntropyLoss<S: Scalar>(_ logits: [S], label: Int) -> S {
  crossEntropy(logits: logits, label: label, batch: 1).loss
}

/// Mean squared error of one image's vector to its target, as its share of the mean over a batch of B vectors `[C]`.
///
///     loss = Σ_c (x_c − t_c)² / (B·C),   dx_c = 2 (x_c − t_c) / (B·C)
@inlinable
public func meanSquaredError<S: Scalar>(_ x: [S], target: [S], batch: Int) -> (loss: S, gradient: [S]) {
  let count = S(batch * x.count)
  var loss = S(0)
  var gradient: [S] = []
  for (value, wanted) in zip(x, target) {
    let difference = value - wanted
    loss += difference * difference / count
    gradient.append(2 * difference / count)
  }
  return (loss, gradient)
}
