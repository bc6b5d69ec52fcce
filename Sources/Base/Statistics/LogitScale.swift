import VectorMath

/// ln(p/(1 − p)): the scale on which an interval for a number between 0 and 1 stays between 0 and 1.
public func logit(_ p: Double) -> Double { Elementary.log(p) - Elementary.log(1 - p) }

/// The inverse of `logit`, 1/(1 + e⁻ˣ).
public func logistic(_ x: Double) -> Double {
  x >= 0 ? 1 / (1 + Elementary.exp(-x)) : Elementary.exp(x) / (1 + Elementary.exp(x))
}
