import Artifacts
public import CommandLineKit
import Configuration
import Files
import Glibc
import Multiverse
import StageSupport

/// `multiverse`: sweeps of one grid, a dataset each, become a table of what each choice does and which readings fit the paper.
public enum MultiverseStage {
  /// The options.
  public static let command = Command(
    name: "multiverse",
    summary: "Say how much each choice moves each measure, and which readings the paper's entries can be of.",
    discussion: """
      Reads sweeps of the same points and seeds (docs/controls.md) and the paper's entries. Prints the effects and what they \
      say, and writes PREFIX.md, PREFIX.csv and PREFIX.tex.
      """,
    options: [
      Option("sweeps", .list(of: .path), "Sweep artifacts.", placeholder: "\"FILE …\"", presence: .required),
      Option("grid", .path, "Choices and their values (JSON): the title.", presence: .required),
      Option("output", .path, "Where to write, without extension.", placeholder: "PREFIX", presence: .required),
    ],
    examples: [
      "multiverse --sweeps artifacts/paper/sweeps/multiverse/breastmnist-28.h5 --grid pipeline/multiverse.json \\\n"
        + "    --output artifacts/paper/tables/multiverse"
    ])

  /// Reports.
  public static func run(_ arguments: ParsedArguments) throws {
    let prefix = arguments.string("output")
    try arguments.requireApart(outputs: PendingTable.files(prefix).map { ("output", $0) })
    let files = try PendingTable(prefix: prefix)
    guard let report = try Self.report(sweeps: arguments.strings("sweeps"), grid: arguments.string("grid")) else {
      return
    }
    try files.write(markdown: report.markdown(), csv: report.csv(), latex: report.latex())
    try writeToStandardOutput(report.terminal())
    try files.publish()
  }

  /// The report on sweeps of a grid; nil without any.
  static func report(sweeps: [String], grid: String) throws -> MultiverseReport? {
    let grid = try MultiverseDeclaration(path: grid)
    guard !sweeps.isEmpty else { return nil }
    return try MultiverseReport(
      sweeps.map { .init(sweep: try SweepArtifact.read(path: $0).sweep, path: $0) }, title: grid.title)
  }
}
