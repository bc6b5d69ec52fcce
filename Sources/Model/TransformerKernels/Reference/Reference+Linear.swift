public import VectorMath

/// The operations of the students written as the plain loops a reader can check against the equations, for one image, in
/// any precision. They are the oracle of the fast kernels.
///
/// T tokens, C input channels, O output channels; arrays are row-major. Gradients of parameters are accumulated (+=),
/// gradients of activations are returned.
public enum Reference {}

extension Reference {
  /// y[t, o] = b[o] + Σ_c w[o, c] x[t, c].
  ///
  /// x `[T, C]`, weight `[O, C]`, bias `[O]` → y `[T, O]`.
  public static func linear<S: Scalar>(_ x: [S], weight: [S], bias: [S]) -> [S] {
    let outputs = bias.count
    let inputs = weight.count / outputs
    let tokens = x.count / inputs
    var y = [S](repeating: 0, count: tokens * outputs)
    for t in 0..<tokens {
      for o in 0..<outputs {
        var sum = bias[o]
        for c in 0..<inputs { sum += weight[o * inputs + c] * x[t * inputs + c] }
        y[t * outputs + o] = sum
      }
    }
    return y
  }

  /// dx[t, c] = Σ_o w[o, c] dy[t, o]; dw[o, c] += Σ_t dy[t, o] x[t, c]; db[o] += Σ_t dy[t, o].
  public static func linearBackward<S: Scalar>(
    _ dy: [S], x: [S], weight: [S], dWeight: inout [S], dBias: inout [S]
  ) -> [S] {
    let outputs = dBias.count
    let inputs = weight.count / outputs
    let tokens = x.count / inputs
    var dx = [S](repeating: 0, count: x.count)
    for t in 0..<tokens {
      for o in 0..<outputs {
        let gradient = dy[t * outputs + o]
        dBias[o] += gradient
        for c in 0..<inputs {
          dWeight[o * inputs + c] += gradient * x[t * inputs + c]
          dx[t * inputs + c] += gradient * weight[o * inputs + c]
        }
      }
    }
    return dx
  }
}
