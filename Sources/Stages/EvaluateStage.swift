import Artifacts
public import CommandLineKit
import Datasets
import Files
import Glibc
import Metrics
import Numerics
import Settings
import Students
import Training

/// `evaluate`: a dataset and a model trained on it become scores and metrics of its validation and test split.
public enum EvaluateStage {
  /// The options.
  public static let command = Command(
    name: "evaluate",
    summary: "Measure a model on the validation and test splits of its dataset.",
    discussion: """
      AUC and ACC are those of MedMNIST's Evaluator. Bootstrap intervals have a fixed seed. A measure that is not \
      defined, because a class is missing from a split, is NaN with its reason.
      """,
    options: [
      Option("data", .path, "Dataset artifact.", presence: .required),
      Option("model", .path, "Student artifact trained on that dataset.", presence: .required),
      Option(
        "csv", .path, "Also write the scores of each split to this directory as MedMNIST's CSV files.",
        placeholder: "DIR"),
      .threads,
      Option("output", .path, "Evaluation artifact to write.", presence: .required),
    ],
    examples: ["evaluate --data data/breastmnist-28.h5 --model student.h5 --output evaluation.h5"])

  /// Evaluates.
  public static func run(_ arguments: ParsedArguments) throws {
    let output = arguments.string("output")
    try requireWritable(output)
    let modelPath = arguments.string("model")
    let (stored, digest) = try StudentArtifact.read(path: modelPath)
    let dataset = try DatasetArtifact(path: arguments.string("data"))
    try requireTrained(stored, modelPath, on: dataset)

    let pool = WorkerPool(threads: arguments.threadCount)
    let settings = try StudentSettings(recordedIn: stored.header, path: modelPath)
    let student = try settings.student(for: dataset, pool: pool)
    let parameters = try student.layout.flat(stored.parameters, path: modelPath)
    let task = try dataset.task()

    var header = stored.header
    header.kind = .evaluation
    header.title = "evaluation of " + stored.header.title
    header.isOfficial = dataset.header.isOfficial
    header.isComparable = dataset.header.isComparable
    header.isGenerated = dataset.header.isGenerated
    header.isLeaking = dataset.header.isLeaking
    header.inputs = [
      dataset.asInput, ArtifactInput(role: "model", fileName: fileName(of: modelPath), contentSHA256: digest),
    ]
    var splits: [SplitEvaluation] = []
    for split in [Split.val, .test] {
      let data = try dataset.studentData(split, student, pool)
      let logits = student.outputs(parameters: parameters, images: (0..<data.count).map(data.image)).logits
      let result = try Metrics.evaluate(
        logits: logits, labels: data.labels, classCount: dataset.contents.classNames.count, task: task)
      for undefined in result.auc.undefined {
        writeToStandardError("evaluate: warning: \(dataset.path): AUC on \(split.rawValue) is NaN: \(undefined)\n")
      }
      splits.append(SplitEvaluation(result, logits: logits, split: split))
      if let directory = arguments.optionalString("csv") {
        let run = "\(stored.header.model ?? "model")-\(stored.header.regime ?? "run")-s\(stored.header.seed)"
        try write(
          MedMNISTPredictions(
            result, flag: dataset.header.dataset, resolution: dataset.header.resolution, split: split.rawValue, run: run
          ),
          to: directory)
      }
    }
    try EvaluationArtifact(
      header: header, classNames: dataset.contents.classNames, parameterCount: stored.parameterCount,
      selectedEpoch: stored.selectedEpoch, splits: splits
    ).write(to: output)
  }

  /// - Throws: `ArtifactError` if the model was trained on other data.
  private static func requireTrained(
    _ student: StudentArtifact, _ path: String, on dataset: DatasetArtifact
  ) throws {
    let wanted = dataset.asInput
    let found = student.header.inputs.first { $0.role == wanted.role }
    guard student.header.dataset == dataset.header.dataset, student.header.resolution == dataset.header.resolution
    else {
      throw ArtifactError.invalidValue(
        path: path, object: "/dataset", expected: "\(dataset.header.dataset) at \(dataset.header.resolution) pixels",
        found: "\(student.header.dataset) at \(student.header.resolution) pixels")
    }
    guard found?.contentSHA256 == wanted.contentSHA256 else {
      throw ArtifactError.invalidValue(
        path: path, object: "/inputs",
        expected: "trained on \(dataset.path) (content \(wanted.contentSHA256.prefix(12))…)",
        found: "trained on other data (content \((found?.contentSHA256 ?? "unknown").prefix(12))…)")
    }
  }

  private static func write(_ predictions: MedMNISTPredictions, to directory: String) throws {
    if mkdir(directory, 0o777) != 0, errno != EEXIST {
      throw FileError(.create, path: directory, errorNumber: errno)
    }
    try writeFile(predictions.text, to: "\(directory)/\(predictions.fileName)")
  }
}

extension StudentSettings {
  /// The settings a student artifact has recorded.
  /// - Throws: `SettingsError`, `ArtifactError`.
  init(recordedIn header: ArtifactHeader, path: String) throws {
    guard let model = header.model.flatMap(StudentModel.init) else {
      throw ArtifactError.invalidValue(
        path: path, object: "/model", expected: StudentModel.allCases.map(\.rawValue).joined(separator: " or "),
        found: header.model ?? "nothing")
    }
    try self.init(JSONValue(parsing: Array(header.configuration.utf8), path: path), path: path, model: model)
  }
}

extension SplitEvaluation {
  /// What is stored of a split's measures.
  init(_ result: EvaluationResult, logits: [Float], split: Split) {
    let reasons = Dictionary(
      result.auc.undefined.map { ($0.classIndex, $0.description) }, uniquingKeysWith: { first, _ in first })
    let intervals = result.intervals
    self.init(
      split: split, scores: result.scores, logits: logits, labels: result.labels.map { UInt8($0) },
      predicted: result.predictions.map { UInt8($0) }, auc: result.auc.value,
      aucReason: result.auc.undefined.map(\.description).joined(separator: "; "), accuracy: result.accuracy,
      majorityBaseline: result.majorityBaseline, confusion: result.confusion.counts,
      classes: ClassMetrics(
        auc: result.classes.map(\.auc), aucReason: result.classes.indices.map { reasons[$0] ?? "" },
        recall: result.classes.map(\.recall), precision: result.classes.map(\.precision), f1: result.classes.map(\.f1),
        support: result.classes.map(\.support)),
      bootstrap: Artifacts.BootstrapIntervals(
        level: 0.95, replicates: intervals.settings.replicates, seed: intervals.settings.seed,
        aucLow: intervals.auc?.low ?? .nan, aucHigh: intervals.auc?.high ?? .nan,
        accuracyLow: intervals.accuracy.low, accuracyHigh: intervals.accuracy.high))
  }
}
