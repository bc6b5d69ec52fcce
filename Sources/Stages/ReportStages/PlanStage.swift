import Failures
import Artifacts
public import CommandLineKit
import Configuration
import Datasets
import Files
import JSON
import StageSupport

/// `plan`: the declared tables, the settings files and the lists of a grid become rules for make, one for each artifact.
public enum PlanStage {
  /// The options.
  public static let command = Command(
    name: "plan",
    summary: "Write the rules by which make fills the declared tables.",
    discussion: """
      Reads table declarations (pipeline/tables/NAME.json) and the settings files of the variants in their rows, looked up \
      in the directories of --config from the first. Writes a makefile with one rule for each artifact, and below \
      ROOT/settings the settings in effect and the tables with everything they were asked for. A file is rewritten only \
      when its content changes, so that make redoes what other settings give, and nothing else.
      """,
    options: [
      Option("profile", .choice(of: Profile.self), "The profile.", presence: .required),
      Option("root", .path, "Directory of the profile's artifacts.", placeholder: "DIR", presence: .required),
      Option(
        "config", .list(of: .path), "Directories of settings files.", placeholder: "\"DIR …\"", presence: .required),
      Option("tables", .list(of: .path), "Declarations of tables.", placeholder: "\"FILE …\"", presence: .required),
      Option("datasets", .list(of: .string), "Columns of tables that name none.", presence: .required),
      Option("own", .list(of: .string), "Names of datasets that the catalogue does not have."),
      Option("resolutions", .list(of: .choice(of: ["28", "224"])), "Resolutions of the rows.", presence: .required),
      Option("variants", .list(of: .string), "Variants of the rows; all by default.", placeholder: "\"NAME …\""),
      Option(
        "seeds", .list(of: .integer(in: 0...Int(Int32.max))),
        "Seeds of each student; as many as its dataset needs by default."),
      Option("epochs", .integer(in: 1...1_000_000), "Epochs of students instead of the settings files'."),
      Option("teacher-epochs", .integer(in: 0...1_000_000), "Epochs of teachers instead of the settings file's."),
      Option("teacher-seed", .integer(in: 0...Int(Int32.max)), "Seed of the teachers.", presence: .required),
      Option(
        "teacher-resolution", .choice(of: ["28", "224"]), "Resolution of the images teachers see.", presence: .required),
      Option("make", .string, "The command that makes an artifact.", presence: .required),
      Option("goals", .list(of: .string), "What make was asked for: a misspelt table is refused."),
      Option("verbs", .list(of: .string), "Goals of make that are no tables."),
      Option("output", .path, "The makefile to write.", presence: .required),
    ])

  /// Plans.
  public static func run(_ arguments: ParsedArguments) throws {
    let settings = directoryName(of: ArtifactTree(root: arguments.string("root")).settings("x"))
    if let layer = arguments.strings("config").first(where: { isSameFile($0, settings) }) {
      throw UsageError("option '--config': \(layer) is where the settings in effect are written")
    }
    try arguments.requireApart(outputs: [("output", arguments.string("output"))])
    let plan = try Plan(
      PlanRequest(
        profile: arguments.choice("profile", as: Profile.self), root: arguments.string("root"),
        layers: arguments.strings("config"), tables: arguments.strings("tables"),
        datasets: arguments.strings("datasets"), own: arguments.strings("own"),
        resolutions: arguments.strings("resolutions").compactMap(Int.init), variants: arguments.strings("variants"),
        seeds: arguments.has("seeds") ? arguments.integers("seeds").map { UInt64($0) } : nil,
        epochs: arguments.optionalInteger("epochs"),
        teacherEpochs: arguments.optionalInteger("teacher-epochs"),
        teacherSeed: UInt64(arguments.integer("teacher-seed")),
        teacherResolution: Int(arguments.string("teacher-resolution")) ?? 224,
        command: arguments.string("make")))
    let verbs = arguments.strings("verbs")
    if let table = plan.tables.first(where: { verbs.contains($0.name) }) {
      throw UsageError("--tables: a table cannot be called '\(table.name)': make has another goal of that name")
    }
    let goals = verbs + plan.tables.map(\.name)
    if let group = plan.groups.first(where: { goals.contains($0.name) }) {
      throw UsageError("--tables: a group cannot be called '\(group.name)': make has another goal of that name")
    }
    try requireKnown(arguments.strings("goals"), plan, verbs: verbs)
    for (path, text) in plan.files.sorted(by: { $0.key < $1.key }) { try writeIfChanged(text, to: path) }
    try writeIfChanged(plan.makefile, to: arguments.string("output"))
  }

  /// - Throws: `UsageError` for a goal that is no file, no verb, no table and no group of tables.
  private static func requireKnown(_ goals: [String], _ plan: Plan, verbs: [String]) throws(UsageError) {
    let known = plan.tables.map(\.name) + plan.groups.map(\.name) + verbs
    for goal in goals where !goal.contains("/") && !goal.contains(".") && !known.contains(goal) && !fileExists(goal) {
      let suggestion = Failures.suggestion(for: goal, among: known)
      let groups = plan.groups.isEmpty ? "" : "; groups: \(plan.groups.map(\.name).joined(separator: ", "))"
      throw UsageError(
        "make: there is no goal '\(goal)'\(suggestion); tables: \(plan.tables.map(\.name).joined(separator: ", "))"
          + groups)
    }
  }

  /// Writes a text, unless the file already says it: then it stays as old as it is.
  private static func writeIfChanged(_ text: String, to path: String) throws {
    if fileExists(path), try contents(ofFile: path, limit: 64 << 20) == Array(text.utf8) { return }
    try makeDirectories(directoryName(of: path))
    try writeFile(text, to: path)
  }
}
