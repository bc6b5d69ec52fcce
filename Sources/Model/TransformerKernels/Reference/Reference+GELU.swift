public import VectorMath

extension Reference {
  /// y = x Φ(x), Φ(x) = ½ (1 + erf(x/√2)): the exact GELU, element by element.
  public static func gelu<S: Scalar>(_ x: [S]) -> [S] { x.map { $0 * normalCumulative($0) } }

  /// dx = dy (Φ(x) + x φ(x)), φ(x) = e^(−x²/2)/√(2π).
  public static func geluBackward<S: Scalar>(_ dy: [S], x: [S]) -> [S] {
    zip(dy, x).map { (gradient: S, value: S) -> S in
      let density = S.exp(-value * value / 2) * S(0.398_942_280_401_432_677_94)
      return gradient * (normalCumulative(value) + value * density)
    }
  }

  private static func normalCumulative<S: Scalar>(_ x: S) -> S {
    (1 + S.erf(x * S(0.707_106_781_186_547_524_4))) / 2
  }
}
