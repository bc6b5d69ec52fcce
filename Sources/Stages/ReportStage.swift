import Artifacts
public import CommandLineKit
import Datasets
import Digests
import Files
import Glibc
import Metrics
import Reporting
import Settings
import Students
import TinyViT

/// `report`: the evaluations of a grid become one of the paper's tables.
public enum ReportStage {
  /// The options.
  public static let command = Command(
    name: "report",
    summary: "Arrange evaluations as one of the paper's tables.",
    discussion: """
      Reads ROOT/evaluations/MODEL-REGIME/DATASET-RESOLUTION-sSEED.h5 for every cell of the grid, prints the table and \
      writes it as PREFIX.md, PREFIX.csv and PREFIX.tex. Cells that are missing show as a dash, with the command that \
      would fill them below the table. Evaluations of different versions or profiles are refused.
      """,
    options: [
      Option(
        "table", .choice(of: ["table1", "table2"]),
        "Table 1: students trained from scratch. Table 2: distilled students and their teacher.", presence: .required),
      Option("root", .path, "Directory of the profile's artifacts.", placeholder: "DIR", presence: .required),
      Option("profile", .string, "Profile the evaluations must belong to.", placeholder: "NAME", presence: .required),
      Option(
        "datasets", .list(of: .string), "Columns.", placeholder: "\"NAME …\"",
        presence: .required),
      Option("resolutions", .list(of: .choice(of: ["28", "224"])), "Resolutions of the rows.", presence: .required),
      Option(
        "models", .list(of: .choice(of: StudentModel.allCases.map(\.rawValue))), "Models of the rows.",
        presence: .required),
      Option("seeds", .list(of: .integer(in: 0...Int(Int32.max))), "Seeds of each cell.", presence: .required),
      Option(
        "teacher-seed", .integer(in: 0...Int(Int32.max)), "Seed of the teachers in table 2.", presence: .defaultsTo("1")
      ),
      Option("output", .path, "Where to write, without extension.", placeholder: "PREFIX", presence: .required),
    ],
    examples: [
      "report --table table1 --root artifacts/sample --profile sample \\\n"
        + "    --datasets \"breastmnist oasis\" --resolutions \"28 224\" --models \"vit qvit\" \\\n"
        + "    --seeds \"1 2\" --output artifacts/sample/tables/table1"
    ])

  /// Reports.
  public static func run(_ arguments: ParsedArguments) throws {
    let output = arguments.string("output")
    let targets = ["md", "csv", "tex"].map { "\(output).\($0)" }
    for target in targets { try requireWritable(target) }
    let models = arguments.strings("models")
    let resolutions = arguments.strings("resolutions").compactMap(Int.init)
    let layout: TableLayout =
      arguments.string("table") == "table2"
      ? .table2(models: models, resolutions: resolutions) : .table1(models: models, resolutions: resolutions)
    let run = ReportRun(
      profile: arguments.string("profile"), softwareVersion: Software.version,
      seeds: arguments.integers("seeds").map { UInt64($0) }, root: arguments.string("root"))
    let datasets = arguments.strings("datasets")
    var cells: [EvaluatedCell] = []
    for row in layout.rows {
      for dataset in datasets {
        for seed in row.isReference ? [UInt64(arguments.integer("teacher-seed"))] : run.seeds {
          let path = "\(run.root)/evaluations/\(row.model)-\(row.regime)/\(dataset)-\(row.resolution)-s\(seed).h5"
          if access(path, F_OK) == 0 { cells.append(try EvaluatedCell(path: path)) }
        }
      }
    }
    let table = try ResultTable(layout: layout, datasets: datasets, run: run, cells: cells)
    for (target, text) in zip(targets, [table.markdown(), table.csv(), table.latex()]) {
      try writeFile(text, to: target)
    }
    try writeToStandardOutput(table.terminal(styled: isatty(STDOUT_FILENO) == 1))
  }
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
      source: header.isOfficial ? .official : header.isGenerated ? .generated : .unofficial,
      hasLeakingSplit: header.isLeaking, isComparable: header.isComparable, remarks: model.remarks + test.remarks,
      settingsDigest: SHA256.hexDigest(of: Array(header.configuration.utf8)), profile: header.profile,
      resultsVersion: header.resultsVersion, formatVersion: Software.formatVersion, path: path)
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
