/// How many seeds would decide a question that is open.
public enum SeedsNeeded: Sendable, Equatable {
  /// So many, for an effect as large as the one estimated.
  case count(Int)
  /// None: what the test images leave open is too much already.
  case imagesDoNotSuffice
  /// The effect estimated lies on the boundary itself.
  case noEffect

  /// The smallest number of seeds R for which an effect at a distance from the boundary is found with a power of 80% by
  /// a two-sided test at the 5% level:
  ///
  ///     distance ≥ (z₀.₉₇₅ + z₀.₈) √(σ²/R + Cov₂)
  ///
  /// σ² being the variance between seeds and Cov₂ that of the images, both as estimated and summed over the parts; t quantiles
  /// in the place of z, with the degrees of freedom that R seeds of each part would have.
  /// - Parameters:
  ///   - distance: of the estimate from the value that is to be excluded.
  ///   - uncertainty: of the estimate, from as many seeds as there are now.
  public static func deciding(distance: Double, _ uncertainty: RunUncertainty) -> SeedsNeeded {
    guard distance.magnitude > 0 else { return .noEffect }
    let normal = StudentT(degreesOfFreedom: .infinity)
    let both = normal.twoSidedQuantile(0.95) + normal.twoSidedQuantile(0.6)
    guard both * both * uncertainty.imageVariance < distance * distance else { return .imagesDoNotSuffice }
    func suffices(_ count: Int) -> Bool {
      let uncertainty = RunUncertainty(
        uncertainty.parts.map {
          .init(
            count: count, seedVariance: $0.seedVariance * Double($0.count) / Double(count),
            imageVariance: $0.imageVariance)
        })
      guard uncertainty.seedVariance > 0 else { return true }
      let distribution = StudentT(degreesOfFreedom: uncertainty.degreesOfFreedom)
      let reach = distribution.twoSidedQuantile(0.95) + distribution.twoSidedQuantile(0.6)
      return reach * uncertainty.variance.squareRoot() <= distance.magnitude
    }
    var high = 2
    while !suffices(high) {
      if high > 1_000_000 { return .imagesDoNotSuffice }
      high *= 2
    }
    var low = max(1, high / 2)
    while high - low > 1 {
      let middle = (low + high) / 2
      if suffices(middle) { high = middle } else { low = middle }
    }
    return .count(high)
  }
}
