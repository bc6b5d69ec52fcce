import Glibc
import Testing
import _TestSupport

/// The executables.
enum Tool: String, CaseIterable {
  case prepareData = "prepare-data"
  case finetuneTeacher = "finetune-teacher"
  case distill
  case train
  case evaluate
  case report
  case verify
}

/// The Makefile's settings for the tools that stand beside the tests.
private let bin = "BIN=" + toolPath("").dropLast()

/// Make with a clean environment: settings and flags of a make that runs the tests must not get through, those of a
/// sanitizer must.
func startMake(_ settings: [String]) throws -> RunningProcess {
  let kept = (["PATH", "ASAN_OPTIONS", "TSAN_OPTIONS"] as [String]).compactMap { name in
    getenv(name).map { "\(name)=\(String(cString: $0))" }
  }
  return try RunningProcess(
    "/usr/bin/env", ["-i"] + kept + ["LC_ALL=C", "make", "--no-print-directory", bin] + settings,
    in: Fixtures.packageRoot)
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

  /// Starts a training of `NAME.h5` and stops it with a signal, so long after it has claimed its target that there is
  /// something to save; checks how it ends.
  func interrupt(
    _ tool: Tool, _ words: String, of name: String, with signal: Int32 = SIGTERM, after milliseconds: UInt32 = 50
  ) throws {
    var milliseconds = milliseconds
    repeat {
      let process = try start(tool, words)
      directory.await("\(name).h5.part")
      usleep(milliseconds * 1_000)
      process.signal(signal)
      let result = try process.wait()
      #expect(
        result
          == ProcessResult(status: 75, errors: "\(tool.rawValue): error: interrupted; the same command resumes\n"))
      // On a busy machine, or under a sanitizer, the first step may not have ended.
      milliseconds = milliseconds * 2 + 10
    } while !directory.contains("\(name).ckpt.h5") && milliseconds < 100_000
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
