import Artifacts
import Claims
public import CommandLineKit
import Configuration
import Files
import Glibc
import JSON
import PlanStages
import Reporting
import StageSupport

/// `claims`: the claims of a file are judged by the evaluations of planned tables.
public enum ClaimsStage {
  /// The options.
  public static let command = Command(
    name: "claims",
    summary: "Say of every claim whether the results at hand confirm it.",
    discussion: """
      Reads the claims of --claims (docs/claims.md), the tables that `plan` has planned below ROOT/settings/tables, and all \
      of their evaluations that are there; the declarations of --tables tell which table makes a row. Prints the verdicts \
      and writes them as PREFIX.md, PREFIX.csv, PREFIX.tex and PREFIX.json. What a claim needs and is not there makes it missing, with the command that \
      makes it.

      Where PREFIX.json is there already and records another verdict than the evaluations give now, nothing is written and \
      the status is 65: a verdict that was cited does not change without a word. --update takes the new ones. Claims that \
      were missing may be decided without it.
      """,
    options: [
      Option("claims", .path, "Claims (JSON).", presence: .required),
      Option("tables", .list(of: .path), "Declarations of tables.", placeholder: "\"FILE …\"", presence: .required),
      Option("planned", .list(of: .path), "Planned tables.", placeholder: "\"FILE …\"", presence: .required),
      Option("root", .path, "Directory of the profile's artifacts.", placeholder: "DIR", presence: .required),
      Option("profile", .choice(of: Profile.self), "The profile.", presence: .required),
      Option("make", .string, "Command that makes tables.", presence: .defaultsTo("make")),
      Option("update", .flag, "Accept verdicts that differ from those recorded."),
      Option("output", .path, "Where to write, without extension.", placeholder: "PREFIX", presence: .required),
    ],
    examples: [
      "claims --claims pipeline/claims.json --tables \"pipeline/tables/table1.json pipeline/tables/table2.json\" \\\n"
        + "    --planned artifacts/paper/settings/tables/table1.json \\\n"
        + "    --root artifacts/paper --profile paper --output artifacts/paper/tables/claims"
    ])

  /// Judges.
  public static func run(_ arguments: ParsedArguments) throws {
    let prefix = arguments.string("output")
    try arguments.requireApart(outputs: (PendingTable.files(prefix) + ["\(prefix).json"]).map { ("output", $0) })
    let files = try PendingTable(prefix: prefix)
    let record = try PendingFile(path: "\(prefix).json")
    let report = try report(arguments)
    if !arguments.flag("update") { try requireNoOther(report, recordedIn: "\(prefix).json") }
    // All are whole before the first is moved into place: a full disk changes none.
    try files.write(markdown: report.markdown(), csv: report.csv(), latex: report.latex())
    try record.write(report.json().prettyText)
    try writeToStandardOutput(report.terminal(styled: isatty(STDOUT_FILENO) == 1))
    try files.publish()
    try record.publish()
  }

  private static func report(_ arguments: ParsedArguments) throws -> ClaimReport {
    try report(
      claims: arguments.string("claims"), declarations: arguments.strings("tables"),
      planned: arguments.strings("planned").filter { fileExists($0) }.map(PlannedTable.init(path:)),
      root: arguments.string("root"), profile: arguments.choice("profile", as: Profile.self),
      make: arguments.string("make"))
  }

  /// The verdicts on the claims of a file by the results below `root`.
  static func report(
    claims: String, declarations paths: [String], planned: [PlannedTable], root: String, profile: Profile, make: String,
    from reader: EvaluationReader = EvaluationReader()
  ) throws -> ClaimReport {
    let datasets = planned.flatMap(\.datasets).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let file = try ClaimFile(path: claims, planned: datasets)
    let tree = ArtifactTree(root: root)
    var tables: [RowName: String] = [:]
    var evidence = Evidence()
    var students: [RowName: [String]] = [:]
    var taken: Set<String> = []
    // A row of the paper's own tables is made by these, in whatever other tables it stands.
    let declarations = try paths.map { try TableDeclaration(path: $0) }
    for declaration in declarations.filter({ $0.paperTable != nil }) + declarations.filter({ $0.paperTable == nil }) {
      for row in declaration.rows {
        guard let variant = row.variant else { continue }
        let name = RowName(variant: variant, regime: row.regime, resolution: row.resolution)
        if tables[name] == nil { tables[name] = declaration.name }
      }
    }
    for plan in planned {
      guard plan.profile == profile else {
        throw ReportError.wrongProfile(
          path: tree.declaration(ofTable: plan.fileName), found: plan.profile.rawValue, expected: profile.rawValue)
      }
      for (cell, digest) in try reader.evaluations(of: plan) where taken.insert(cell.path).inserted {
        evidence.add(cell, contentSHA256: digest, allowed: file.deviations[cell.model.variant] ?? [])
        let (header, model) = (cell.header, cell.model)
        students[RowName(cell), default: []].append(
          tree.student(model, dataset: header.dataset, resolution: header.resolution, seed: header.seed))
      }
    }
    let judge = ClaimJudge(
      file, evidence: evidence, facts: .ofProject(tree: tree, datasets: file.datasets, students: students)
    ) { row, _ in tables[row].map { "\(make) \($0)" } }
    let isControls = file.title != nil && fileName(of: claims, without: ".json") == "controls"
    let goal = isControls ? "controls" : file.title == nil ? "claims" : "claims CLAIMS=\(claims)"
    return ClaimReport(
      judge.judged(), title: file.title, datasets: file.datasets, profile: profile, softwareVersion: Software.version,
      command: "\(make) \(goal)")
  }

  /// - Throws: `ChangedVerdict` for the first claim whose recorded verdict is not the one found.
  private static func requireNoOther(_ report: ClaimReport, recordedIn path: String) throws {
    guard fileExists(path) else { return }
    let value = try JSONValue(parsing: contents(ofFile: path, limit: 64 << 20), path: path)
    guard report.isAboutSameDatasets(as: value) else { return }
    let recorded = try ClaimReport.verdicts(in: value, path: path)
    let changed = report.results.filter { result in
      recorded[result.claim.identifier].map { $0 != result.verdict && $0 != .missing } ?? false
    }
    guard let first = changed.first, let before = recorded[first.claim.identifier] else { return }
    throw ChangedVerdict(
      path: path, identifier: first.claim.identifier, recorded: before, found: first.verdict, others: changed.count - 1)
  }
}
