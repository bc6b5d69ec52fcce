/// A piece of a page or a picture: text, or an element with attributes and content. Whatever is a text here is escaped when it
/// is written; there is no way around it but `StyleSheet` and `Script`, which are the program's own.
public indirect enum Node: Sendable, ExpressibleByStringInterpolation {
  /// Characters for people.
  case text(String)
  /// An element.
  case element(Element)
  /// Nodes one after the other.
  case sequence([Node])
  /// The content of a style sheet or a script of the program's own, not escaped.
  case code(ProgramText)

  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }

  /// An element, or nothing.
  public init(_ element: Element?) { self = element.map { .element($0) } ?? .sequence([]) }
}

/// The program's own style sheet or script.
public struct ProgramText: Sendable, Equatable {
  /// The text.
  public let text: String

  /// A text that cannot end the element it stands in.
  /// - Precondition: no `</` in it.
  public init(_ text: String) {
    precondition(!text.contains("</"), "a style sheet or a script with an end tag")
    self.text = text
  }
}

/// An element of HTML or SVG.
public struct Element: Sendable {
  /// Its name.
  public let name: String
  /// Its attributes in the order they are written.
  public var attributes: [(name: String, value: String)]
  /// What stands in it.
  public var content: [Node]

  /// An element.
  public init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: [Node]) {
    self.name = name
    self.attributes = attributes.map { ($0.key, $0.value) }
    self.content = content
  }

  /// An element.
  public init(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: Node...) {
    self.init(name, attributes, content)
  }

  /// The element with one attribute more.
  public func with(_ name: String, _ value: String) -> Element {
    var element = self
    element.attributes.append((name, value))
    return element
  }

  /// Elements without content: HTML's have no end tag, SVG's end in a slash.
  private static let voidElements: Set = ["br", "col", "hr", "img", "input", "link", "meta"]
  private static let closedElements: Set = ["circle", "image", "line", "path", "polygon", "rect", "stop", "use"]

  fileprivate func write(to text: inout String) {
    text += "<\(name)"
    for (name, value) in attributes { text += " \(name)=\"\(escaped(value))\"" }
    if content.isEmpty, Self.closedElements.contains(name) {
      text += "/>"
      return
    }
    text += ">"
    if Self.voidElements.contains(name) { return }
    for node in content { node.write(to: &text) }
    text += "</\(name)>"
  }
}

extension Node {
  /// The markup.
  public var markup: String {
    var text = ""
    write(to: &text)
    return text
  }

  fileprivate func write(to text: inout String) {
    switch self {
    case .text(let characters): text += escaped(characters)
    case .element(let element): element.write(to: &text)
    case .sequence(let nodes): for node in nodes { node.write(to: &text) }
    case .code(let code): text += code.text
    }
  }
}

/// A text in which nothing is markup, in content as in attributes. Control characters, which XML does not allow, and characters
/// that turn the direction of what follows become U+FFFD.
public func escaped(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\n", "\t": result.unicodeScalars.append(scalar)
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{FFFE}",
      "\u{FFFF}":
      result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
