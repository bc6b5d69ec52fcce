extension JSONValue {
  /// Reads one JSON text (RFC 8259), strictly: UTF-8, no duplicate keys, nothing behind the value, at most 64 levels,
  /// numbers that fit a Double, integers that fit it exactly.
  /// - Parameters:
  ///   - bytes: the text.
  ///   - path: the file it came from, for errors.
  /// - Throws: `SettingsError` whose place is `line:column` (both from 1, columns in bytes).
  public init(parsing bytes: [UInt8], path: String) throws(SettingsError) {
    var parser = JSONParser(bytes: bytes, path: path)
    self = try parser.document()
  }
}

/// A recursive-descent reader over the bytes of one text.
private struct JSONParser {
  let bytes: [UInt8]
  let path: String
  var position = 0

  static let depthLimit = 64

  mutating func document() throws(SettingsError) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    if position < bytes.count { throw unexpected("the end of the file") }
    return value
  }

  private mutating func value(depth: Int) throws(SettingsError) -> JSONValue {
    skipSpace()
    guard depth <= Self.depthLimit else { throw error("nested deeper than \(Self.depthLimit) levels") }
    guard position < bytes.count else { throw unexpected("a value") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw unexpected("a value")
    }
  }

  private mutating func object(depth: Int) throws(SettingsError) -> JSONValue {
    position += 1
    var members: [String: JSONValue] = [:]
    skipSpace()
    if accept("}") { return .object(members) }
    repeat {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
      let start = position
      let key = try string()
      guard members[key] == nil else {
        position = start
        throw error("key '\(key)' appears twice")
      }
      skipSpace()
      guard accept(":") else { throw unexpected("':' after key '\(key)'") }
      members[key] = try value(depth: depth + 1)
      skipSpace()
    } while accept(",")
    guard accept("}") else { throw unexpected("',' or '}'") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(SettingsError) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if accept("]") { return .array(elements) }
    repeat {
      elements.append(try value(depth: depth + 1))
      skipSpace()
    } while accept(",")
    guard accept("]") else { throw unexpected("',' or ']'") }
    return .array(elements)
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws(SettingsError) -> JSONValue {
    guard bytes[position...].starts(with: text.utf8) else { throw unexpected("a value") }
    position += text.utf8.count
    return value
  }

  private mutating func number() throws(SettingsError) -> JSONValue {
    let start = position
    _ = accept("-")
    if accept("0") {
      if digit(peek()) { throw error("a number may not begin with 0") }
    } else {
      try digits()
    }
    var isInteger = true
    if accept(".") {
      isInteger = false
      try digits()
    }
    if accept("e") || accept("E") {
      isInteger = false
      if !accept("+") { _ = accept("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite, !isInteger || abs(value) <= 0x1p53 else {
      position = start
      throw error("number out of range")
    }
    return .number(value)
  }

  private mutating func digits() throws(SettingsError) {
    guard digit(peek()) else { throw unexpected("a digit") }
    while digit(peek()) { position += 1 }
  }

  private mutating func string() throws(SettingsError) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    while true {
      guard let byte = peek() else {
        position = start
        throw error("string without end")
      }
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          position = start
          throw error("string is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"):
        text.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20:
        throw error("control character in a string")
      default:
        text.append(byte)
        position += 1
      }
    }
  }

  private mutating func escape() throws(SettingsError) -> Unicode.Scalar {
    let start = position
    position += 1
    let letter = peek() ?? 0
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      if let unit = hexadecimal() {
        if let scalar = Unicode.Scalar(unit) { return scalar }
        if unit < 0xdc00, accept("\\"), accept("u"), let low = hexadecimal(), 0xdc00...0xdfff ~= low,
          let scalar = Unicode.Scalar(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00))
        {
          return scalar
        }
      }
    default: break
    }
    position = start
    throw error("wrong escape in a string")
  }

  private mutating func hexadecimal() -> UInt32? {
    guard bytes.count - position >= 4 else { return nil }
    var unit: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      unit = unit << 4 | UInt32(digit)
    }
    position += 4
    return unit
  }

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  private func digit(_ byte: UInt8?) -> Bool { byte.map { 0x30...0x39 ~= $0 } ?? false }

  private func unexpected(_ expected: String) -> SettingsError {
    guard let byte = peek() else { return error("expected \(expected), found the end of the file") }
    let found = 0x21...0x7e ~= byte ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    return error("expected \(expected), found \(found)")
  }

  private func error(_ message: String) -> SettingsError {
    let before = bytes[..<position]
    let line = before.count { $0 == 0x0a } + 1
    let column = position - (before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0) + 1
    return SettingsError(path: path, place: "\(line):\(column)", message: message)
  }
}
