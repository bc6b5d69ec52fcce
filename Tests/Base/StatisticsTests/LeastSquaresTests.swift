import Statistics
import Testing

@Suite struct LeastSquaresTests {
  /// Values of numpy.linalg.lstsq.
  @Test func coefficientsAreThoseOfNumPy() throws {
    let design: [[Double]] = [[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1], [1, 1, 0]]
    let y = [0.2, 0.9, -0.3, 0.7, 1.4]
    let model = try #require(LeastSquares(design: design))
    let found = model.weights.map { zip($0, y).reduce(0) { $0 + $1.0 * $1.1 } }
    for (value, expected) in zip(found, [0.185_714_285_714_285_3, 0.971_428_571_428_572_4, -0.471_428_571_428_571_86]) {
      #expect((value - expected).magnitude < 1e-12)
    }
    // W X = 1.
    for (row, weights) in model.weights.enumerated() {
      for column in 0..<3 {
        let product = zip(weights, design).reduce(0) { $0 + $1.0 * $1.1[column] }
        #expect((product - (row == column ? 1 : 0)).magnitude < 1e-12)
      }
    }
  }

  @Test func whatTheObservationsDoNotDetermineHasNoCoefficients() {
    #expect(LeastSquares(design: [[1, 0], [1, 0], [1, 0]]) == nil)
    #expect(LeastSquares(design: [[1, 2]]) == nil)
    #expect(LeastSquares(design: [[1, 1, 0], [1, 0, 1], [1, 1, 0], [1, 0, 1]]) == nil)
    #expect(LeastSquares(design: []) == nil)
  }
}
