/// How attention is computed. Where both apply, the results differ by rounding and by the polynomial's error, 2.5·10⁻⁷.
public enum AttentionMethod: String, CaseIterable, Sendable {
  /// Every exponential.
  case direct
  /// `PolynomialAttention` for each head and image whose scores are proven to be bounded, and `direct` for the others.
  case polynomial
}
