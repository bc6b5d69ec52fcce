import Failures

extension Command {
  /// What a command line asks for.
  public enum Request: Sendable {
    /// The help text.
    case help
    /// The version.
    case version
    /// The tool's work.
    case run(ParsedArguments)
  }

  /// Reads a command line, without the name of the executable. Options are written `--name VALUE` or `--name=VALUE`; a
  /// value that begins with two dashes needs the second form. There are no positional arguments. `--help` and
  /// `--version` win over everything, also over errors.
  /// - Throws: `UsageError`, for the first thing that is wrong.
  public func parse(_ arguments: [String]) throws(UsageError) -> Request {
    if arguments.contains("--help") { return .help }
    if arguments.contains("--version") { return .version }
    var parsed = ParsedArguments(options: options)
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let (option, attached) = try option(in: argument)
      guard parsed.values[option.name] == nil || option.isRepeatable else {
        throw UsageError("option '--\(option.name)' is given twice")
      }
      if option.kind == .flag {
        guard attached == nil else { throw UsageError("option '--\(option.name)' takes no value") }
        parsed.values[option.name] = [.flag]
        continue
      }
      guard let text = attached ?? (rest.first?.hasPrefix("--") == false ? rest.popFirst() : nil) else {
        throw UsageError("option '--\(option.name)' needs a value, \(option.placeholder)")
      }
      parsed.values[option.name, default: []] += try option.values(of: text)
    }
    parsed.given = Set(parsed.values.keys)
    try addDefaults(to: &parsed)
    return .run(parsed)
  }

  private func option(in argument: String) throws(UsageError) -> (Option, attached: String?) {
    guard argument.hasPrefix("--"), argument != "--" else {
      let hint = argument.hasPrefix("-") ? "options are written --name VALUE" : "every value belongs to an option"
      throw UsageError("unexpected argument '\(argument)'; \(hint)")
    }
    let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = options.first(where: { $0.name == name }) else {
      let known = options.map(\.name) + ["help", "version"]
      let suggestion = Failures.suggestion(for: name, among: known, prefix: "--")
      throw UsageError("unknown option '--\(name)'\(suggestion)")
    }
    return (option, parts.count > 1 ? String(parts[1]) : nil)
  }

  private func addDefaults(to parsed: inout ParsedArguments) throws(UsageError) {
    let missing = options.filter { option in
      guard parsed.values[option.name] == nil else { return false }
      return switch option.presence {
      case .required: true
      case .requiredWithout(let others): others.allSatisfy { parsed.values[$0] == nil }
      case .optional, .defaultsTo: false
      }
    }
    guard missing.isEmpty else {
      let list = missing.map { "'--\($0.name) \($0.placeholder)'" }.joined(separator: ", ")
      throw UsageError("missing \(list)")
    }
    for option in options where parsed.values[option.name] == nil {
      guard case .defaultsTo(let text) = option.presence else { continue }
      do throws(UsageError) { parsed.values[option.name] = try option.values(of: text) } catch {
        preconditionFailure("the default of --\(option.name) is wrong: \(error)")
      }
    }
  }
}

extension Option {
  func values(of text: String) throws(UsageError) -> [ParsedArguments.Value] {
    guard case .list(let element) = kind else { return [try value(of: text, kind)] }
    var values: [ParsedArguments.Value] = []
    for word in text.split(separator: " ") {
      let value = try value(of: String(word), element)
      guard !values.contains(value) else { throw UsageError("option '--\(name)': '\(word)' is there twice") }
      values.append(value)
    }
    guard !values.isEmpty else { throw UsageError("option '--\(name)': empty value, expected \(kind.expectation)") }
    return values
  }

  private func value(of text: String, _ kind: Kind) throws(UsageError) -> ParsedArguments.Value {
    guard !text.isEmpty else { throw UsageError("option '--\(name)': empty value, expected \(kind.expectation)") }
    switch kind {
    case .string, .path: return .string(text)
    case .choice(let words):
      if words.contains(text) { return .string(text) }
      let suggestion = Failures.suggestion(for: text, among: words)
      throw UsageError("option '--\(name)': expected \(kind.expectation), found '\(text)'\(suggestion)")
    case .integer(let range):
      // Int and Double read more than decimal numbers ("+1", "0x10", "nan"); only digits are meant here.
      if !text.hasPrefix("+"), let integer = Int(text), range.contains(integer) { return .integer(integer) }
    case .number(let range):
      if text.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), let number = Double(text), number.isFinite,
        range.contains(number)
      {
        return .number(number)
      }
    case .flag, .list: preconditionFailure("a list of lists or flags")
    }
    throw UsageError("option '--\(name)': expected \(kind.expectation), found '\(text)'")
  }
}
