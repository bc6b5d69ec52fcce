import Statistics
import VectorMath

/// The verdict of a test from its estimate and uncertainty.
///
/// With the 95% interval [l, u] of a number e that is expected *above* a value t by a margin m:
///
///     confirmed      l > t and e ≥ t + m      it is above, and by as much as matters
///     contradicted   u < t + m                what would matter is excluded
///     undecided      otherwise
///
/// *below* is the mirror image. *Near* is the question of two one-sided tests: confirmed if the 90% interval lies
/// within t ± m, contradicted if the 95% interval lies outside, undecided otherwise. A count has no uncertainty, and so
/// no verdict is open.
struct Judgement {
  let test: TestDeclaration
  let value: Double
  /// Nil of single runs, whose uncertainty nobody knows.
  let uncertainty: RunUncertainty?
  /// Differences of measures that lie between 0 and 1 lie between −1 and 1; others anywhere.
  let isBounded: Bool

  /// 95% interval.
  var interval: Interval? { uncertainty.map { interval($0, 0.95) } }

  var verdict: Verdict {
    guard value.isFinite else { return .undecided }
    guard let uncertainty, let interval else { return .undecided }
    let (target, margin) = (test.target, test.margin)
    guard !interval.low.isNaN else { return .undecided }
    switch test.expectation {
    case .above:
      if interval.low > target, value >= target + margin { return .confirmed }
      return interval.high < target + margin || (interval.high == value && value <= target) ? .contradicted : .undecided
    case .below:
      if interval.high < target, value <= target - margin { return .confirmed }
      return interval.low > target - margin || (interval.low == value && value >= target) ? .contradicted : .undecided
    case .near:
      let narrow = self.interval(uncertainty, 0.9)
      if narrow.low >= target - margin, narrow.high <= target + margin { return .confirmed }
      return interval.low > target + margin || interval.high < target - margin ? .contradicted : .undecided
    }
  }

  /// Two-sided P of the difference from the target; of `near`, the larger one-sided P of the two margins. Nil of counts.
  var pValue: Double? {
    guard let uncertainty, uncertainty.variance > 0, value.isFinite else { return nil }
    let deviation = uncertainty.variance.squareRoot()
    let distribution = StudentT(degreesOfFreedom: uncertainty.degreesOfFreedom)
    switch test.expectation {
    case .above, .below: return uncertainty.twoSidedP(of: value - test.target)
    case .near:
      return max(
        distribution.upperTail((value - (test.target - test.margin)) / deviation),
        distribution.upperTail((test.target + test.margin - value) / deviation))
    }
  }

  /// The seeds that would decide it if the effect is the one estimated; nil also where more seeds are no help without more
  /// teachers.
  var seedsNeeded: SeedsNeeded? {
    guard verdict == .undecided, let uncertainty, !uncertainty.parts.isEmpty, value.isFinite,
      uncertainty.parts.allSatisfy({ $0.count > 1 && $0.groupedRunVariance == nil })
    else { return nil }
    let effect = test.expectation == .below ? test.target - value : value - test.target
    let distance: Double
    switch test.expectation {
    case .above, .below: distance = effect >= test.margin ? effect : test.margin - effect
    case .near: distance = (effect.magnitude - test.margin).magnitude
    }
    return SeedsNeeded.deciding(distance: distance, uncertainty)
  }

  /// The interval, between −1 and 1 where the number is: on the scale artanh e, where de = (1 − e²) dz.
  func interval(_ uncertainty: RunUncertainty, _ confidence: Double) -> Interval {
    guard isBounded, value.magnitude < 1 else { return uncertainty.interval(around: value, confidence) }
    let scale = 1 / (1 - value * value)
    let centre = 0.5 * (Elementary.log(1 + value) - Elementary.log(1 - value))
    let onScale = uncertainty.scaled(by: scale).interval(around: centre, confidence)
    func back(_ z: Double) -> Double { 2 * logistic(2 * z) - 1 }
    return uncertainty.variance == 0
      ? Interval(low: value, high: value) : Interval(low: back(onScale.low), high: back(onScale.high))
  }
}
