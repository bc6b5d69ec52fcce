import Learners
import Configuration
import Architectures
import StageSupport
import Threads
import Artifacts
public import CommandLineKit
import Datasets
import Files
import Glibc
import Metrics
import VectorMath
import JSON
import VisionTransformers
import TinyViT
import Training

/// `evaluate`: a dataset and a model made from it become scores and metrics of its validation and test split.
public enum EvaluateStage {
  /// The options.
  public static let command = Command(
    name: "evaluate",
    summary: "Measure a student or a teacher on the validation and test splits of its dataset.",
    discussion: """
      AUC and ACC are those of MedMNIST's Evaluator. Bootstrap intervals have a fixed seed. A measure that is not \
      defined, because a class is missing from a split, is NaN with its reason.
      """,
    options: [
      Option("data", .path, "Dataset artifact.", presence: .required),
      Option("model", .path, "Student or teacher artifact made from that dataset.", presence: .required),
      Option(
        "csv", .path, "Also write the scores of each split to this directory as MedMNIST's CSV files.",
        placeholder: "DIR"),
      .threads,
      .quiet,
      Option("output", .path, "Evaluation artifact to write.", presence: .required),
    ],
    examples: ["evaluate --data data/breastmnist-28.h5 --model student.h5 --output evaluation.h5"])

  /// Evaluates.
  public static func run(_ arguments: ParsedArguments) throws {
    // Held to the end: of two runs with one target the second stops here, not after its work.
    let target = try PendingFile(path: arguments.string("output"))
    let dataset = try DatasetArtifact(path: arguments.string("data"))
    let model = try EvaluatedModel(arguments, dataset)
    let task = try dataset.task()

    var header = model.header
    header.kind = .evaluation
    header.title = "evaluation of " + model.header.title
    header.isOfficial = dataset.header.isOfficial
    header.isComparable = dataset.header.isComparable
    header.isGenerated = dataset.header.isGenerated
    header.isLeaking = dataset.header.isLeaking
    header.inputs = [dataset.asInput, model.asInput]
    var splits: [SplitEvaluation] = []
    for split in [Split.val, .test] {
      let logits = try model.logits(split)
      let result: EvaluationResult
      do {
        result = try Metrics.evaluate(
          logits: logits, labels: dataset.labels(split).map(Int.init), classCount: dataset.contents.classNames.count,
          task: task)
      } catch let error as EvaluationError {
        throw ArtifactError.invalidValue(
          path: arguments.string("model"), object: "/parameters", expected: "a model of \(dataset.path)",
          found: "on \(split.rawValue), \(error)")
      }
      if !result.auc.undefined.isEmpty {
        let reasons = result.auc.undefined.map(\.description).joined(separator: ", ")
        writeToStandardError("evaluate: warning: \(dataset.path): AUC on \(split.rawValue) is NaN: \(reasons)\n")
      }
      var evaluation = SplitEvaluation(result, logits: logits, split: split)
      evaluation.duplicatesOfTrain = try dataset.statistics(split).duplicateImages[.train, default: 0]
      splits.append(evaluation)
      if let directory = arguments.optionalString("csv") {
        let run = "\(header.model ?? "model")-\(header.regime ?? "run")-s\(header.seed)"
        try write(
          MedMNISTPredictions(
            result, flag: header.dataset, resolution: header.resolution, split: split.rawValue, run: run),
          to: directory)
      }
    }
    try EvaluationArtifact(
      header: header, classNames: dataset.contents.classNames, parameterCount: model.parameterCount,
      selectedEpoch: model.selectedEpoch, splits: splits
    ).write(to: target)
  }

  private static func write(_ predictions: MedMNISTPredictions, to directory: String) throws {
    if mkdir(directory, 0o777) != 0, errno != EEXIST {
      throw FileError(.create, path: directory, errorNumber: errno)
    }
    try writeFile(predictions.text, to: "\(directory)/\(predictions.fileName)")
  }
}

/// A student or a teacher, ready to be evaluated on the dataset it was made from.
private struct EvaluatedModel {
  let header: ArtifactHeader
  let asInput: ArtifactInput
  let parameterCount: Int
  let selectedEpoch: Int
  /// The logits `[N, K]` of a split.
  let logits: (Split) throws -> [Float]

  /// Reads the artifact named by `--model`.
  /// - Throws: `ArtifactError` if it was made from other data, or is neither.
  init(_ arguments: ParsedArguments, _ dataset: DatasetArtifact) throws {
    let path = arguments.string("model")
    let pool = WorkerPool(threads: arguments.threadCount)
    if try readHeader(path).header.kind == .teacher {
      try self.init(teacher: path, dataset, pool, style: arguments.progressStyle)
    } else {
      try self.init(student: path, dataset, pool)
    }
  }

  private init(student path: String, _ dataset: DatasetArtifact, _ pool: WorkerPool) throws {
    let (stored, digest) = try StudentArtifact.read(path: path)
    try dataset.requireSource(of: stored.header, path)
    let student = try StudentSettings(recordedIn: stored.header, path: path).student(for: dataset, pool: pool)
    let parameters = try student.layout.flat(stored.parameters, path: path)
    header = stored.header
    asInput = ArtifactInput(role: "model", fileName: fileName(of: path), contentSHA256: digest)
    parameterCount = stored.parameterCount
    selectedEpoch = stored.selectedEpoch
    logits = { split in
      try student.outputs(parameters: parameters, of: dataset.studentData(split, student, pool)).logits
    }
  }

  private init(
    teacher path: String, _ dataset: DatasetArtifact, _ pool: WorkerPool, style: ProgressReporter.Style
  ) throws {
    let (stored, digest) = try TeacherArtifact.read(path: path)
    try dataset.requireSource(of: stored.header, path)
    let settings = try TeacherSettings(recordedIn: stored.header, path: path)
    let model = TinyViTModel(.fiveMillion(penultimate: stored.width, classes: stored.classes), seed: 0)
    model.parameterValues = try TinyViTModel.flat(stored.parameters, model.parameterPlaces, path: path)
    model.statisticValues = try TinyViTModel.flat(stored.statistics, model.statisticPlaces, path: path)
    let images = dataset.contents.channels
    header = stored.header
    asInput = ArtifactInput(role: "model", fileName: fileName(of: path), contentSHA256: digest)
    parameterCount = model.parameterCount
    selectedEpoch = stored.selectedEpoch
    logits = { split in
      let progress = ProgressReporter(
        "evaluate \(stored.header.title), \(split.rawValue)", total: dataset.count(of: split), style: style)
      defer { progress.finish() }
      let inference = TinyViTInference(model, normalisation: settings.normalisation, pool: pool)
      return try inference.outputs(
        of: dataset.teacherSplit(split), channels: images, evaluated: progress.advance
      ).flatMap(\.logits)
    }
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
