package import VectorMath

extension Reference {
  /// A normalisation over groups of elements of x [R, C]: each row (layer norm) or each channel (batch norm in training),
  /// y = γ (x − mean)/√(variance + 10⁻⁵) + β, by its definition.
  package struct Norm {
    /// R and C.
    package var rows, channels: Int
    /// Whether a group is a channel (batch norm) rather than a row (layer norm).
    package var overBatch: Bool

    /// A norm over x [rows, channels].
    package init(rows: Int, channels: Int, overBatch: Bool) {
      self.rows = rows
      self.channels = channels
      self.overBatch = overBatch
    }

    private var groups: [[Int]] {
      overBatch
        ? (0..<channels).map { c in (0..<rows).map { $0 * channels + c } }
        : (0..<rows).map { r in (0..<channels).map { r * channels + $0 } }
    }

    /// Mean and biased variance of each group.
    package func moments<Number: Scalar>(_ x: [Number]) -> (mean: [Number], variance: [Number]) {
      let means = groups.map { group in group.reduce(0) { $0 + x[$1] } / Number(group.count) }
      let variances = zip(groups, means).map { group, mean in
        group.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / Number(group.count)
      }
      return (means, variances)
    }

    /// y [R, C].
    package func forward<Number: Scalar>(_ x: [Number], gamma: [Number], beta: [Number]) -> [Number] {
      let normalised = normalise(x)
      return x.indices.map { gamma[$0 % channels] * normalised[$0] + beta[$0 % channels] }
    }

    /// dx, dγ, dβ.
    package func backward<Number: Scalar>(
      dy: [Number], _ x: [Number], gamma: [Number]
    ) -> (dx: [Number], dGamma: [Number], dBeta: [Number]) {
      let normalised = normalise(x)
      let (_, variances) = moments(x)
      var dx = x
      var dGamma = [Number](repeating: 0, count: channels)
      var dBeta = dGamma
      for i in x.indices {
        dGamma[i % channels] += dy[i] * normalised[i]
        dBeta[i % channels] += dy[i]
      }
      for (group, variance) in zip(groups, variances) {
        let count = Number(group.count)
        let g = group.map { dy[$0] * gamma[$0 % channels] }
        let gMean = g.reduce(0, +) / count
        let productMean = zip(group, g).reduce(0) { $0 + normalised[$1.0] * $1.1 } / count
        for (i, value) in zip(group, g) {
          dx[i] = (value - gMean - normalised[i] * productMean) / (variance + 1e-5).squareRoot()
        }
      }
      return (dx, dGamma, dBeta)
    }

    private func normalise<Number: Scalar>(_ x: [Number]) -> [Number] {
      let (means, variances) = moments(x)
      var normalised = x
      for (group, (mean, variance)) in zip(groups, zip(means, variances)) {
        for i in group { normalised[i] = (x[i] - mean) / (variance + 1e-5).squareRoot() }
      }
      return normalised
    }
  }
}
