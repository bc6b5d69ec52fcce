public import CommandLineKit
public import Files

extension ParsedArguments {
  /// Claims the file that `--output` names, held to the end: of two runs with one target the second stops here, not after its
  /// work.
  /// - Parameter others: further options that name files to be written.
  /// - Throws: `UsageError` if it would take the place of a file that is read; `FileError`.
  public func claimOutput(besides others: [String] = []) throws -> PendingFile {
    try requireApart(outputs: (["output"] + others).flatMap { option in strings(option).map { (option, $0) } })
    return try PendingFile(path: string("output"))
  }

  /// Makes sure, before anything is opened for writing, that no file is written in the place of one that is read: not the
  /// output itself, nor what stands beside it while it is made.
  /// - Throws: `UsageError`.
  public func requireApart(outputs: [(option: String, path: String)]) throws(UsageError) {
    let written = Set(outputs.map(\.option))
    let inputs = paths.filter { !written.contains($0.option) }
    for (index, output) in outputs.enumerated() {
      let others =
        inputs.map { ($0.option, [$0.path]) } + outputs[..<index].map { ($0.option, Self.files(of: $0.path)) }
      for file in Self.files(of: output.path) {
        for (option, files) in others where files.contains(where: { isSameFile(file, $0) }) {
          throw UsageError("option '--\(output.option)': would write \(file), which is a file of '--\(option)'")
        }
      }
    }
  }

  /// An output, and what a stage writes beside it.
  private static func files(of path: String) -> [String] {
    ([path] + Companion.allCases.map { $0.path(besides: path) }).flatMap { [$0, "\($0).part"] }
  }
}
