/// One long option of a tool, declared once: parsing, help and validation all follow from it.
public struct Option: Sendable, Equatable {
  /// What values an option takes.
  public indirect enum Kind: Sendable, Equatable {
    /// Any text that is not empty.
    case string
    /// The path of a file or directory.
    case path
    /// A decimal integer in a range.
    case integer(in: ClosedRange<Int>)
    /// A finite decimal number in a range.
    case number(in: ClosedRange<Double>)
    /// One of several words.
    case choice(of: [String])
    /// No value: there or not.
    case flag
    /// Several values in one argument, separated by spaces: `--seeds "1 2 3"`. Not empty, no value twice.
    case list(of: Kind)
  }

  /// Whether an option has to be given.
  public enum Presence: Sendable, Equatable {
    /// It has to be given.
    case required
    /// It has to be given unless one of the options named here is.
    case requiredWithout([String])
    /// It may be missing.
    case optional
    /// It may be missing and then has this value, written as on the command line.
    case defaultsTo(String)
  }

  /// The name without the dashes.
  public var name: String
  /// What values it takes.
  public var kind: Kind
  /// What stands for the value in the help, for example `FILE`; empty for a flag.
  public var placeholder: String
  /// One or more sentences for the help.
  public var help: String
  /// Whether it has to be given.
  public var presence: Presence
  /// Whether it may be given more than once, its values adding up.
  public var isRepeatable: Bool

  /// Declares an option.
  /// - Parameter placeholder: by default the words of a choice joined by `|`, `FILE` for a path, `N` for an integer, `X`
  ///   for a number, `TEXT` for a string; with an ellipsis for a list.
  public init(
    _ name: String, _ kind: Kind, _ help: String, placeholder: String? = nil, presence: Presence = .optional,
    isRepeatable: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.placeholder = placeholder ?? kind.placeholder
    self.help = help
    self.presence = presence
    self.isRepeatable = isRepeatable
  }
}

extension Option.Kind {
  /// One of an enumeration's words; `ParsedArguments.choice(_:as:)` gives the case.
  public static func choice<Word>(of words: Word.Type) -> Option.Kind
  where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
    .choice(of: words.allCases.map(\.rawValue))
  }

  var placeholder: String {
    switch self {
    case .string: "TEXT"
    case .path: "FILE"
    case .integer: "N"
    case .number: "X"
    case .choice(let words): words.joined(separator: "|")
    case .flag: ""
    case .list(let element): "\"\(element.placeholder) …\""
    }
  }

  /// What a value has to be, for an error message and, for ranges, the help.
  var expectation: String {
    switch self {
    case .string: "a text"
    case .path: "a path"
    case .integer(let range) where range.upperBound == .max: "an integer of at least \(range.lowerBound)"
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range) where range.upperBound == .infinity: "a number of at least \(range.lowerBound)"
    case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let words): "one of " + words.map { "'\($0)'" }.joined(separator: ", ")
    case .flag: "no value"
    case .list(let element): "a list, each \(element.expectation)"
    }
  }
}
