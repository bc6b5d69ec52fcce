import VectorMath

/// The regularised incomplete beta function I_x(a, b), which is P(X ≤ x) of a Beta(a, b) variable; a, b > 0.
///
/// By the continued fraction, which converges in some dozens of steps where x < (a + 1)/(a + b + 2); elsewhere by
/// I_x(a, b) = 1 − I_{1−x}(b, a). Relative error below 1e-10 for a, b up to 10⁴.
///
/// Source: NIST Digital Library of Mathematical Functions, 8.17.4 and 8.17.22, evaluated by Lentz's method.
public func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  precondition(a > 0 && b > 0, "a = \(a), b = \(b)")
  guard !x.isNaN else { return .nan }
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  let front = Elementary.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Elementary.log(x) + b * Elementary.log(1 - x))
  return x < (a + 1) / (a + b + 2)
    ? front * betaFraction(x, a, b) / a : 1 - front * betaFraction(1 - x, b, a) / b
}

private func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  // Lentz's method replaces a denominator of zero by a number next to it.
  func awayFromZero(_ value: Double) -> Double { value.magnitude < 1e-300 ? 1e-300 : value }
  var numerator = 1.0
  var denominator = 1 / awayFromZero(1 - (a + b) * x / (a + 1))
  var fraction = denominator
  for step in 1...10_000 {
    let m = Double(step)
    for coefficient in [
      m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
      -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
    ] {
      denominator = 1 / awayFromZero(1 + coefficient * denominator)
      numerator = awayFromZero(1 + coefficient / numerator)
      fraction *= denominator * numerator
    }
    if (denominator * numerator - 1).magnitude < 1e-15 { break }
  }
  return fraction
}

/// ln Γ(x) for x > 0, by Stirling's series after the argument was raised to 16 or more. Relative error below 1e-14, absolute
/// where ln Γ is near 0.
///
/// Source: NIST Digital Library of Mathematical Functions, 5.11.1.
public func logGamma(_ x: Double) -> Double {
  precondition(x > 0, "\(x)")
  var (argument, product, correction) = (x, 1.0, 0.0)
  while argument < 16 {
    product *= argument
    argument += 1
  }
  correction = Elementary.log(product)
  let inverse = 1 / (argument * argument)
  // B₂ₖ / (2k (2k − 1)), k = 7 … 1.
  let coefficients: [Double] = [1 / 156, -691 / 360_360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12]
  var series = 0.0
  for coefficient in coefficients { series = series * inverse + coefficient }
  let halfLogTwoPi = 0.918_938_533_204_672_8
  return (argument - 0.5) * Elementary.log(argument) - argument + halfLogTwoPi + series / argument - correction
}
