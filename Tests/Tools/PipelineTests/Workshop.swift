import Glibc
import _TestSupport

/// A temporary directory with stub tools (but for `plan`), raw files and artifacts, in which the package's Makefile is run.
///
/// The stubs write one line of text as their output, the way the real tools do (`X.part`, then a move), and note their
/// command lines in a log.
final class Workshop {
  private let directory: TemporaryDirectory
  var path: String { directory.path }

  static let tools = ["prepare-data", "finetune-teacher", "distill", "train", "evaluate", "report"]

  init() throws {
    directory = try TemporaryDirectory()
    try sh("mkdir bin raw && touch raw/breastmnist.npz raw/breastmnist_224.npz raw/pneumoniamnist.npz")
    for tool in Self.tools { try install(tool, publish: "mv \"$out$x.part\" \"$out$x\"") }
    // What is to be made says the tool itself.
    try directory.makeLink(toolPath("plan"), at: "bin/plan")
  }

  /// Installs a stub; `publish` is what it does once `X.part` is written.
  func install(_ tool: String, publish: String) throws {
    let text = """
      #!/bin/sh
      echo "${0##*/} $*" >> "${0%/*}/../log"
      page=; case "$*" in *--page*) page=yes;; esac
      while [ $# -gt 1 ]; do shift; done
      out=$1
      case $page$0 in yes*report) set -- .html;; *report) set -- .md .csv .tex;; *) set -- "";; esac
      for x in "$@"; do echo done > "$out$x.part"; \(publish); done
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

  /// Runs make with these arguments; what it says, with the paths of this workshop as `TMP`.
  func make(_ arguments: String) throws -> (text: String, status: Int32) {
    // Settings and flags of a make that runs the tests must not get through.
    let result = try shell(
      "env -i PATH=\"$PATH\" LC_ALL=C make --no-print-directory -C '\(Fixtures.packageRoot)' BIN='\(path)/bin' "
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

  /// Makes all files equally old, and older than a file touched afterwards.
  func age() throws {
    try sh("touch reference && find . -type f -exec touch -r reference {} +")
    usleep(20_000)
  }

  private func shell(_ command: String) throws -> (text: String, status: Int32) {
    let result = try runProcess("/bin/sh", ["-c", "{ \(command)\n} 2>&1"])
    return (result.output, result.status)
  }
}
