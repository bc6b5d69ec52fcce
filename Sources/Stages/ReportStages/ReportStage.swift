import Architectures
import Configuration
import StageSupport
import Artifacts
public import CommandLineKit
import Datasets
import Digests
import Files
import Glibc
import Metrics
import Reporting
import JSON

/// `report`: the evaluations of a grid become one of the paper's tables, its datasets a section of their own.
public enum ReportStage {
  /// The options.
  public static let command = Command(
    name: "report",
    summary: "Arrange evaluations as one of the paper's tables, or describe the datasets.",
    discussion: """
      Reads ROOT/evaluations/MODEL-REGIME/DATASET-RESOLUTION-sSEED.h5 for every cell of the grid, prints the table and \
      writes it as PREFIX.md, PREFIX.csv and PREFIX.tex. Cells that are missing show as a dash, with the command that \
      would fill them below the table. Evaluations of different versions or profiles are refused.

      --table datasets reads ROOT/data/DATASET-RESOLUTION.h5 instead: sizes, class balance, majority baselines, equal \
      images across splits, licences, citations, and what is unofficial or leaks.
      """,
    options: [
      Option(
        "table", .choice(of: tables + ["datasets"]),
        "Table 1: students trained from scratch. Table 2: distilled students and their teacher.", presence: .required),
      Option("root", .path, "Directory of the profile's artifacts.", placeholder: "DIR", presence: .required),
      Option("profile", .string, "Profile the evaluations must belong to.", placeholder: "NAME", presence: .required),
    ] + [Option].grid(presence: .required, ofStudents: .optional) + [
      Option("output", .path, "Where to write, without extension.", placeholder: "PREFIX", presence: .required)
    ],
    examples: [
      "report --table table1 --root artifacts/sample --profile sample \\\n"
        + "    --datasets \"breastmnist oasis\" --resolutions \"28 224\" --models \"vit qvit\" \\\n"
        + "    --seeds \"1 2\" --output artifacts/sample/tables/table1",
      "report --table datasets --root artifacts/sample --profile sample \\\n"
        + "    --datasets \"breastmnist oasis\" --resolutions \"28 224\" \\\n"
        + "    --output artifacts/sample/tables/datasets",
    ])

  /// The tables there are.
  static let tables = ["table1", "table2"]
  /// The formats a table is written in.
  static let formats = ["md", "csv", "tex"]

  /// Reports.
  public static func run(_ arguments: ParsedArguments) throws {
    let table = arguments.string("table")
    for option in ["models", "seeds"] where arguments.has(option) == (table == "datasets") {
      throw UsageError(
        table == "datasets" ? "'--\(option)' does not go with --table datasets" : "--table \(table) needs --\(option)")
    }
    let targets = formats.map { "\(arguments.string("output")).\($0)" }
    let markdown = try PendingFile(path: targets[0])
    let csv = try PendingFile(path: targets[1])
    let latex = try PendingFile(path: targets[2])
    let (texts, shown): ([String], String)
    if table == "datasets" {
      let found = try datasetTable(arguments)
      (texts, shown) = (found.files, found.terminal())
    } else {
      let found = try self.table(table, arguments)
      (texts, shown) = (found.files, found.terminal(styled: isatty(STDOUT_FILENO) == 1))
    }
    // All are whole before the first is moved into place: a full disk changes none.
    try markdown.write(texts[0])
    try csv.write(texts[1])
    try latex.write(texts[2])
    try writeToStandardOutput(shown)
    try markdown.publish()
    try csv.publish()
    try latex.publish()
  }

  /// What the datasets of a grid are.
  private static func datasetTable(_ arguments: ParsedArguments) throws -> DatasetTable {
    let (tree, profile) = (ArtifactTree(root: arguments.string("root")), arguments.string("profile"))
    var facts: [DatasetFacts] = []
    var missing: [DatasetTable.Missing] = []
    for dataset in arguments.strings("datasets") {
      for resolution in arguments.strings("resolutions") {
        let path = tree.dataset(dataset, resolution)
        if access(path, F_OK) == 0 {
          facts.append(try DatasetFacts(path: path, profile: profile))
        } else {
          missing.append(
            .init(
              name: "\(Catalogue.title(of: dataset)) at \(resolution) pixels",
              command: "make PROFILE=\(profile) \(path)"))
        }
      }
    }
    return DatasetTable(facts, profile: profile, softwareVersion: Software.version, missing: missing)
  }

  /// The table of a grid from the evaluations there are.
  /// - Throws: `ReportError`, `ArtifactError`, `SettingsError`, `FileError`.
  static func table(_ name: String, _ arguments: ParsedArguments) throws -> ResultTable {
    let models = arguments.strings("models")
    let resolutions = arguments.strings("resolutions").compactMap(Int.init)
    let layout: TableLayout =
      name == "table2"
      ? .table2(models: models, resolutions: resolutions) : .table1(models: models, resolutions: resolutions)
    let run = ReportRun(
      profile: arguments.string("profile"), softwareVersion: Software.version,
      seeds: arguments.integers("seeds").map { UInt64($0) }, root: arguments.string("root"))
    let tree = ArtifactTree(root: run.root)
    let datasets = arguments.strings("datasets")
    var cells: [EvaluatedCell] = []
    for row in layout.rows {
      for dataset in datasets {
        for seed in row.isReference ? [UInt64(arguments.integer("teacher-seed"))] : run.seeds {
          let path = tree.evaluation(
            model: row.model, regime: row.regime, dataset: dataset, resolution: row.resolution, seed: seed)
          if access(path, F_OK) == 0 { cells.append(try EvaluatedCell(path: path)) }
        }
      }
    }
    return try ResultTable(layout: layout, datasets: datasets, run: run, cells: cells)
  }
}

extension ResultTable {
  /// The table in each of `ReportStage.formats`.
  var files: [String] { [markdown(), csv(), latex()] }
}

extension DatasetTable {
  /// The table in each of `ReportStage.formats`.
  var files: [String] { [markdown(), csv(), latex()] }
}

extension EvaluatedCell {
  /// The test split of an evaluation artifact.
  /// - Throws: `ArtifactError`, `SettingsError`, `FileError`.
  init(path: String) throws {
    let evaluation = try EvaluationArtifact.read(path: path).evaluation
    let header = evaluation.header
    guard let test = evaluation.splits.first(where: { $0.split == .test }) else {
      throw ArtifactError.invalidValue(path: path, object: "/test", expected: "the test split", found: "none")
    }
    let model = try RecordedModel(header, path)
    let bootstrap = test.bootstrap
    self.init(
      model: header.model ?? "", regime: header.regime ?? "", resolution: model.resolution, dataset: header.dataset,
      seed: header.seed, auc: test.auc, aucUndefined: test.undefinedAUC, accuracy: test.accuracy,
      aucInterval: bootstrap.aucLow.isNaN ? nil : Interval(low: bootstrap.aucLow, high: bootstrap.aucHigh),
      accuracyInterval: Interval(low: bootstrap.accuracyLow, high: bootstrap.accuracyHigh),
      qubits: model.qubits, parameterCount: evaluation.parameterCount, imageCount: test.labels.count,
      majorityBaseline: test.majorityBaseline,
      source: Reporting.DataSource(of: header),
      hasLeakingSplit: header.isLeaking, isComparable: header.isComparable, remarks: model.remarks + test.remarks,
      settingsDigest: SHA256.hexDigest(of: Array(header.configuration.utf8)), profile: header.profile,
      resultsVersion: header.resultsVersion, formatVersion: Software.formatVersion, path: path)
  }
}

extension Reporting.DataSource {
  /// Where the images of an artifact come from. What has no published file cannot be unofficial.
  fileprivate init(of header: ArtifactHeader) {
    let hasFile = Catalogue.hasOfficialFiles(header.dataset)
    self = header.isOfficial ? .official : header.isGenerated ? .generated : hasFile ? .unofficial : .own
  }
}

extension DatasetFacts {
  /// What a dataset artifact says.
  /// - Throws: `FileError`, `ArtifactError`, `HDF5Error`; `ReportError` for an artifact of another profile.
  fileprivate init(path: String, profile: String) throws {
    let artifact = try DatasetArtifact(path: path)
    let (header, contents) = (artifact.header, artifact.contents)
    guard header.profile == profile else {
      throw ReportError.wrongProfile(path: path, found: header.profile, expected: profile)
    }
    let origin =
      switch contents.source {
      case .file(let name, let md5, _): "\(name), MD5 \(md5)"
      case .folder(let name, let sha256): "folder \(name), SHA-256 of its manifest \(sha256)"
      case .generator(let name, let version): "generator \(name), version \(version)"
      }
    let splits = try Datasets.Split.allCases.map { split in
      let statistics = try artifact.statistics(split)
      return DatasetFacts.Split(
        name: split.rawValue, classCounts: statistics.classCounts,
        duplicates: Dictionary(
          uniqueKeysWithValues: statistics.duplicateImages.map { ($0.key.rawValue, $0.value) }))
    }
    self.init(
      dataset: header.dataset, task: contents.task, classNames: contents.classNames, splits: splits,
      licence: contents.licence, citation: contents.citation, source: Reporting.DataSource(of: header),
      hasLeakingSplit: header.isLeaking, origins: [.init(resolution: header.resolution, text: origin)])
  }
}

/// What a table wants to know of a model's settings.
private struct RecordedModel {
  let qubits: Int
  /// That of the table's row; a teacher's is 224 whatever it was shown.
  let resolution: Int
  let remarks: [String]

  init(_ header: ArtifactHeader, _ path: String) throws {
    if header.regime == "teacher" {
      let settings = try TeacherSettings(recordedIn: header, path: path)
      qubits = settings.qubits
      resolution = TinyViTConfiguration.side
      remarks = Self.remarks(start: settings.start.rawValue, resolution: Double(header.resolution))
    } else {
      let settings = try StudentSettings(recordedIn: header, path: path)
      qubits = settings.architecture(imageSize: header.resolution, classes: 2).qubits
      resolution = header.resolution
      let teacher = settings.distillation?["teacher"]
      remarks =
        teacher.map { Self.remarks(start: $0["weights"]?["start"]?.text, resolution: $0["data"]?["resolution"]?.value) }
        ?? []
    }
  }

  private static func remarks(start: String?, resolution: Double?) -> [String] {
    var remarks: [String] = []
    if start == TeacherSettings.Start.random.rawValue { remarks.append("teacher trained from random weights") }
    if let resolution, (1..<Double(TinyViTConfiguration.side)).contains(resolution) {
      remarks.append("teacher saw \(Int(resolution))-pixel images enlarged")
    }
    return remarks
  }
}

extension JSONValue {
  /// A member of an object.
  fileprivate subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }
  fileprivate var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }
  fileprivate var value: Double? {
    guard case .number(let value) = self else { return nil }
    return value
  }
}

extension SplitEvaluation {
  /// What makes its scores doubtful.
  fileprivate var remarks: [String] {
    duplicatesOfTrain == 0
      ? [] : ["warning: \(duplicatesOfTrain) of \(labels.count) test images equal a training image"]
  }

  /// The classes without an AUC, and why.
  fileprivate var undefinedAUC: [UndefinedAUC] {
    classes.support.indices.compactMap { index in
      switch classes.support[index] {
      case 0: UndefinedAUC(classIndex: index, reason: .absent)
      case labels.count: UndefinedAUC(classIndex: index, reason: .fillsTheSplit)
      default: nil
      }
    }
  }
}
