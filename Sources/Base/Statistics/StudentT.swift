import VectorMath

/// Student's t distribution with ν > 0 degrees of freedom, not only whole ones; the normal distribution for ν = ∞.
public struct StudentT: Sendable, Equatable {
  /// ν.
  public let degreesOfFreedom: Double

  /// The distribution with ν degrees of freedom.
  public init(degreesOfFreedom: Double) {
    precondition(degreesOfFreedom > 0, "\(degreesOfFreedom) degrees of freedom")
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// P(|T| ≥ |t|) = I_{ν/(ν+t²)}(ν/2, ½): the two-sided p value of a test.
  public func twoSidedTail(_ t: Double) -> Double {
    guard !t.isNaN else { return .nan }
    guard t.isFinite else { return 0 }
    guard degreesOfFreedom < Self.isNormalFrom else { return 1 - Elementary.erf(t.magnitude / 2.0.squareRoot()) }
    // Where t is small, ν/(ν + t²) is rounded to 1, and the other end of the same function keeps its digits.
    let square = t * t
    let share = square / (degreesOfFreedom + square)
    return share < 0.5
      ? 1 - incompleteBeta(share, 0.5, degreesOfFreedom / 2)
      : incompleteBeta(degreesOfFreedom / (degreesOfFreedom + square), degreesOfFreedom / 2, 0.5)
  }

  /// P(T ≥ t): the one-sided p value.
  public func upperTail(_ t: Double) -> Double {
    t >= 0 ? twoSidedTail(t) / 2 : 1 - twoSidedTail(t) / 2
  }

  /// The t with P(|T| ≤ t) = `confidence`, for 0 < confidence < 1, by bisection to the last bit.
  public func twoSidedQuantile(_ confidence: Double) -> Double {
    precondition(confidence > 0 && confidence < 1, "\(confidence)")
    var (low, high) = (0.0, 1.0)
    while 1 - twoSidedTail(high) < confidence { (low, high) = (high, high * 2) }
    while true {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { return high }
      if 1 - twoSidedTail(middle) < confidence { low = middle } else { high = middle }
    }
  }

  /// Beyond so many degrees of freedom the two distributions differ by less than 1e-11.
  private static let isNormalFrom = 1e11
}
