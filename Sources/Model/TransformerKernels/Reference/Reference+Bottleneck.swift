public import VectorMath

extension Reference {
  /// y[t, c] = up[c] Σ_i down[i] x[t, i]; x and y `[T, C]`.
  public static func bottleneck<S: Scalar>(_ x: [S], down: [S], up: [S]) -> [S] {
    let middle = products(x, down)
    return x.indices.map { up[$0 % up.count] * middle[$0 / up.count] }
  }

  /// dx[t, i] = down[i] ds[t] with ds[t] = Σ_c up[c] dy[t, c]; ddown[i] += Σ_t ds[t] x[t, i]; dup[c] += Σ_t dy[t, c] s[t].
  public static func bottleneckBackward<S: Scalar>(
    _ dy: [S], x: [S], down: [S], up: [S], dDown: inout [S], dUp: inout [S]
  ) -> [S] {
    let (middle, gradient) = (products(x, down), products(dy, up))
    for index in dy.indices {
      let (token, channel) = (index / up.count, index % up.count)
      dUp[channel] += dy[index] * middle[token]
      dDown[channel] += gradient[token] * x[index]
    }
    return x.indices.map { down[$0 % down.count] * gradient[$0 / down.count] }
  }

  /// Σ_c weight[c] x[t, c] for every token.
  private static func products<S: Scalar>(_ x: [S], _ weight: [S]) -> [S] {
    stride(from: 0, to: x.count, by: weight.count).map { start in
      weight.indices.reduce(S(0)) { $0 + weight[$1] * x[start + $1] }
    }
  }
}
