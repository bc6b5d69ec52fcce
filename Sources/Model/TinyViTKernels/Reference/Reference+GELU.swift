package import VectorMath

extension Reference {
  /// x Φ(x) = x (1 + erf(x/√2))/2.
  package static func gelu<Number: Scalar>(_ x: Number) -> Number {
    x * (1 + Number.erf(x * Number(0.5).squareRoot())) / 2
  }

  /// Φ(x) + x e^(−x²/2)/√(2π).
  package static func geluDerivative<Number: Scalar>(_ x: Number) -> Number {
    let density = Number.exp(-x * x / 2) / (2 * Number.pi).squareRoot()
    return (1 + Number.erf(x * Number(0.5).squareRoot())) / 2 + x * density
  }
}
