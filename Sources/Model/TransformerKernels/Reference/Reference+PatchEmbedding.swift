public import VectorMath

extension Reference {
  /// A convolution with kernel = stride = p, token t = (row, column) of the patch grid, row-major:
  ///
  ///     y[t, o] = b[o] + Σ_{c, i, j} w[o, c, i, j] x[c, row·p + i, column·p + j]
  ///
  /// x `[3, S, S]`, weight `[C, 3, p, p]`, bias `[C]` → y `[(S/p)², C]`.
  public static func patchEmbedding<S: Scalar>(_ x: [S], size: Int, patch p: Int, weight: [S], bias: [S]) -> [S] {
    linear(patches(x, size: size, patch: p), weight: weight, bias: bias)
  }

  /// dw and db; the image needs no gradient.
  public static func patchEmbeddingBackward<S: Scalar>(
    _ dy: [S], x: [S], size: Int, patch p: Int, weight: [S], dWeight: inout [S], dBias: inout [S]
  ) {
    _ = linearBackward(
      dy, x: patches(x, size: size, patch: p), weight: weight, dWeight: &dWeight, dBias: &dBias)
  }

  /// The pixels of each patch in the order of the weight's last three axes: `[(S/p)², 3·p·p]`.
  private static func patches<S: Scalar>(_ x: [S], size: Int, patch p: Int) -> [S] {
    let grid = size / p
    let channels = x.count / (size * size)
    var patches: [S] = []
    patches.reserveCapacity(x.count)
    for row in 0..<grid {
      for column in 0..<grid {
        for c in 0..<channels {
          for i in 0..<p {
            let start = (c * size + row * p + i) * size + column * p
            patches += x[start..<start + p]
          }
        }
      }
    }
    return patches
  }
}
