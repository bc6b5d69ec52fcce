/// A JSON value. Objects keep no order; both texts write their keys sorted by their UTF-8 bytes.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// Finite; an integer is exact up to 2⁵³.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}

extension JSONValue {
  /// What the value is, in words for an error message; long strings are shortened.
  public var summary: String {
    switch self {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .number: return canonicalText
    case .string(let value):
      let text = JSONValue.string(value.count > 40 ? String(value.prefix(40)) + "…" : value).canonicalText
      return "the string \(text)"
    case .array: return "an array"
    case .object: return "an object"
    }
  }
}
