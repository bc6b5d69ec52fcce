public import VectorMath

extension Reference {
  /// ε of every layer norm.
  public static let layerNormEpsilon = 1e-5

  /// y[t, c] = w[c] (x[t, c] − mean_t) / √(var_t + ε) + b[c], mean and (biased) variance over the channels of a token.
  ///
  /// x `[T, C]`, weight and bias `[C]` → y `[T, C]`.
  public static func layerNorm<S: Scalar>(_ x: [S], weight: [S], bias: [S]) -> [S] {
    let channels = weight.count
    var y = x
    for t in 0..<x.count / channels {
      let (mean, scale) = moments(x[t * channels..<(t + 1) * channels])
      for c in 0..<channels { y[t * channels + c] = weight[c] * (x[t * channels + c] - mean) * scale + bias[c] }
    }
    return y
  }

  /// With x̂ = (x − mean)/√(var + ε) and g = dy·w:
  /// dx = (g − mean(g) − x̂ mean(g x̂))/√(var + ε); dw[c] += Σ_t dy x̂; db[c] += Σ_t dy.
  public static func layerNormBackward<S: Scalar>(
    _ dy: [S], x: [S], weight: [S], dWeight: inout [S], dBias: inout [S]
  ) -> [S] {
    let channels = weight.count
    var dx = [S](repeating: 0, count: x.count)
    for t in 0..<x.count / channels {
      let token = t * channels..<(t + 1) * channels
      let (mean, scale) = moments(x[token])
      var (sumG, sumGX): (S, S) = (0, 0)
      for c in 0..<channels {
        let normal = (x[token.lowerBound + c] - mean) * scale
        let gradient = dy[token.lowerBound + c]
        dWeight[c] += gradient * normal
        dBias[c] += gradient
        sumG += gradient * weight[c]
        sumGX += gradient * weight[c] * normal
      }
      for c in 0..<channels {
        let normal = (x[token.lowerBound + c] - mean) * scale
        let g = dy[token.lowerBound + c] * weight[c]
        dx[token.lowerBound + c] = (g - sumG / S(channels) - normal * sumGX / S(channels)) * scale
      }
    }
    return dx
  }

  /// The mean of a token's channels and 1/√(var + ε).
  private static func moments<S: Scalar>(_ token: ArraySlice<S>) -> (mean: S, scale: S) {
    let mean = token.reduce(0, +) / S(token.count)
    let variance = token.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / S(token.count)
    return (mean, 1 / (variance + S(layerNormEpsilon)).squareRoot())
  }
}
