/// The values of a command line, by option name. Asking for an option that was not declared, or with another type than
/// declared, is a mistake in the program and traps.
public struct ParsedArguments: Sendable {
  enum Value: Sendable, Equatable {
    case string(String)
    case integer(Int)
    case number(Double)
    case flag
  }

  let options: [Option]
  var values: [String: [Value]] = [:]
  /// The options on the command line, without defaults.
  var given: Set<String> = []

  /// The value of a string, path or choice that is required or has a default.
  public func string(_ name: String) -> String { present(optionalString(name), name) }

  /// The value of a choice of an enumeration's words that is required or has a default.
  public func choice<Word>(_ name: String, as words: Word.Type) -> Word
  where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
    present(optionalChoice(name, as: words), name)
  }

  /// The value of a choice of an enumeration's words, nil if it was not given.
  public func optionalChoice<Word>(_ name: String, as words: Word.Type) -> Word?
  where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
    optionalString(name).map { text in
      guard let word = Word(rawValue: text) else { preconditionFailure("option --\(name) has other words") }
      return word
    }
  }

  /// The value of a string, path or choice, nil if it was not given.
  public func optionalString(_ name: String) -> String? { strings(name).first }

  /// The values of a list or a repeatable option of strings, paths or choices; empty if it was not given.
  public func strings(_ name: String) -> [String] {
    found(name).map { value in
      guard case .string(let string) = value else { preconditionFailure("option --\(name) is not a string") }
      return string
    }
  }

  /// The value of an integer that is required or has a default.
  public func integer(_ name: String) -> Int { present(optionalInteger(name), name) }

  /// The value of an integer, nil if it was not given.
  public func optionalInteger(_ name: String) -> Int? { integers(name).first }

  /// The values of a list or a repeatable option of integers; empty if it was not given.
  public func integers(_ name: String) -> [Int] {
    found(name).map { value in
      guard case .integer(let integer) = value else { preconditionFailure("option --\(name) is not an integer") }
      return integer
    }
  }

  /// The value of a number that is required or has a default.
  public func number(_ name: String) -> Double { present(optionalNumber(name), name) }

  /// The value of a number, nil if it was not given.
  public func optionalNumber(_ name: String) -> Double? {
    found(name).first.map { value in
      guard case .number(let number) = value else { preconditionFailure("option --\(name) is not a number") }
      return number
    }
  }

  /// The paths that were given, with their options.
  public var paths: [(option: String, path: String)] {
    options.flatMap { option -> [(option: String, path: String)] in
      switch option.kind {
      case .path, .list(of: .path): strings(option.name).map { (option.name, $0) }
      default: []
      }
    }
  }

  /// Whether an option was given on the command line.
  public func isGiven(_ name: String) -> Bool { given.contains(name) }

  /// Whether an option was given or has a default.
  public func has(_ name: String) -> Bool { !found(name).isEmpty }

  /// Whether a flag was given.
  public func flag(_ name: String) -> Bool {
    found(name).contains { value in
      guard case .flag = value else { preconditionFailure("option --\(name) is not a flag") }
      return true
    }
  }

  private func found(_ name: String) -> [Value] {
    precondition(options.contains { $0.name == name }, "option --\(name) is not declared")
    return values[name] ?? []
  }

  private func present<T>(_ value: T?, _ name: String) -> T {
    guard let value else { preconditionFailure("option --\(name) is neither required nor has a default") }
    return value
  }
}
