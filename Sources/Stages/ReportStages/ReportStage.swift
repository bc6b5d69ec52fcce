import Drawing
import Artifacts
public import CommandLineKit
import Configuration
import Datasets
import Files
import Glibc
import HTMLReport
import JSON
import Multiverse
import PlanStages
import Reporting
import StageSupport

/// `report`: the evaluations of a planned table become that table, or the datasets of a grid a section of their own.
public enum ReportStage {
  /// The options.
  public static let command = Command(
    name: "report",
    summary: "Arrange evaluations as a table, or describe the datasets.",
    discussion: """
      --table takes a table with everything it was asked for, as `plan` writes it from pipeline/tables/NAME.json. Reads \
      ROOT/evaluations/VARIANT-REGIME/DATASET-RESOLUTION-sSEED.h5 for every entry, prints the table and writes it as \
      PREFIX.md, PREFIX.csv and PREFIX.tex; PREFIX.inputs.json has the digests of what it was made from. Entries that are missing show as a dash, with the command that would fill \
      them below the table. Evaluations of different versions, profiles or settings are refused.

      --datasets reads ROOT/data/DATASET-RESOLUTION.h5 instead: sizes, class balance, majority baselines, equal images \
      across splits, licences, citations, and what is unofficial or leaks.

      --page takes planned tables and writes PREFIX.html, one file that needs no other and no network (and \
      PREFIX.inputs.json, by which `verify` knows whether it shows what there is): the paper's values and ours drawn, the tables, and behind each number its runs, pictures, files, digests and commands. What is missing \
      is said, with the command that makes it. --figures also writes each picture as a file. --compare sets beside it \
      another run: where the interval of the difference excludes zero, and settings that differ.
      """,
    options: [
      Option("table", .path, "Planned table (JSON)."),
      Option("datasets", .list(of: .string), "Datasets to describe.", placeholder: "\"NAME …\""),
      Option("page", .list(of: .path), "Planned tables (JSON) to show as a page.", placeholder: "\"FILE …\""),
      Option("resolutions", .list(of: .choice(of: ["28", "224"])), "Their resolutions."),
      Option("root", .path, "Directory of the profile's artifacts, for --datasets.", placeholder: "DIR"),
      Option("profile", .choice(of: Profile.self), "Profile the datasets must belong to."),
      Option("make", .string, "Command that makes what is missing, for --datasets.", presence: .defaultsTo("make")),
      Option(
        "config", .list(of: .path), "page: directories of the default settings, from which settings here may differ.",
        placeholder: "\"DIR …\""),
      Option("claims", .path, "page: claims (JSON) to judge."),
      Option("controls", .path, "page: controls (JSON) to judge."),
      Option(
        "sweeps", .list(of: .path), "page: sweeps of one grid; those that are there are shown.",
        placeholder: "\"FILE …\""),
      Option("grid", .path, "page: the grid of the sweeps (JSON)."),
      Option(
        "declarations", .list(of: .path), "page: declarations of tables that claims may name.",
        placeholder: "\"FILE …\""),
      Option("figures", .path, "page: directory to which its pictures go as SVG files.", placeholder: "DIR"),
      Option("compare", .path, "page: directory of another run's artifacts.", placeholder: "ROOT"),
      Option(
        "pixels", .integer(in: 14...224), "page: largest side of images in it; larger ones make a larger page.",
        presence: .defaultsTo("28")),
      Option("samples", .integer(in: 1...100), "page: sample images of each class.", presence: .defaultsTo("1")),
      Option("output", .path, "Where to write, without extension.", placeholder: "PREFIX", presence: .required),
    ],
    examples: [
      "report --table artifacts/sample/settings/tables/table1.json \\\n    --output artifacts/sample/tables/table1",
      "report --datasets \"breastmnist oasis\" --resolutions \"28 224\" --root artifacts/sample \\\n"
        + "    --profile sample --output artifacts/sample/tables/datasets",
      "report --page artifacts/sample/settings/tables/table1.json --config pipeline/config \\\n"
        + "    --figures artifacts/sample/tables/figures --output artifacts/sample/report",
    ])

  /// Reports.
  public static func run(_ arguments: ParsedArguments) throws {
    let ofDatasets = ["datasets", "resolutions", "root", "profile"]
    let ofPages = [
      "page", "claims", "controls", "sweeps", "grid", "declarations", "config", "figures", "compare", "pixels",
      "samples",
    ]
    let kinds = ["table", "datasets", "page"].filter(arguments.has)
    guard let kind = kinds.first else { throw UsageError("one of --table, --datasets, --page is needed") }
    let foreign: [String] =
      switch kind {
      case "table": ofDatasets + ["make"] + ofPages
      case "datasets": ofPages
      default: ofDatasets + ["make"]
      }
    for option in foreign where arguments.isGiven(option) {
      throw UsageError("'--\(option)' does not go with --\(kind)")
    }
    guard kind != "page" else { return try writePage(arguments) }
    if kind == "datasets", let missing = ofDatasets.first(where: { !arguments.has($0) }) {
      throw UsageError("--datasets needs --\(missing)")
    }
    let targets = PendingTable.files(arguments.string("output"))
    try arguments.requireApart(outputs: targets.map { ("output", $0) })
    let files = try PendingTable(prefix: arguments.string("output"))
    let inputs = try PendingFile(path: TableInputs.path(arguments.string("output")))
    let (texts, shown, text) = try made(arguments)
    // All are whole before the first is moved into place: a full disk changes none.
    try files.write(markdown: texts[0], csv: texts[1], latex: texts[2])
    try inputs.write(text)
    try writeToStandardOutput(shown)
    try files.publish()
    try inputs.publish()
    try writeToStandardOutput("\nWritten: \(targets[0]), .csv, .tex\n")
  }

  /// A table's formats, what the terminal shows of it, and what it was made from.
  private static func made(_ arguments: ParsedArguments) throws -> (formats: [String], shown: String, inputs: String) {
    let prefix = arguments.string("output")
    if let path = arguments.optionalString("table") {
      let plan = try PlannedTable(path: path)
      let (table, digests) = try EvaluationReader().table(of: plan)
      let formats = table.files
      return (
        formats, table.terminal(width: terminalWidth(STDOUT_FILENO) ?? 80, styled: isatty(STDOUT_FILENO) == 1),
        TableInputs.text(TableInputs.Expected(prefix: prefix, plan, showing: []), from: digests, formats: formats)
      )
    }
    let (table, digests) = try datasetTable(arguments)
    let expected = TableInputs.Expected(
      prefix: prefix, root: arguments.string("root"), datasets: arguments.strings("datasets"),
      resolutions: arguments.strings("resolutions").compactMap(Int.init),
      profile: arguments.choice("profile", as: Profile.self))
    return (table.files, table.terminal(), TableInputs.text(expected, from: digests, formats: table.files))
  }

  /// The page and, where wanted, its pictures.
  private static func writePage(_ arguments: ParsedArguments) throws {
    let output = "\(arguments.string("output")).html"
    let target = try PendingFile(path: output)
    let plans = try arguments.strings("page").map(PlannedTable.init(path:))
    for (plan, path) in zip(plans, arguments.strings("page")) where plan.root != plans[0].root {
      throw UsageError("\(path): artifacts in \(plan.root), but those of the first table are in \(plans[0].root)")
    }
    let reader = try PageReader(
      plans, defaults: arguments.strings("config"),
      images: PageImageSettings(
        largestSide: arguments.integer("pixels"), samples: arguments.integer("samples")))
    var contents = try reader.contents()
    if let claims = arguments.optionalString("claims") {
      contents.claims = try ClaimsStage.report(
        claims: claims, declarations: arguments.strings("declarations"),
        planned: plans, root: plans[0].root, profile: plans[0].profile, make: plans[0].command,
        from: reader.evaluations)
    }
    if let controls = arguments.optionalString("controls"), plans.contains(where: { !$0.datasets.isEmpty }) {
      contents.controls = try ClaimsStage.report(
        claims: controls, declarations: arguments.strings("declarations"),
        planned: plans, root: plans[0].root, profile: plans[0].profile, make: plans[0].command,
        from: reader.evaluations)
    }
    let sweeps = arguments.has("sweeps") ? arguments.strings("sweeps").filter { fileExists($0) } : []
    if let grid = arguments.optionalString("grid") {
      do { contents.multiverse = try MultiverseStage.report(sweeps: sweeps, grid: grid) } catch let error
        as MultiverseError
      {
        writeToStandardError("report: warning: sweeps are left out: \(error)\n")
        contents.multiverseProblem = error.description
      }
    }
    if let root = arguments.optionalString("compare") { contents.comparison = try comparison(reader, with: root) }
    let page = ReportPage.render(contents)
    var pictures: [String: String] = [:]
    if let directory = arguments.optionalString("figures") {
      try makeDirectories(directory)
      for each in page.pictures { pictures["\(directory)/\(each.name).svg"] = each.picture.file }
      for (path, text) in pictures.sorted(by: { $0.key < $1.key }) { try writeFile(text, to: path) }
    }
    var artifacts = Dictionary(uniqueKeysWithValues: contents.artifacts.map { ($0.path, $0.contentSHA256) })
    for sweep in sweeps { artifacts[sweep] = try readHeader(sweep).contentSHA256 }
    let inputs = PageInputs(artifacts: artifacts, page: page.html, pictures: pictures)
    let inputsPath = PageInputs.path(ofPage: output)
    // What cannot be read tells nothing of an earlier page.
    if let earlier = try? PageInputs(readFrom: inputsPath, root: plans[0].root) {
      try inputs.removePictures(of: earlier)
    }
    try writeFile(inputs.text(root: plans[0].root), to: inputsPath)
    try target.write(page.html)
    let entries = reader.tables.flatMap { $0.rows.flatMap(\.cells) }
    try writeToStandardOutput(
      "\(output): \(entries.count { !$0.isEmpty }) of \(entries.count) entries, \(page.pictures.count) pictures, "
        + "\((page.html.utf8.count + 500) / 1000) kB\n")
    try target.publish()
  }

  /// The same tables of another run.
  private static func comparison(_ reader: PageReader, with root: String) throws -> ReportComparison {
    let evaluations = EvaluationReader()
    let others = try reader.plans.map { plan in
      // The same part of the grid, or else the whole.
      let tree = ArtifactTree(root: root)
      let part = tree.declaration(ofTable: plan.fileName)
      let path = try isPresent(part) ? part : tree.declaration(ofTable: plan.name)
      var other = try PlannedTable(path: path)
      // Where it lies now, not where it was made.
      other.root = root
      return try evaluations.table(of: other).table
    }
    return ReportComparison(reader.tables, with: others, root: root)
  }

  /// What the datasets of a grid are.
  private static func datasetTable(
    _ arguments: ParsedArguments
  ) throws -> (table: DatasetTable, digests: [String: String]) {
    let tree = try ArtifactTree(existing: arguments.string("root"))
    let profile = arguments.choice("profile", as: Profile.self)
    var facts: [DatasetFacts] = []
    var digests: [String: String] = [:]
    var missing: [DatasetTable.Missing] = []
    for dataset in arguments.strings("datasets") {
      try requireKnown(dataset, in: tree, arguments)
      for resolution in arguments.strings("resolutions").compactMap(Int.init) {
        let path = tree.dataset(dataset, resolution: resolution)
        if try isPresent(path) {
          let artifact = try DatasetArtifact(path: path)
          facts.append(try DatasetFacts(artifact, profile: profile))
          digests[path] = artifact.contentSHA256
        } else {
          missing.append(
            .init(
              name: "\(Catalogue.title(of: dataset)) at \(resolution) pixels",
              command: "\(arguments.string("make")) \(path)"))
        }
      }
    }
    let table = DatasetTable(facts, profile: profile.rawValue, softwareVersion: Software.version, missing: missing)
    return (table, digests)
  }

  /// A dataset of one's own is known by its artifact; a name that neither has one nor is the catalogue's is misspelt.
  /// - Throws: `DatasetError`.
  private static func requireKnown(_ dataset: String, in tree: ArtifactTree, _ arguments: ParsedArguments) throws {
    for resolution in arguments.strings("resolutions").compactMap(Int.init) {
      if try isPresent(tree.dataset(dataset, resolution: resolution)) { return }
    }
    _ = try Catalogue.dataset(named: dataset)
  }
}

extension DatasetFacts {
  /// What a dataset artifact says.
  /// - Throws: `FileError`, `ArtifactError`, `HDF5Error`; `ReportError` for an artifact of another profile.
  init(_ artifact: DatasetArtifact, profile: Profile) throws {
    let (header, contents) = (artifact.header, artifact.contents)
    guard header.profile == profile else {
      throw ReportError.wrongProfile(
        path: artifact.path, found: header.profile.rawValue, expected: profile.rawValue)
    }
    let origin =
      switch contents.source {
      case .file(let name, let md5, _): "\(name), MD5 \(md5)"
      case .folder(let name, let sha256): "folder \(name), SHA-256 of its manifest \(sha256)"
      case .generator(let name, let version): "generator \(name), version \(version)"
      }
    let splits = try Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, try artifact.statistics($0)) })
    self.init(
      dataset: header.dataset, task: contents.task, classNames: contents.classNames, splits: splits,
      licence: contents.licence, citation: contents.citation, source: header.origin,
      hasLeakingSplit: header.isLeaking, origins: [.init(resolution: header.resolution, text: origin)])
  }
}
