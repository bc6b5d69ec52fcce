public import CommandLineKit
import Artifacts
import Datasets
import Failures
import Files
import Metrics
import Numerics
import QuantumCircuits
import Settings
import StudentKernels
import Students
import Training

/// `train`: a dataset artifact and a settings file become a trained student.
public enum TrainStage {
  /// The options.
  public static let command = Command(
    name: "train",
    summary: "Train a student on a dataset and keep the weights of its best validation epoch.",
    discussion: """
      The same data, settings and seed give the same bytes, whatever the number of threads. Rates are written beside \
      the output as NAME.timing.csv. Interrupted by SIGINT, SIGTERM or SIGUSR1 it saves its state as NAME.ckpt.h5 and \
      exits with 75; the same command resumes.
      """,
    options: [
      Option("data", .path, "Dataset artifact.", presence: .required),
      Option("model", .choice(of: StudentModel.allCases.map(\.rawValue)), "Kind of student.", presence: .required),
      Option("config", .path, "Settings file (JSON).", presence: .required),
      Option("seed", .integer(in: 0...Int(Int32.max)), "Seed of weights and order.", presence: .required),
      Option("epochs", .integer(in: 1...1_000_000), "Number of epochs instead of the settings file's."),
      .threads,
      .checkpointInterval,
      .quiet,
      Option("output", .path, "Student artifact to write.", presence: .required),
    ],
    examples: [
      "train --data artifacts/sample/data/breastmnist-28.h5 --model qvit "
        + "\\\n    --config pipeline/config/sample/qvit.json --seed 1 --output student.h5"
    ])

  /// Trains.
  public static func run(_ arguments: ParsedArguments) throws {
    let model = StudentModel(rawValue: arguments.string("model")) ?? .vit
    let settings = try StudentSettings(
      path: arguments.string("config"), model: model, epochs: arguments.optionalInteger("epochs"))
    let output = arguments.string("output")
    // Held to the end: of two trainings with one target the second stops here, not after its work.
    let target = try PendingFile(path: output)
    let dataset = try DatasetArtifact(path: arguments.string("data"))
    try dataset.requireValidation(for: settings.training.selection)
    let seed = UInt64(arguments.integer("seed"))
    let pool = WorkerPool(threads: arguments.threadCount)
    let student = try settings.student(for: dataset, pool: pool)

    let header = settings.header(of: student, dataset: dataset, seed: seed, regime: "scratch")
    let learner = StudentLearner(
      student: student, training: try dataset.studentData(.train, student, pool),
      validation: try dataset.studentData(.val, student, pool), task: try dataset.task())
    let trainer = Trainer(learner, settings: settings.training, seed: seed)
    let run = TrainingRun(
      tool: "train", trainer: trainer, output: output, header: header,
      checkpointInterval: arguments.checkpointInterval, style: arguments.progressStyle)
    let (best, records) = try run.complete(
      from: TrainingState(parameters: student.layout.initialParameters(seed: seed), settings: settings.training.adam))
    try StudentArtifact(
      header: header, parameters: student.layout.named(best.parameters), history: TrainingHistory(records),
      selectedEpoch: best.epoch + 1
    ).write(to: target)
    run.cleanUp()
  }
}
