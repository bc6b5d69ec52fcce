public import VectorMath

extension Reference {
  /// y[t, c] = w[c] x[t, c] + b[c].
  ///
  /// x `[T, C]`, weight and bias `[C]` → y `[T, C]`.
  public static func diagonal<S: Scalar>(_ x: [S], weight: [S], bias: [S]) -> [S] {
    x.indices.map { weight[$0 % bias.count] * x[$0] + bias[$0 % bias.count] }
  }

  /// dx[t, c] = w[c] dy[t, c]; dw[c] += Σ_t dy[t, c] x[t, c]; db[c] += Σ_t dy[t, c].
  public static func diagonalBackward<S: Scalar>(
    _ dy: [S], x: [S], weight: [S], dWeight: inout [S], dBias: inout [S]
  ) -> [S] {
    for (index, gradient) in dy.enumerated() {
      dWeight[index % weight.count] += gradient * x[index]
      dBias[index % weight.count] += gradient
    }
    return dy.indices.map { dy[$0] * weight[$0 % weight.count] }
  }

  /// y = cos z, element by element.
  public static func cosine<S: Scalar>(_ z: [S]) -> [S] { z.map { $0.sinCos().cos } }

  /// dz = −dy sin z.
  public static func cosineBackward<S: Scalar>(_ dy: [S], z: [S]) -> [S] {
    zip(dy, z).map { (gradient: S, value: S) -> S in -gradient * value.sinCos().sin }
  }

  /// y = tanh z, element by element.
  public static func tanh<S: Scalar>(_ z: [S]) -> [S] {
    z.map { (value: S) -> S in
      let small = S.exp(-2 * value.magnitude)
      let y = (1 - small) / (1 + small)
      return value < 0 ? -y : y
    }
  }

  /// dz = dy (1 − tanh² z).
  public static func tanhBackward<S: Scalar>(_ dy: [S], z: [S]) -> [S] {
    zip(dy, tanh(z)).map { (gradient: S, y: S) -> S in gradient * (1 - y * y) }
  }
}
