import VectorMath
import TinyViTKernels

/// The head: layer norm, Linear(features, q), ReLU (the penultimate vector), Linear(q, K). A few thousand multiplications
/// for each image, so plain loops in a fixed order.
struct Head {
  let architecture: Architecture
  let parameters: AlignedMemory<Float>

  /// What one image's forward pass gives.
  struct Output {
    /// LN(pooled).
    var normalised: [Float]
    /// Before ReLU.
    var preactivation: [Float]
    /// After ReLU.
    var penultimate: [Float]
    var logits: [Float]
  }

  /// - Parameter pooled: [features] of one image.
  func forward(_ pooled: UnsafePointer<Float>) -> Output {
    let norm = architecture.headNorm
    let memory = AlignedMemory<Float>(count: norm.channels)
    layerNormForward(
      rows: 1, channels: norm.channels, pooled, gamma: parameters.base + norm.gamma, beta: parameters.base + norm.beta,
      into: memory.base)
    let normalised = Array(memory.elements)
    let preactivation = linear(architecture.penultimate, normalised)
    let penultimate = preactivation.map { max($0, 0) }
    return Output(
      normalised: normalised, preactivation: preactivation, penultimate: penultimate,
      logits: linear(architecture.classifier, penultimate))
  }

  /// Adds one image's part to the gradients; returns that of `pooled`.
  func backward(
    dLogits: [Float], _ output: Output, pooled: UnsafePointer<Float>, gradients: UnsafeMutablePointer<Float>,
    dPooled: UnsafeMutablePointer<Float>
  ) {
    let dPenultimate = linearBackward(architecture.classifier, dy: dLogits, output.penultimate, gradients)
    let dPreactivation = zip(dPenultimate, output.preactivation).map { $1 > 0 ? $0 : 0 }
    let dNormalised = linearBackward(architecture.penultimate, dy: dPreactivation, output.normalised, gradients)
    let norm = architecture.headNorm
    dPooled.update(repeating: 0, count: norm.channels)
    dNormalised.withUnsafeBufferPointer { dy in
      guard let dy = dy.baseAddress else { return }
      layerNormBackward(
        rows: 1, channels: norm.channels, dy: dy, pooled, gamma: parameters.base + norm.gamma, addingTo: dPooled,
        dGamma: gradients + norm.gamma, dBeta: gradients + norm.beta)
    }
  }

  private func linear(_ layer: LinearLayer, _ x: [Float]) -> [Float] {
    (0..<layer.product.outputs).map { o in
      let row = parameters.base + layer.product.weight + o * x.count
      var y = parameters.base[layer.bias + o]
      for i in x.indices { y.addProduct(x[i], row[i]) }
      return y
    }
  }

  private func linearBackward(
    _ layer: LinearLayer, dy: [Float], _ x: [Float], _ gradients: UnsafeMutablePointer<Float>
  ) -> [Float] {
    var dx = [Float](repeating: 0, count: x.count)
    for (o, d) in dy.enumerated() {
      let row = layer.product.weight + o * x.count
      gradients[layer.bias + o] += d
      for i in x.indices {
        dx[i].addProduct(d, parameters.base[row + i])
        gradients[row + i].addProduct(d, x[i])
      }
    }
    return dx
  }
}
