import _TestSupport

/// The executables.
enum Tool: String, CaseIterable {
  case prepareData = "prepare-data"
  case finetuneTeacher = "finetune-teacher"
  case distill
  case train
  case evaluate
  case report
}

/// A directory in which the tools run as in a user's shell, so that the paths in their messages are short.
struct Bench {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Runs a tool; `words` are its arguments, separated by spaces.
  @discardableResult
  func run(_ tool: Tool, _ words: String, environment: [String: String] = [:]) throws -> ProcessResult {
    try start(tool, words, environment: environment).wait()
  }

  /// Runs a tool that must succeed.
  @discardableResult
  func complete(_ tool: Tool, _ words: String, environment: [String: String] = [:]) throws -> ProcessResult {
    let result = try run(tool, words, environment: environment)
    guard result.status == 0 else { throw Unexpected(description: "\(tool.rawValue) \(words): \(result)") }
    return result
  }

  func start(_ tool: Tool, _ words: String, environment: [String: String] = [:]) throws -> RunningProcess {
    try RunningProcess(
      toolPath(tool.rawValue), arguments(words), environment: environment, in: directory.path)
  }

  /// Splits at spaces, but not within double quotes.
  private func arguments(_ words: String) -> [String] {
    words.split(separator: "\"", omittingEmptySubsequences: false).enumerated().flatMap { index, part in
      index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
    }
  }

  /// Brings a committed fixture here.
  func copy(_ fixture: String) throws {
    let name = fixture.split(separator: "/").last.map(String.init) ?? fixture
    try directory.write(Fixtures.bytes(fixture), to: name)
  }

  /// Small settings for either student, as `c.json`.
  func writeSettings() throws {
    try directory.write(
      #"{"model": {"qubits": 4, "heads": 2}, "training": {"epochs": 3, "batch_size": 8, "learning_rate": 0.005}}"#,
      to: "c.json")
  }

  /// All files here and in the directories below, by name.
  func contents(of name: String = ".") throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for entry in try directory.entries(of: name) {
      let path = name == "." ? entry : "\(name)/\(entry)"
      switch directory.kind(of: path) {
      case .directory:
        found["\(path)/"] = []
        found.merge(try contents(of: path)) { first, _ in first }
      case .file: found[path] = try directory.bytes(path)
      case .other: found["\(path)|"] = []
      }
    }
    return found
  }
}

struct Unexpected: Error, CustomStringConvertible {
  var description: String
}
