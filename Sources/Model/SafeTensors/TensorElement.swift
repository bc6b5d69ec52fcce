/// The element types that are read; others are refused.
public enum TensorElement: String, Sendable, CaseIterable {
  /// IEEE single precision.
  case float32 = "F32"
  /// IEEE half precision.
  case float16 = "F16"
  /// The upper half of single precision.
  case bfloat16 = "BF16"
  /// 64-bit integers: the counters of batch norms.
  case int64 = "I64"

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .float32: 4
    case .float16, .bfloat16: 2
    case .int64: 8
    }
  }
}
