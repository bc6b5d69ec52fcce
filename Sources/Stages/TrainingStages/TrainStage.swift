import Architectures
import Learners
import Configuration
import StageSupport
import Threads
public import CommandLineKit
import Artifacts
import Datasets
import Failures
import Files
import Metrics
import VectorMath
import QuantumCircuits
import JSON
import TransformerKernels
import VisionTransformers
import Training

/// `train`: a dataset artifact and a settings file become a trained student.
public enum TrainStage {
  /// The options.
  public static let command = Command(
    name: "train",
    summary: "Train a student on a dataset and keep the weights of its best validation epoch.",
    discussion: """
      The same data, settings and seed give the same bytes, whatever the number of threads. Rates are written beside \
      the output as NAME.timing.csv. Interrupted by SIGINT, SIGTERM, SIGUSR1 or SIGHUP it saves its state as NAME.ckpt.h5 \
      and exits with 75; the same command resumes.
      """,
    options: [
      Option("data", .path, "Dataset artifact.", presence: .required),
      Option("config", .path, "Settings file of the student (JSON); its name is the variant's.", presence: .required),
      Option("seed", .integer(in: 0...Int(Int32.max)), "Seed of weights and order.", presence: .required),
      Option("epochs", .integer(in: 1...1_000_000), "Number of epochs instead of the settings file's."),
      Option("init", .path, "Distilled student to go on from (knowledge distillation)."),
      .threads,
      .checkpointInterval,
      .quiet,
      Option("output", .path, "Student artifact to write.", presence: .required),
    ],
    examples: [
      "train --data artifacts/sample/data/breastmnist-28.h5 \\\n"
        + "    --config pipeline/config/qvit.json --seed 1 --output student.h5"
    ])

  /// Trains.
  public static func run(_ arguments: ParsedArguments) throws {
    let config = arguments.string("config")
    var settings = try StudentSettings(path: config, epochs: arguments.optionalInteger("epochs"))
    let output = arguments.string("output")
    let target = try arguments.claimOutput()
    let dataset = try DatasetArtifact(path: arguments.string("data"))
    try dataset.requireValidation(for: settings.training.selection)
    let seed = UInt64(arguments.integer("seed"))
    let pool = WorkerPool(threads: arguments.threadCount)
    let student = try settings.student(for: dataset, pool: pool)

    var parameters = student.layout.initialParameters(seed: seed)
    var start: (header: ArtifactHeader, input: ArtifactInput)?
    if let path = arguments.optionalString("init") {
      let (distilled, digest) = try StudentArtifact.read(path: path)
      settings.distillation = try requireDistilled(
        distilled, path, dataset, settings, variant: variant(ofSettings: config), seed: seed)
      parameters = try student.layout.flat(distilled.parameters, path: path)
      start = (
        distilled.header, ArtifactInput(role: .initial, fileName: fileName(of: path), contentSHA256: digest)
      )
    }
    var header = try settings.header(
      variant: variant(ofSettings: config), dataset: dataset, seed: seed,
      regime: start == nil ? .scratch : .kd,
      ancestors: start.map { $0.header.asAncestors(role: .initial, contentSHA256: $0.input.contentSHA256) } ?? [])
    if let start {
      header.inherit(from: start.header)
      header.inputs.append(start.input)
    }
    let trainer = settings.trainer(
      of: student, training: try dataset.studentData(.train, student, pool),
      validation: try dataset.studentData(.val, student, pool), task: dataset.contents.task, seed: seed)
    let run = TrainingRun(
      tool: "train", trainer: trainer, output: output, header: header,
      checkpointInterval: arguments.checkpointInterval, style: arguments.progressStyle)
    let (best, records) = try run.complete(
      from: TrainingState(parameters: parameters, settings: settings.training.adam))
    let components = try trainer.learner.components(best.parameters)
    header.descent?.own.components = components
    try StudentArtifact(
      header: header, parameters: student.layout.named(best.parameters), history: records,
      selectedEpoch: best.epoch + 1
    ).write(to: target)
    run.cleanUp()
    warnOfDeadComponents(components, of: command.name, output)
  }

  /// - Returns: how the student was distilled.
  /// - Throws: `ArtifactError` if a distilled student is not one that this training can go on from.
  private static func requireDistilled(
    _ distilled: StudentArtifact, _ path: String, _ dataset: DatasetArtifact, _ settings: StudentSettings,
    variant: String, seed: UInt64
  ) throws -> JSONValue? {
    try dataset.requireSource(of: distilled.header, path)
    let model = try distilled.header.requiredModel(path)
    try requireEqual(path, "/@regime", expected: Regime.distilled, found: model.regime)
    try requireEqual(path, "/@variant", expected: variant, found: model.variant)
    try requireEqual(path, "/@seed", expected: seed, found: distilled.header.seed)
    let recorded = try StudentSettings(recordedIn: distilled.header, path: path)
    let (size, classes) = (dataset.header.resolution, dataset.contents.classNames.count)
    guard
      recorded.architecture(imageSize: size, classes: classes)
        == settings.architecture(imageSize: size, classes: classes)
    else {
      throw ArtifactError.invalidValue(
        path: path, object: "/configuration", expected: "the architecture of the settings file", found: "another one")
    }
    return recorded.distillation
  }
}
