import Architectures
import Learners
import Configuration
import StageSupport
import Threads
import Artifacts
public import CommandLineKit
import Datasets
import Digests
import Failures
import Files
import VectorMath
import JSON
import TinyViT
import Training

/// `finetune-teacher`: a TinyViT is fine-tuned on a dataset, and what students learn from it is stored.
public enum FinetuneTeacherStage {
  /// The options.
  public static let command = Command(
    name: "finetune-teacher",
    summary: "Fine-tune a TinyViT on a dataset and store its penultimate vectors.",
    discussion: """
      Weights are read from a safetensors file with timm's or the official names; only the head may differ. With \
      --epochs 0 nothing is trained: a teacher fine-tuned elsewhere gives its targets; what pipeline/finetune_timm.py has \
      made is known for what it is. Interrupted, it saves its state \
      as NAME.ckpt.h5 and exits with 75; the same command resumes.
      """,
    options: [
      Option("data", .path, "Dataset artifact; its images are resized to what the teacher sees.", presence: .required),
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
        + "    --seed 1 --output teachers/breastmnist-q4-s1.h5"
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
    let seed = UInt64(arguments.integer("seed"))
    let elsewhere = try fineTunedElsewhere(arguments, settings, seed: seed, dataset)
    if settings.training.epochs > 0 { try dataset.requireValidation(for: settings.training.selection) }
    let pool = WorkerPool(threads: arguments.threadCount)
    let model = TinyViTModel(
      settings.architecture.configuration(
        penultimate: settings.qubits, classes: dataset.contents.classNames.count), seed: seed)
    let weights = try loadWeights(arguments, settings, into: model)
    let batchesBefore = model.batchesSeen
    let (start, input) = elsewhere?.start ?? (weights?.start ?? .random, weights?.asInput)
    let descent = Descent(
      Generation(images: try dataset.asDescent(), start: start, program: elsewhere?.program),
      ancestors: elsewhere == nil ? weights?.ancestors ?? [] : [])

    let recorded = elsewhere?.settings ?? settings
    var header = ArtifactHeader(
      kind: .teacher, of: dataset.header, title: "TinyViT on \(dataset.header.dataset), seed \(seed)", seed: seed,
      configuration: recorded.recorded(start: start == .random ? .random : .asGiven).canonicalText,
      inputs: [dataset.asInput] + (input.map { [$0] } ?? []), model: .teacher(width: settings.qubits), descent: descent)
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
    if !arguments.flag("quiet") { announceDuration(settings, dataset, header.title, threads: arguments.threadCount) }
    let (selected, records) = try run.complete(from: beginning)

    // The training is saved; targets that a signal cuts short are computed again.
    Interruption.allow()
    let targets = try targets(learner, selected, dataset, style: arguments.progressStyle)
    Interruption.postpone()
    let components = PenultimateComponents(of: targets[.train]?.penultimate ?? [], width: settings.qubits)
    header.descent?.own.components = components
    if let export {
      // Interrupted or not, and whatever epoch is selected: as many as led to these weights.
      let batches = settings.batchNorm == .training ? Int64((selected.epoch + 1) * trainer.stepsPerEpoch) : 0
      model.batchesSeen = batchesBefore.map { $0 &+ batches }
      try model.save(weights: export, metadata: ExportedTeacher(header).metadata)
    }
    try TeacherArtifact(
      header: header, width: settings.qubits, classes: dataset.contents.classNames.count,
      parameters: TinyViTModel.named(selected.parameters, model.parameterPlaces),
      statistics: TinyViTModel.named(selected.statistics, model.statisticPlaces), classifier: model.classifier,
      targets: targets, history: elsewhere?.history ?? records,
      selectedEpoch: elsewhere?.selectedEpoch ?? selected.epoch + 1
    ).write(to: target)
    run.cleanUp()
    warnOfDeadComponents(components, of: command.name, output)
  }

  /// Says how long a long fine-tuning takes, measured, before it begins.
  private static func announceDuration(
    _ settings: TeacherSettings, _ dataset: DatasetArtifact, _ title: String, threads: Int
  ) {
    let (images, validated) = (dataset.count(of: .train), dataset.count(of: .val))
    let configuration = settings.architecture.configuration(penultimate: settings.qubits, classes: 2)
    // Three passes for a step. What no processor takes minutes for is not worth seconds of measuring.
    let work = Double(settings.training.epochs) * Double(3 * images + validated) * Double(configuration.multiplyAdds)
    guard work > Self.workToMeasure else { return }
    let rates = TeacherRates(settings, classes: dataset.contents.classNames.count, threads: threads)
    let seconds = rates.seconds(epochs: settings.training.epochs, images: images, validated: validated)
    guard seconds > 600 else { return }
    writeToStandardError(
      "\(command.name) \(title): about \(durationText(seconds)) on this machine, "
        + "\(Int(rates.training.rounded())) images/s; \(shorterWays) are shorter\n")
  }

  /// Multiply-adds of some minutes on two cores.
  private static let workToMeasure = 2e13

  /// What another program says of the weights that it has fine-tuned; nil where this command fine-tunes itself, or takes
  /// weights for what they are given for.
  /// - Throws: `SettingsError` where the settings ask for another program and nothing of it is there; `ArtifactError` where
  ///   the weights are not those that are asked for.
  private static func fineTunedElsewhere(
    _ arguments: ParsedArguments, _ settings: TeacherSettings, seed: UInt64, _ dataset: DatasetArtifact
  ) throws -> FineTunedElsewhere? {
    let config = arguments.string("config")
    let path = arguments.optionalString("weights")
    if settings.training.epochs == 0, arguments.optionalInteger("epochs") == 0, let path {
      let sha256 = try digests(of: InputFile(path: path)).sha256
      if let found = try FineTunedElsewhere(path: path, sha256: sha256) {
        try found.require(TeacherSettings(path: config), seed: seed, dataset, path: path)
        return found
      }
    }
    guard settings.program == .own else {
      throw SettingsError(
        path: config, place: "training.program",
        message: "'\(settings.program.rawValue)' fine-tunes with pipeline/finetune_timm.py; "
          + "--epochs 0 and --weights with the file that it made take that over")
    }
    return nil
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
    if let known = file.contradictedDigest {
      writeToStandardError(
        "finetune-teacher: warning: \(path): not the published file of this name: SHA-256: expected \(known), found "
          + "\(file.asInput.contentSHA256); recorded as given\n")
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
        of: dataset.teacherSplit(split, side: learner.model.configuration.imageSide), parameters: selected.parameters,
        statistics: selected.statistics
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
