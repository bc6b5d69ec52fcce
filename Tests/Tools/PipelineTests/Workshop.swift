import Glibc
import _TestSupport

/// A temporary directory with stub stages, raw files and artifacts, in which the package's Makefile is run.
///
/// The stubs note their command lines in a log and write artifacts that say about themselves what those of the stages would
/// (`stub-stage`); `plan`, `report` (but for the page) and `verify` are the tools themselves.
final class Workshop {
  private let directory: TemporaryDirectory
  var path: String { directory.path }

  static let tools = ["prepare-data", "finetune-teacher", "distill", "train", "evaluate", "report"]

  init() throws {
    directory = try TemporaryDirectory()
    try sh("mkdir bin raw && touch raw/breastmnist.npz raw/breastmnist_224.npz raw/pneumoniamnist.npz")
    for tool in Self.tools { try install(tool) }
    for tool in ["plan", "verify"] { try directory.makeLink(toolPath(tool), at: "bin/\(tool)") }
  }

  /// Installs a stub that runs a command before it does its work.
  func install(_ tool: String, first: String = ":") throws {
    let stage = tool == "report" ? toolPath("report") : "\(toolPath("stub-stage")) \(tool)"
    // Students are stubs, which a page would look into.
    let page = tool == "report" ? "case \"$*\" in *--page*) exit 0;; esac" : ":"
    let text = """
      #!/bin/sh
      echo "${0##*/} $*" >> "${0%/*}/../log"
      \(first)
      \(page)
      exec \(stage) "$@" > /dev/null
      """
    try sh("cat > bin/\(tool) <<'END'\n\(text)\nEND\nchmod +x bin/\(tool)")
  }

  /// Runs a shell command here.
  @discardableResult
  func sh(_ command: String) throws -> (text: String, status: Int32) {
    try shell("cd '\(path)' && \(command)")
  }

  /// Writes a text here, in a directory that is made where it is missing.
  func write(_ text: String, to name: String) throws {
    try directory.makeDirectories(name.split(separator: "/").dropLast().joined(separator: "/"))
    try directory.write(text, to: name)
  }

  /// Writes a file here.
  func write(_ bytes: [UInt8], to name: String) throws { try directory.write(bytes, to: name) }

  /// Runs make with these arguments; what it says, with the paths of this workshop as `TMP`. Programs in `first` stand before
  /// those of the system, if there are any.
  func make(_ arguments: String) throws -> (text: String, status: Int32) {
    // Settings and flags of a make that runs the tests must not get through.
    let result = try shell(
      "env -i PATH=\"\(path)/first:$PATH\" LC_ALL=C make --no-print-directory -C '\(Fixtures.packageRoot)' BIN='\(path)/bin' "
        + "RAW='\(path)/raw' ARTIFACTS='\(path)/artifacts' \(arguments)")
    return (result.text.replacing(path, with: "TMP"), result.status)
  }

  /// The stages that were run since the last call, one line each: the tool and its output below the artifacts.
  func stagesRun() throws -> [String] {
    let log = try sh("touch log && cat log && rm log").text
    return log.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      let output = String(words[words.count - 1]).replacing("\(path)/artifacts/", with: "")
      return "\(words[0]) \(output)"
    }.sorted()
  }

  private func shell(_ command: String) throws -> (text: String, status: Int32) {
    let result = try runProcess("/bin/sh", ["-c", "{ \(command)\n} 2>&1"])
    return (result.output, result.status)
  }
}
