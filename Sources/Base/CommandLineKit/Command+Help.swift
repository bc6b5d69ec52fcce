extension Command {
  private static let width = 80
  private static let column = 26

  /// The help text, at most 80 columns wide where words allow it, with a newline at its end.
  public var helpText: String {
    var lines = usage
    lines += [""] + wrap(summary)
    for paragraph in discussion.split(separator: "\n\n") {
      lines += [""] + wrap(paragraph.split(separator: "\n").joined(separator: " "))
    }
    lines += ["", "Options:"]
    lines += options.flatMap { entry($0.signature, $0.help + $0.note) }
    lines += entry("--help", "Print this help.")
    lines += entry("--version", "Print the version.")
    if !examples.isEmpty {
      lines += ["", "Examples:"]
      lines += examples.flatMap { $0.split(separator: "\n").map { "  " + $0 } }
    }
    lines += ["", "Exit codes:"]
    lines += wrap(
      "0 done, 64 wrong options, 65 bad data, 66 input missing, 69 unavailable, 70 internal error, 73 output cannot "
        + "be created, 74 input/output error, 75 interrupted (the same command resumes).",
      first: "  ", indentation: "  ")
    return lines.joined(separator: "\n") + "\n"
  }

  private var usage: [String] {
    let required = options.filter {
      switch $0.presence {
      case .required, .requiredWithout: true
      case .optional, .defaultsTo: false
      }
    }.map(\.signature)
    let words = required + (required.count < options.count ? ["[options]"] : [])
    let first = "Usage: \(name)"
    return wrap(words: [first] + words, indentation: String(repeating: " ", count: first.count + 1))
  }

  private func entry(_ signature: String, _ help: String) -> [String] {
    let indentation = String(repeating: " ", count: Self.column)
    let head = "  " + signature
    guard head.count + 2 <= Self.column else {
      return [head] + wrap(help, first: indentation, indentation: indentation)
    }
    let first = head + String(repeating: " ", count: Self.column - head.count)
    return wrap(help, first: first, indentation: indentation)
  }

  private func wrap(_ text: String, first: String = "", indentation: String = "") -> [String] {
    wrap(words: text.split(separator: " ").map(String.init), first: first, indentation: indentation)
  }

  private func wrap(words: [String], first: String = "", indentation: String = "") -> [String] {
    var lines: [String] = []
    var line = first
    var isEmpty = true
    for word in words {
      if !isEmpty, line.count + 1 + word.count > Self.width {
        lines.append(line)
        line = indentation
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line]
  }
}

extension Option {
  fileprivate var signature: String { kind == .flag ? "--\(name)" : "--\(name) \(placeholder)" }

  /// What follows the help from the declaration: range, presence, default.
  fileprivate var note: String {
    var notes: [String] = []
    switch kind {
    case .integer, .number: notes.append(kind.expectation)
    default: break
    }
    switch presence {
    case .required: notes.append("required")
    case .requiredWithout(let others):
      notes.append("required without \(others.map { "--\($0)" }.joined(separator: " or "))")
    case .optional: break
    case .defaultsTo(let text): notes.append("default: \(text)")
    }
    if isRepeatable { notes.append("may be repeated") }
    return notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
  }
}
