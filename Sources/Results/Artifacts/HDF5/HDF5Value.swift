/// The value of an attribute.
enum HDF5Value: Sendable, Equatable {
  /// An int64.
  case integer(Int)
  /// A float64.
  case number(Double)
  /// UTF-8 of fixed length without zero bytes.
  case text(String)

  /// Type and value on one line, the same for the same value everywhere: what goes into `content_sha256`.
  var canonicalText: String {
    switch self {
    case .integer(let value): "int64 \(value)"
    case .number(let value): "float64 \(String(value.bitPattern, radix: 16))"
    case .text(let value): "string \(value.utf8.count) \(value)"
    }
  }
}
