/// How attention is computed. Where several apply, the results differ by rounding and by the polynomial's error, 2.5·10⁻⁷.
public enum AttentionMethod: String, CaseIterable, Sendable {
  /// Every exponential, with a kernel for each of some small dimensions of a head.
  case direct
  /// Every exponential, with products in tiles as of matrices: for heads of any dimension, quicker where it is large.
  case tiled
  /// `PolynomialAttention` for each head and image whose scores are proven to be bounded, and `direct` for the others.
  case polynomial

  /// The dimensions of a head that `direct` has kernels for.
  public static let directDimensions = [1, 2, 3, 4, 5, 6, 8, 10]
}
