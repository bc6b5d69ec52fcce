package import VectorMath

/// The operations of TinyViT as the plain loops a reader can check against the equations, in any precision: the oracle of the
/// fast kernels.
package enum Reference {}

extension Reference {
  /// Y [T, O] = b + X [T, I] · Wᵀ, W [O, I], by its definition.
  package static func linear<Number: Scalar>(
    rows: Int, inputs: Int, outputs: Int, _ x: [Number], weight: [Number], bias: [Number]
  ) -> [Number] {
    var y = [Number](repeating: 0, count: rows * outputs)
    for t in 0..<rows {
      for o in 0..<outputs {
        y[t * outputs + o] = (0..<inputs).reduce(bias[o]) { $0 + x[t * inputs + $1] * weight[o * inputs + $1] }
      }
    }
    return y
  }

  /// dX [T, I] = dY · W, dW [O, I] = dYᵀ · X, db [O] = Σ_t dY.
  package static func linearBackward<Number: Scalar>(
    rows: Int, inputs: Int, outputs: Int, dy: [Number], _ x: [Number], weight: [Number]
  ) -> (dx: [Number], dWeight: [Number], dBias: [Number]) {
    var dx = [Number](repeating: 0, count: rows * inputs)
    var dWeight = [Number](repeating: 0, count: outputs * inputs)
    var dBias = [Number](repeating: 0, count: outputs)
    for t in 0..<rows {
      for o in 0..<outputs {
        let d = dy[t * outputs + o]
        dBias[o] += d
        for i in 0..<inputs {
          dx[t * inputs + i] += d * weight[o * inputs + i]
          dWeight[o * inputs + i] += d * x[t * inputs + i]
        }
      }
    }
    return (dx, dWeight, dBias)
  }
}
