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
      ROOT/settings the settings in effect and the tables with everything they were asked for. What is there already is \
      compared by content: with the settings in effect, and with the inputs there are now; what differs is listed in \
      the makefile with the reason, and make makes it again. Times of files mean nothing.

      If an input from outside is missing for what --goals ask for, all such are listed with where to get them, and nothing \
      is written.
      """,
    options: [
      Option("profile", .choice(of: Profile.self), "The profile.", presence: .required),
      Option("root", .path, "Directory of the profile's artifacts.", placeholder: "DIR", presence: .required),
    ] + PlanRequest.options(.required) + [
      Option("goals", .list(of: .string), "What make was asked for: a misspelt table is refused."),
      Option("verbs", .list(of: .string), "Goals of make that are no tables."),
      Option("dry-run", .flag, "List missing inputs, and go on."),
      Option(
        "inputs", .flag, "Only print the published files that --goals need and that are not there, a path a line."),
      Option(
        "estimate", .list(of: .string),
        "Only print what these goals take on this machine: time, memory and disk, by a short calibration.",
        placeholder: "\"GOAL …\""),
      Option("jobs", .integer(in: 1...4096), "Stages at the same time; for estimates (default: 1)."),
      Option("threads", .integer(in: 1...4096), "Threads of each stage; for estimates (default: all processors)."),
      Option("status", .flag, "Only print what is there, what is stale, what is missing and why; write nothing."),
      Option(
        "output", .path, "The makefile to write.", presence: .requiredWithout(["status", "estimate", "inputs"])),
    ])

  /// Plans.
  public static func run(_ arguments: ParsedArguments) throws {
    let settings = directoryName(of: ArtifactTree(root: arguments.string("root")).settings("x"))
    if let layer = arguments.strings("config").first(where: { isSameFile($0, settings) }) {
      throw UsageError("option '--config': \(layer) is where the settings in effect are written")
    }
    if let output = arguments.optionalString("output") {
      try arguments.requireApart(outputs: [("output", output)])
    }
    let request = try PlanRequest(arguments)
    let plan = try Plan(request)
    let verbs = arguments.strings("verbs")
    if let table = plan.tables.first(where: { verbs.contains($0.name) }) {
      throw UsageError("--tables: a table cannot be called '\(table.name)': make has another goal of that name")
    }
    let goals = verbs + plan.tables.map(\.name)
    if let group = plan.groups.first(where: { goals.contains($0.name) }) {
      throw UsageError("--tables: a group cannot be called '\(group.name)': make has another goal of that name")
    }
    try requireKnown(arguments.strings("goals"), plan, verbs: verbs)
    let stale = try StaleRules(plan, run: request.run)
    if arguments.flag("status") {
      try writeToStandardOutput(stale.status(profile: request.profile))
      return
    }
    let jobs = arguments.optionalInteger("jobs") ?? 1
    if arguments.has("estimate") {
      let goals = arguments.strings("estimate")
      try requireKnown(goals, plan, verbs: verbs)
      let estimate = try Estimate(
        plan, stale, request, goals: plan.tables(in: goals), jobs: jobs, threads: arguments.optionalInteger("threads"))
      try writeToStandardOutput(estimate.text(goals: goals, command: request.command))
      return
    }
    let wanted = plan.tables(in: arguments.strings("goals"))
    let missing = MissingInputs(of: wanted, stale, request)
    if arguments.flag("inputs") {
      try writeToStandardOutput(missing.published)
      return
    }
    guard let output = arguments.optionalString("output") else { throw UsageError("missing '--output PATH'") }
    if arguments.flag("dry-run") { missing.list() } else { try missing.refuse(arguments.strings("goals")) }
    let needed = stale.needed(for: wanted)
    let needs = StageNeeds(plan, request)
    for line in shortages(needs.total(needed, jobs: jobs), at: request.root) {
      writeToStandardError("\(command.name): warning: \(line)\n")
    }
    for (path, text) in plan.files.sorted(by: { $0.key < $1.key }) { try writeIfChanged(text, to: path) }
    // Only where stages share a terminal does make say how far all of them are.
    let workload = arguments.has("jobs") ? stale.workload(plan, StageWork(plan, needs), of: needed) : ""
    try writeIfChanged(plan.makefile + stale.makefile(plan) + workload, to: output)
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
