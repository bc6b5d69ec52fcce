import Architectures
import Learners
import Configuration
import StageSupport
import Threads
import Artifacts
public import CommandLineKit
import Datasets
import Failures
import Files
import VectorMath
import JSON
import TinyViT
import Training

/// `finetune-teacher`: TinyViT-5M is fine-tuned on a dataset, and what students learn from it is stored.
public enum FinetuneTeacherStage {
  /// The options.
  public static let command = Command(
    name: "finetune-teacher",
    summary: "Fine-tune TinyViT-5M on a dataset and store its penultimate vectors.",
    discussion: """
      Weights are read from a safetensors file with timm's or the official names; only the head may differ. With \
      --epochs 0 nothing is trained: a teacher fine-tuned elsewhere gives its targets. Interrupted, it saves its state \
      as NAME.ckpt.h5 and exits with 75; the same command resumes.
      """,
    options: [
      Option("data", .path, "Dataset artifact; smaller images than 224 pixels are enlarged.", presence: .required),
      Option("config", .path, "Settings file (JSON).", presence: .required),
      Option("weights", .path, "Weights to begin with (.safetensors)."),
      Option("seed", .integer(in: 0...Int(Int32.max)), "Seed of the head and the order.", presence: .required),
      Option("epochs", .integer(in: 0...1_000_000), "Number of epochs instead of the settings file's."),
      Option("export", .path, "Also write the fine-tuned weights to this safetensors file, with timm's names."),
      .threads,
      .checkpointInterval,
      .quiet,
      Option("output", .path, "Teacher artifact to write.", presence: .required),
    ],
    examples: [
      "finetune-teacher --data data/breastmnist-224.h5 \\\n"
        + "    --config pipeline/config/teacher.json \\\n"
        + "    --weights data/raw/\(pretrainedFile) \\\n"
        + "    --seed 1 --output teachers/breastmnist-q4.h5"
    ])

  /// The name under which pretrained weights are expected.
  static let pretrainedFile = "tiny_vit_5m_224.dist_in22k_ft_in1k.safetensors"

  /// Fine-tunes.
  public static func run(_ arguments: ParsedArguments) throws {
    let output = arguments.string("output")
    let settings = try TeacherSettings(
      path: arguments.string("config"), epochs: arguments.optionalInteger("epochs"))
    let target = try arguments.claimOutput(besides: ["export"])
    let export = arguments.optionalString("export")
    if let export { try requireWritable(export) }
    let dataset = try DatasetArtifact(path: arguments.string("data"))
    if settings.training.epochs > 0 { try dataset.requireValidation(for: settings.training.selection) }
    let seed = UInt64(arguments.integer("seed"))
    let pool = WorkerPool(threads: arguments.threadCount)
    let model = TinyViTModel(
      .fiveMillion(penultimate: settings.qubits, classes: dataset.contents.classNames.count), seed: seed)
    let weights = try loadWeights(arguments, settings, into: model)
    let descent = Descent(
      Generation(images: try dataset.asDescent(), start: weights?.start ?? .random),
      ancestors: weights?.ancestors ?? [])

    let configuration = settings.recorded(start: weights == nil ? .random : .asGiven)
    var header = ArtifactHeader(
      kind: .teacher, of: dataset.header, title: "TinyViT on \(dataset.header.dataset), seed \(seed)", seed: seed,
      configuration: configuration.canonicalText, inputs: [dataset.asInput] + (weights.map { [$0.asInput] } ?? []),
      model: .teacher(width: settings.qubits), descent: descent)
    if descent.ancestors.contains(where: { $0.generation.images.origin == .unofficial }) {
      header.isOfficial = false
      header.isComparable = false
    }
    let learner = try settings.learner(model, dataset, pool: pool)
    let trainer = Trainer(learner, settings: settings.training, seed: seed)
    let beginning = TrainingState(
      parameters: model.parameterValues, statistics: model.statisticValues, settings: settings.training.adam)
    let run = TrainingRun(
      tool: command.name, trainer: trainer, output: output, header: header,
      checkpointInterval: arguments.checkpointInterval, savesEnd: true, style: arguments.progressStyle)
    let (selected, records) = try run.complete(from: beginning)

    // The training is saved; targets that a signal cuts short are computed again.
    Interruption.allow()
    let targets = try targets(learner, selected, dataset, style: arguments.progressStyle)
    Interruption.postpone()
    let components = PenultimateComponents(of: targets[.train]?.penultimate ?? [], width: settings.qubits)
    header.descent?.own.components = components
    if let export { try model.save(weights: export, metadata: ExportedTeacher(header).metadata) }
    try TeacherArtifact(
      header: header, width: settings.qubits, classes: dataset.contents.classNames.count,
      parameters: TinyViTModel.named(selected.parameters, model.parameterPlaces),
      statistics: TinyViTModel.named(selected.statistics, model.statisticPlaces), classifier: model.classifier,
      targets: targets, history: records, selectedEpoch: selected.epoch + 1
    ).write(to: target)
    run.cleanUp()
    warnOfDeadComponents(components, of: command.name, output)
  }

  /// Reads the weights to begin with.
  /// - Returns: what they are; nil if the teacher begins with random weights.
  private static func loadWeights(
    _ arguments: ParsedArguments, _ settings: TeacherSettings, into model: TinyViTModel
  ) throws -> WeightsFile? {
    guard let path = arguments.optionalString("weights") else {
      guard settings.start == .random else { throw MissingWeights(config: arguments.string("config")) }
      return nil
    }
    let report = try model.load(weights: path)
    if !report.missing.isEmpty || !report.mismatched.isEmpty {
      let kept = (report.missing + report.mismatched).joined(separator: ", ")
      guard settings.training.epochs > 0 else { throw HeadDoesNotFit(path: path, tensors: kept) }
      writeToStandardError("finetune-teacher: warning: \(path): random weights are kept for \(kept)\n")
    }
    let file = try WeightsFile(path: path)
    if settings.start == .pretrained, file.isKnownAsRandom {
      writeToStandardError(
        "finetune-teacher: warning: \(path): weights.start is 'pretrained', but this was exported from a teacher that "
          + "began with random weights; recorded as that\n")
    }
    return file
  }

  /// What the selected teacher says about every training and validation image.
  /// - Throws: `TrainingError` if that is not finite.
  private static func targets(
    _ learner: TinyViTLearner, _ selected: Selected, _ dataset: DatasetArtifact, style: ProgressReporter.Style
  ) throws -> [Split: TeacherArtifact.Targets] {
    let progress = ProgressReporter(
      "finetune-teacher targets", total: TeacherArtifact.targetSplits.reduce(0) { $0 + dataset.count(of: $1) },
      style: style)
    var targets: [Split: TeacherArtifact.Targets] = [:]
    for split in TeacherArtifact.targetSplits {
      let outputs = try learner.outputs(
        of: dataset.teacherSplit(split), parameters: selected.parameters, statistics: selected.statistics
      ) { progress.advance(by: $0) }
      let found = TeacherArtifact.Targets(
        labels: try dataset.labels(split), penultimate: outputs.flatMap(\.penultimate),
        logits: outputs.flatMap(\.logits))
      guard found.penultimate.allSatisfy(\.isFinite), found.logits.allSatisfy(\.isFinite) else {
        throw TrainingError.notFinite(what: "the teacher's outputs for the images of \(split.rawValue)")
      }
      targets[split] = found
    }
    progress.finish()
    return targets
  }
}

/// Weights that are to be taken as they are, with another head than this teacher's.
struct HeadDoesNotFit: Failure {
  /// The weights.
  var path: String
  /// The tensors that lack or have another shape.
  var tensors: String

  var kind: FailureKind { .badData }

  var description: String {
    "\(path): with 0 epochs nothing is trained, so all of it must fit this dataset and width; random weights would be kept "
      + "for \(tensors)"
  }
}

/// The pretrained weights are not there.
struct MissingWeights: Failure {
  /// The settings file that asks for them.
  var config: String

  var kind: FailureKind { .missingInput }

  var description: String {
    """
    \(config): weights.start is 'pretrained', but --weights is not given: get model.safetensors of timm's \
    tiny_vit_5m_224.dist_in22k_ft_in1k (Apache-2.0; hub timm/tiny_vit_5m_224.dist_in22k_ft_in1k), put it at \
    data/raw/\(FinetuneTeacherStage.pretrainedFile) and name it with --weights, or set weights.start to 'random'
    """
  }
}
