/// In which precision a teacher's matrix products take their operands; sums are single precision either way.
public enum MatrixPrecision: String, Sendable, CaseIterable {
  /// Single precision.
  case float32
  /// Rounded to 8 bits: the upper half of single precision.
  case bfloat16
}
