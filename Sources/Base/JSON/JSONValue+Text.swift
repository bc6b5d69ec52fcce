extension JSONValue {
  /// The one text of this value: sorted keys, no spaces, the shortest numbers that read back exactly, integers without a
  /// fraction. Equal values give equal bytes, so a digest of it identifies settings.
  /// - Precondition: numbers are finite.
  public var canonicalText: String {
    var text = ""
    write(to: &text, indentation: nil)
    return text
  }

  /// The same text spread over lines, indented by two spaces, with a newline at its end.
  /// - Precondition: numbers are finite.
  public var prettyText: String {
    var text = ""
    write(to: &text, indentation: 0)
    return text + "\n"
  }

  private func write(to text: inout String, indentation: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let value): text += Self.text(of: value)
    case .string(let value): Self.write(quoted: value, to: &text)
    case .array(let elements):
      Self.write(elements, between: "[", "]", to: &text, indentation: indentation) { element, text, indentation in
        element.write(to: &text, indentation: indentation)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      Self.write(sorted, between: "{", "}", to: &text, indentation: indentation) { member, text, indentation in
        Self.write(quoted: member.key, to: &text)
        text += indentation == nil ? ":" : ": "
        member.value.write(to: &text, indentation: indentation)
      }
    }
  }

  private static func write<Item>(
    _ items: [Item], between opening: String, _ closing: String, to text: inout String, indentation: Int?,
    writeItem: (Item, inout String, Int?) -> Void
  ) {
    let inner = indentation.map { $0 + 2 }
    text += opening
    for (position, item) in items.enumerated() {
      if position > 0 { text += "," }
      if let inner { text += "\n" + String(repeating: " ", count: inner) }
      writeItem(item, &text, inner)
    }
    if let indentation, !items.isEmpty { text += "\n" + String(repeating: " ", count: indentation) }
    text += closing
  }

  private static func text(of value: Double) -> String {
    precondition(value.isFinite, "JSON has no \(value)")
    // Swift's description is the shortest text that reads back to the same number.
    if let integer = Int(exactly: value), abs(value) <= 0x1p53, value.sign == .plus || integer != 0 {
      return "\(integer)"
    }
    return "\(value)"
  }

  private static func write(quoted value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
