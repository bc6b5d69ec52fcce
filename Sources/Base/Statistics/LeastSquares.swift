/// Least squares as linear combinations of the observations: β̂ = W y with W = (XᵀX)⁻¹ Xᵀ.
///
/// With W at hand the same estimate can be formed of anything that was observed in the same design: of the measures of one
/// seed after the other, of the influences of one image after the other.
public struct LeastSquares: Sendable, Equatable {
  /// W, `[M][N]`: of each coefficient the weight of each observation.
  public let weights: [[Double]]

  /// The combinations of a design X, `[N][M]`.
  /// - Returns: nil where the observations do not determine the coefficients.
  public init?(design: [[Double]]) {
    guard let count = design.first?.count, design.allSatisfy({ $0.count == count }), design.count >= count else {
      return nil
    }
    // [XᵀX | Xᵀ] becomes [1 | W] by Gauss' and Jordan's elimination, the largest pivot first.
    var rows = (0..<count).map { i in
      (0..<count).map { j in design.reduce(0) { $0 + $1[i] * $1[j] } } + design.map { $0[i] }
    }
    let scale = rows.indices.reduce(0) { max($0, rows[$1][$1]) }
    for pivot in 0..<count {
      var best = pivot
      for row in pivot..<count where rows[row][pivot].magnitude > rows[best][pivot].magnitude { best = row }
      guard rows[best][pivot].magnitude > 1e-10 * scale else { return nil }
      rows.swapAt(pivot, best)
      let factor = rows[pivot][pivot]
      for column in rows[pivot].indices { rows[pivot][column] /= factor }
      for row in rows.indices where row != pivot && rows[row][pivot] != 0 {
        let factor = rows[row][pivot]
        for column in rows[row].indices { rows[row][column] -= factor * rows[pivot][column] }
      }
    }
    weights = rows.map { Array($0.dropFirst(count)) }
  }
}
