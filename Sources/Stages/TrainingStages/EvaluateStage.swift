import Digests
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

/// `evaluate`: a dataset and a model made from it, or scores that were computed elsewhere, become scores and metrics of its
/// validation and test split.
public enum EvaluateStage {
  /// The options.
  public static let command = Command(
    name: "evaluate",
    summary: "Measure a student, a teacher, a floor or scores from elsewhere on the splits of a dataset.",
    discussion: """
      AUC and ACC are those of MedMNIST's Evaluator. Bootstrap intervals have a fixed seed. A measure that is not \
      defined, because a class is missing from a split, is NaN with its reason.

      --floor fits what any model has to beat, and measures it: the shares of the classes, or logistic regression on the pixels \
      with a squared penalty, the best on the validation split of those in its settings file.

      --scores takes a file of predictions in MedMNIST's format, a line for each image: its number, then a score for each \
      class. If its name carries dataset, split, AUC and ACC, as MedMNIST's own files do, they must be those found.

      --unseen measures a model on a dataset that it was not made from: same classes, resolution and channels. In tables of \
      that dataset it stands as scores from elsewhere do, under --name, never as a model of that dataset. For folders, also \
      of one class or without labels, there is `predict`.
      """,
    options: [
      Option("data", .path, "Dataset artifact.", presence: .required),
      Option(
        "model", .path, "Student or teacher artifact made from that dataset.",
        presence: .requiredWithout(["scores", "floor"])),
      Option("unseen", .flag, "model: it was made from another dataset of the same classes."),
      Option(
        "split", .choice(of: Split.self), "unseen: measure only this split; by default all three."),
      Option(
        "trained-on", .path,
        "unseen: dataset artifact the model was made from; by default it is looked for beside the model, in ../../data."
      ),
      Option("floor", .path, "Settings file of a floor (JSON); its name is the variant's."),
      Option("scores", .path, "Predictions of another classifier for the images of one split (.csv)."),
      Option(
        "name", .string,
        "scores, unseen: what the classifier is called in file names; by default what stands behind '@', or "
          + "VARIANT-DATASET of the model."),
      Option("source", .string, "scores: where they come from; by default the name of the file."),
      Option("parameters", .integer(in: 1...1_000_000_000_000), "scores: the classifier's number of parameters."),
      Option(
        "csv", .path, "Also write the scores of each split to this directory as MedMNIST's CSV files.",
        placeholder: "DIR"),
      .threads,
      .quiet,
      Option("output", .path, "Evaluation artifact to write.", presence: .required),
    ],
    examples: [
      "evaluate --data data/breastmnist-28.h5 --model student.h5 --output evaluation.h5",
      "evaluate --data data/hospital-28.h5 --unseen --split test \\\n"
        + "    --model students/qvit-kd/breastmnist-28-s1.h5 --output unseen.h5",
      "evaluate --data data/breastmnist-224.h5 \\\n"
        + "    --scores 'breastmnist_test_[AUC]0.913_[ACC]0.846@resnet18_224_1.csv' \\\n"
        + "    --name resnet18 --source 'MedMNIST v2, ResNet-18 at 224 pixels' \\\n"
        + "    --output evaluations/resnet18-external/breastmnist-224-s0.h5",
    ])

  /// Evaluates.
  public static func run(_ arguments: ParsedArguments) throws {
    for option in ["source", "parameters"] where arguments.has(option) && !arguments.has("scores") {
      throw UsageError("'--\(option)' goes with --scores only")
    }
    for option in ["split", "trained-on"] where arguments.has(option) && !arguments.flag("unseen") {
      throw UsageError("'--\(option)' goes with --unseen only")
    }
    guard !arguments.has("name") || arguments.has("scores") || arguments.flag("unseen") else {
      throw UsageError("'--name' goes with --scores and --unseen only")
    }
    guard !arguments.flag("unseen") || arguments.has("model") else { throw UsageError("--unseen needs --model FILE") }
    for (first, second) in [("model", "scores"), ("model", "floor"), ("scores", "floor")]
    where arguments.has(first) && arguments.has(second) {
      throw UsageError("--\(first) and --\(second) do not go together")
    }
    let target = try arguments.claimOutput()
    let dataset = try DatasetArtifact(path: arguments.string("data"))
    let evaluation =
      if let scores = arguments.optionalString("scores") {
        try evaluation(ofScores: scores, dataset, arguments)
      } else if let floor = arguments.optionalString("floor") {
        try FloorEvaluation(settings: floor, dataset, WorkerPool(threads: arguments.threadCount)).evaluation()
      } else {
        try evaluation(of: arguments.string("model"), dataset, arguments)
      }
    for result in evaluation.splits where !result.undefinedAUC.isEmpty {
      let reasons = result.undefinedAUC.map(\.description).joined(separator: ", ")
      writeToStandardError("evaluate: warning: \(dataset.path): AUC on \(result.split.rawValue) is NaN: \(reasons)\n")
    }
    if let directory = arguments.optionalString("csv"), let model = evaluation.header.model {
      // MedMNIST cuts names of files at full stops.
      let variant = model.variant.map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "-" }
      let run = "\(String(variant))-\(model.regime.rawValue)-s\(evaluation.header.seed)"
      try makeDirectory(directory)
      for result in evaluation.splits {
        let predictions = MedMNISTPredictions(
          result, flag: evaluation.header.dataset, resolution: evaluation.header.resolution, run: run)
        let path = "\(directory)/\(predictions.fileName)"
        try arguments.requireApart(outputs: [("csv", path)])
        try writeFile(predictions.text, to: path)
      }
    }
    try evaluation.write(to: target)
  }

  private static func evaluation(
    of path: String, _ dataset: DatasetArtifact, _ arguments: ParsedArguments
  ) throws -> EvaluationArtifact {
    let unseen =
      arguments.flag("unseen") ? try UnseenData(model: path, trainedOn: arguments.optionalString("trained-on")) : nil
    try unseen?.requireLikeness(to: dataset)
    let model = try EvaluatedModel(arguments, dataset)
    var header = model.header
    header.kind = .evaluation
    header.title = "evaluation of " + model.header.title
    header.inputs = [dataset.asInput, model.asInput]
    var measured = [Split.val, .test]
    if let unseen {
      header = try unseen.header(of: model, on: dataset, name: arguments.optionalString("name"))
      measured = arguments.optionalChoice("split", as: Split.self).map { [$0] } ?? Split.allCases
      for split in measured { try dataset.requireImages(split) }
    }
    let splits = try measured.map { split in
      let logits = try model.logits(split)
      do {
        return try dataset.evaluation(of: split, logits: logits)
      } catch let error as EvaluationError {
        throw ArtifactError.invalidValue(
          path: path, object: "/parameters", expected: "a model of \(dataset.path)",
          found: "on \(split.rawValue), \(error)")
      }
    }
    return EvaluationArtifact(
      header: header, classNames: dataset.contents.classNames, parameterCount: model.parameterCount,
      history: unseen == nil ? model.history : [], selectedEpoch: unseen == nil ? model.selectedEpoch : 0,
      splits: splits)
  }

  private static func evaluation(
    ofScores path: String, _ dataset: DatasetArtifact, _ arguments: ParsedArguments
  ) throws -> EvaluationArtifact {
    let bytes = try contents(ofFile: path, limit: 1 << 30)
    let named = MedMNISTPredictions.Name(fileName(of: path))
    let split = named?.split ?? .test
    // What is nearly such a name would be taken for a file of the test split, and compared with nothing.
    if named == nil, fileName(of: path).contains("_[AUC]") {
      throw ArtifactError.invalidValue(
        path: path, object: "its name", expected: "DATASET_SPLIT_[AUC]0.000_[ACC]0.000@RUN.csv",
        found: fileName(of: path))
    }
    if let named, !named.isOf(dataset.header.dataset) {
      throw ArtifactError.invalidValue(
        path: path, object: "its name", expected: "scores of \(dataset.header.dataset)", found: "of \(named.dataset)")
    }
    let name = arguments.optionalString("name") ?? named?.run ?? fileName(of: path, without: ".csv")
    try requireVariantName(name)
    let result: SplitEvaluation
    do {
      result = try dataset.evaluation(
        of: split,
        scores: MedMNISTPredictions.scores(
          in: bytes, count: dataset.count(of: split), classes: dataset.contents.classNames.count))
    } catch let error as EvaluationError {
      throw ArtifactError.invalidValue(
        path: path, object: "scores", expected: "those of \(dataset.path)", found: error.description)
    }
    for metric in Metric.allCases {
      guard let printed = named?.values[metric], threeDecimals(result[metric]) != printed else { continue }
      throw ArtifactError.invalidValue(
        path: path, object: metric.title, expected: "\(printed), as its name says",
        found: "\(threeDecimals(result[metric])): other images, or in another order")
    }
    let source = arguments.optionalString("source") ?? fileName(of: path)
    let header = try dataset.evaluationHeader(
      of: ArtifactModel(variant: name, regime: .external, kind: nil),
      title: "\(name) on \(dataset.header.dataset), scores from \(source)",
      configuration: .object(["source": .string(source)]),
      inputs: [ArtifactInput(role: .scores, fileName: fileName(of: path), contentSHA256: SHA256.hexDigest(of: bytes))])
    return EvaluationArtifact(
      header: header, classNames: dataset.contents.classNames,
      parameterCount: arguments.optionalInteger("parameters") ?? 0, history: [], selectedEpoch: 0, splits: [result])
  }
}

/// - Throws: `UsageError` for what cannot be a part of a file's name.
private func requireVariantName(_ name: String) throws(UsageError) {
  guard ArtifactModel.isVariantName(name) else {
    throw UsageError("--name: expected letters, digits, '-' and '_', found '\(name)'")
  }
}

/// A model beside data that it was not made from.
private struct UnseenData {
  private let path: String
  private let classes: TrainedClasses

  init(model: String, trainedOn: String?) throws {
    path = model
    classes = try TrainedClasses(of: model, data: trainedOn)
  }

  /// - Throws: `ArtifactError` unless the images look and are classified as those the model was made from.
  func requireLikeness(to dataset: DatasetArtifact) throws {
    let header = try readHeader(path).header
    func require(_ object: String, _ expected: String, _ found: String) throws {
      guard expected == found else {
        throw ArtifactError.invalidValue(
          path: dataset.path, object: object, expected: "\(expected), as \(path) was made from", found: found)
      }
    }
    try require("/resolution", "\(header.resolution)", "\(dataset.header.resolution)")
    try require("/train/images", "\(classes.channels) channels", "\(dataset.contents.channels) channels")
    guard let names = classes.knownNames else {
      throw ArtifactError.invalidValue(
        path: path, object: "/dataset",
        expected: "its dataset artifact beside it or as --trained-on, which names the classes",
        found: "none")
    }
    try require("/class_names", names.joined(separator: ", "), dataset.contents.classNames.joined(separator: ", "))
    guard header.inputs.first(where: { $0.role == .dataset })?.contentSHA256 != dataset.contentSHA256 else {
      throw UsageError("--unseen: \(path) was made from \(dataset.path)")
    }
  }

  /// The header of the evaluation: scores from elsewhere, as far as tables of this dataset are concerned.
  func header(of model: EvaluatedModel, on dataset: DatasetArtifact, name: String?) throws -> ArtifactHeader {
    let own = model.header
    let name = name ?? "\(own.model?.variant ?? "teacher")-\(own.dataset)"
    try requireVariantName(name)
    return try dataset.evaluationHeader(
      of: ArtifactModel(variant: name, regime: .external, kind: nil),
      title: "\(name) on \(dataset.header.dataset), which it was not made from",
      configuration: .object([
        "source": .string("\(own.title), seed \(own.seed), content \(model.asInput.contentSHA256.prefix(12))…")
      ]), inputs: [model.asInput])
  }
}

/// A student or a teacher, ready to be evaluated.
private struct EvaluatedModel {
  let header: ArtifactHeader
  let asInput: ArtifactInput
  let parameterCount: Int
  let history: [EpochRecord]
  let selectedEpoch: Int
  /// The logits `[N, K]` of a split.
  let logits: (Split) throws -> [Float]

  /// Reads the artifact named by `--model`.
  /// - Throws: `ArtifactError` if it is neither, or was made from other data and `--unseen` does not say so.
  init(_ arguments: ParsedArguments, _ dataset: DatasetArtifact) throws {
    let path = arguments.string("model")
    let pool = WorkerPool(threads: arguments.threadCount)
    let unseen = arguments.flag("unseen")
    switch try readHeader(path).header.kind {
    case .teacher: try self.init(teacher: path, dataset, unseen: unseen, pool, style: arguments.progressStyle)
    case .student: try self.init(student: path, dataset, unseen: unseen, pool)
    case let kind:
      throw ArtifactError.wrongKind(path: path, expected: "student or teacher", found: kind.rawValue)
    }
  }

  private init(student path: String, _ dataset: DatasetArtifact, unseen: Bool, _ pool: WorkerPool) throws {
    let (stored, digest) = try StudentArtifact.read(path: path)
    if !unseen { try dataset.requireSource(of: stored.header, path) }
    let student = try StudentSettings(recordedIn: stored.header, path: path).student(for: dataset, pool: pool)
    let parameters = try student.layout.flat(stored.parameters, path: path)
    header = stored.header
    asInput = ArtifactInput(role: .model, fileName: fileName(of: path), contentSHA256: digest)
    parameterCount = student.layout.trainedCount
    history = stored.history
    selectedEpoch = stored.selectedEpoch
    logits = { split in
      try student.outputs(parameters: parameters, of: dataset.studentData(split, student, pool)).logits
    }
  }

  private init(
    teacher path: String, _ dataset: DatasetArtifact, unseen: Bool, _ pool: WorkerPool, style: ProgressReporter.Style
  ) throws {
    let (stored, digest) = try TeacherArtifact.read(path: path)
    if !unseen { try dataset.requireSource(of: stored.header, path) }
    let settings = try TeacherSettings(recordedIn: stored.header, path: path)
    let model = try stored.model(path: path)
    let images = dataset.contents.channels
    header = stored.header
    asInput = ArtifactInput(role: .model, fileName: fileName(of: path), contentSHA256: digest)
    parameterCount = model.parameterCount
    history = stored.history
    selectedEpoch = stored.selectedEpoch
    logits = { split in
      let progress = ProgressReporter(
        "evaluate \(stored.header.title), \(split.rawValue)", total: dataset.count(of: split), style: style)
      defer { progress.finish() }
      let inference = TinyViTInference(
        model, normalisation: settings.normalisation, precision: settings.precision, pool: pool)
      return try inference.outputs(
        of: dataset.teacherSplit(split, side: inference.imageSide), channels: images, evaluated: progress.advance
      ).flatMap(\.logits)
    }
  }
}
