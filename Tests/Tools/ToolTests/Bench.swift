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
  case sweep
  case predict
  case report
  case claims
  case multiverse
  case verify
  case plan
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

  /// Prepares the small archive of BreastMNIST's shape as `d.h5`: a file from outside, and not the official one.
  func prepareBreast() throws {
    try copy("tools/breast.npz")
    try complete(
      .prepareData,
      "--dataset breastmnist --resolution 28 --source npz --input breast.npz --allow-unofficial --profile paper --quiet "
        + "--output d.h5")
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
    for _ in 0..<20 {
      let process = try start(tool, words)
      directory.await("\(name).h5.part")
      usleep(milliseconds * 1_000)
      process.signal(signal)
      let result = try process.wait()
      // On a busy machine this process may have slept for longer than the training took.
      if result.status == 0 {
        for file in ["h5", "timing.csv"] { unlink(directory.file("\(name).\(file)")) }
        milliseconds /= 2
        continue
      }
      #expect(
        result
          == ProcessResult(status: 75, errors: "\(tool.rawValue): error: interrupted; the same command resumes\n"))
      if directory.contains("\(name).ckpt.h5") { return }
      // On a busy machine, or under a sanitizer, the first step may not have ended.
      milliseconds = milliseconds * 2 + 10
    }
    throw Unexpected(description: "\(tool.rawValue) \(words): never interrupted with something to save")
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

  /// What `writeSettings` leaves, sorted.
  static let settings = ["distillation.json", "qvit.json", "student.json", "teacher.json", "vit.json"]

  /// The settings files of the pipeline, of which that of both students, `student.json`, asks for little work.
  func writeSettings() throws {
    for name in Self.settings {
      var text = try Fixtures.packageText("pipeline/config/\(name)")
      guard name == "student.json" else {
        try directory.write(text, to: name)
        continue
      }
      for (paper, small) in [
        ("\"epochs\": 100", "\"epochs\": 3"), ("\"batch_size\": 32", "\"batch_size\": 8"),
        ("\"learning_rate\": 0.001", "\"learning_rate\": 0.005"),
      ] {
        try #require(text.contains(paper))
        text = text.replacing(paper, with: small)
      }
      try directory.write(text, to: name)
    }
  }

  /// Settings `NAME.json` that differ from those of `base` in these members.
  func writeSettings(_ name: String, extending base: String, _ members: String) throws {
    try directory.write(#"{"extends": "\#(base)", \#(members)}"#, to: "\(name).json")
  }

  /// Plans tables of the pipeline with the settings here; `report` then takes `--table ROOT/settings/tables/NAME.json`.
  func plan(
    _ tables: String = "table1", root: String = ".", profile: String = "paper", datasets: String = "breastmnist",
    variants: String = "vit", seeds: String = "1", environment: [String: String] = [:]
  ) throws {
    let files = tables.split(separator: " ").map { "\(Fixtures.packageRoot)/pipeline/tables/\($0).json" }
    try complete(
      .plan,
      "--profile \(profile) --root \(root) --config . --tables \"\(files.joined(separator: " "))\" "
        + "--datasets \"\(datasets)\" --resolutions 28 --variants \"\(variants)\" --seeds \"\(seeds)\" "
        + "--teacher-seeds 1 --teacher-resolution 224 --make make --output \(root)/plan.mk", environment: environment)
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
