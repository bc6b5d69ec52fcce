/// The part of Python's literals that numpy writes into a `.npy` header: dictionaries with string keys, tuples, lists,
/// strings without escapes, non-negative integers, `True` and `False`.
struct PythonLiteralParser {
  /// A literal.
  enum Value: Equatable {
    case dictionary([String: Value])
    case tuple([Value])
    case list([Value])
    case string(String)
    case integer(Int)
    case boolean(Bool)
  }

  private let text: [UInt8]
  private var position = 0

  private static let depthLimit = 8

  init(text: [UInt8]) {
    self.text = text
  }

  /// The one literal that the text consists of, but for white space; nil if it is anything else.
  mutating func parse() -> Value? {
    guard let value = value(depth: 0) else { return nil }
    skipSpace()
    return position == text.count ? value : nil
  }

  private mutating func value(depth: Int) -> Value? {
    guard depth < Self.depthLimit, let next = peek() else { return nil }
    switch next {
    case UInt8(ascii: "{"): return dictionary(depth: depth)
    case UInt8(ascii: "("):
      position += 1
      guard let (items, trailingComma) = items(until: UInt8(ascii: ")"), depth: depth) else { return nil }
      // `(5)` is five, `(5,)` a tuple.
      return items.count == 1 && !trailingComma ? items[0] : .tuple(items)
    case UInt8(ascii: "["):
      position += 1
      return items(until: UInt8(ascii: "]"), depth: depth).map { .list($0.items) }
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return string().map(Value.string)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return integer().map(Value.integer)
    default:
      if take("True") { return .boolean(true) }
      if take("False") { return .boolean(false) }
      return nil
    }
  }

  private mutating func dictionary(depth: Int) -> Value? {
    position += 1
    var fields: [String: Value] = [:]
    while true {
      if take("}") { return .dictionary(fields) }
      guard peek() != nil, let key = string(), fields[key] == nil, take(":"), let value = value(depth: depth + 1)
      else { return nil }
      fields[key] = value
      if !take(",") { return take("}") ? .dictionary(fields) : nil }
    }
  }

  private mutating func items(until end: UInt8, depth: Int) -> (items: [Value], trailingComma: Bool)? {
    var items: [Value] = []
    var trailingComma = false
    while true {
      guard let next = peek() else { return nil }
      if next == end {
        position += 1
        return (items, trailingComma)
      }
      guard items.isEmpty || trailingComma, let value = value(depth: depth + 1) else { return nil }
      items.append(value)
      trailingComma = take(",")
    }
  }

  private mutating func string() -> String? {
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
    let start = position + 1
    guard let end = text[start...].firstIndex(of: quote), !text[start..<end].contains(UInt8(ascii: "\\")) else {
      return nil
    }
    position = end + 1
    return String(validating: text[start..<end], as: UTF8.self)
  }

  private mutating func integer() -> Int? {
    let start = position
    while position < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position]) { position += 1 }
    let number = Int(String(decoding: text[start..<position], as: UTF8.self))
    // numpy under Python 2 wrote long integers as 5L.
    if position < text.count, text[position] == UInt8(ascii: "L") { position += 1 }
    return number
  }

  /// Moves behind `token` if it is next.
  private mutating func take(_ token: StaticString) -> Bool {
    skipSpace()
    let bytes = UnsafeBufferPointer(start: token.utf8Start, count: token.utf8CodeUnitCount)
    guard text[position...].starts(with: bytes) else { return false }
    position += bytes.count
    return true
  }

  private mutating func peek() -> UInt8? {
    skipSpace()
    return position < text.count ? text[position] : nil
  }

  private mutating func skipSpace() {
    while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) { position += 1 }
  }
}
