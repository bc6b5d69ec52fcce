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
      .quiet,
      Option("output", .path, "Student artifact to write.", presence: .required),
    ],
    examples: [
      "train --data artifacts/sample/data/breastmnist-28.h5 --model qvit "
        + "--config pipeline/config/sample/qvit.json --seed 1 --output student.h5"
    ])

  /// Trains.
  public static func run(_ arguments: ParsedArguments) throws {
    let model = StudentModel(rawValue: arguments.string("model")) ?? .vit
    let settings = try StudentSettings(
      path: arguments.string("config"), model: model, epochs: arguments.optionalInteger("epochs"))
    let output = arguments.string("output")
    try requireWritable(output)
    let dataset = try DatasetArtifact(path: arguments.string("data"))
    let seed = UInt64(arguments.integer("seed"))
    let pool = WorkerPool(threads: arguments.threadCount)
    let student = try settings.student(for: dataset, pool: pool)

    let header = settings.header(of: student, dataset: dataset, seed: seed, regime: "scratch")
    let checkpoint = CheckpointFile(besides: output, header: header)
    let trainer = Trainer(
      student: student, settings: settings.training, seed: seed,
      training: try dataset.studentData(.train, student, pool),
      validation: try dataset.studentData(.val, student, pool), task: try dataset.task())
    var state =
      try checkpoint.read(parameterCount: student.layout.count, settings: settings.training.adam)
      ?? TrainingState(parameters: student.layout.initialParameters(seed: seed), settings: settings.training.adam)

    let timing = try run(trainer, &state, checkpoint, style: arguments.progressStyle, title: header.title)
    let history = TrainingHistory(state.history)
    guard let best = state.best else { preconditionFailure("a training without epochs") }
    try StudentArtifact(
      header: header, parameters: student.layout.named(best.parameters), history: history,
      selectedEpoch: best.epoch + 1
    ).write(to: output)
    try writeFile(timing, to: replacingExtension(of: output, by: "timing.csv"))
    checkpoint.remove()
  }

  /// All epochs that are left.
  /// - Returns: the timing table.
  /// - Throws: `Interrupted` after the state was saved; `TrainingError`.
  private static func run(
    _ trainer: Trainer, _ state: inout TrainingState, _ checkpoint: CheckpointFile, style: ProgressReporter.Style,
    title: String
  ) throws -> String {
    let (epochs, count) = (trainer.settings.epochs, trainer.training.count)
    let progress = ProgressReporter(
      "train \(title)", total: epochs * count,
      alreadyDone: state.epoch * count + min(state.step * trainer.settings.batchSize, count), style: style)
    if state.epoch + state.step > 0 { progress.note("resuming in epoch \(state.epoch + 1)") }
    var timing = "epoch,seconds,images_per_second\n"
    let clock = ContinuousClock()
    var saved = clock.now
    while !trainer.isComplete(state) {
      let start = clock.now
      let before = state
      let record: EpochRecord?
      do {
        record = try trainer.advance(
          &state, stepped: progress.advance, pausing: { Interruption.requested || clock.now - saved > .seconds(30) })
      } catch {
        // What was good before this stretch is kept, for whoever wants to look or to go on with other settings.
        if before.epoch + before.step > 0 { try checkpoint.write(before) }
        throw error
      }
      if let record {
        let seconds = (clock.now - start) / .seconds(1)
        timing += "\(record.epoch + 1),\(seconds),\(Double(record.images) / seconds)\n"
        progress.update(
          status: "epoch \(record.epoch + 1)/\(epochs), loss \(decimals(record.trainingLoss)), "
            + "val AUC \(decimals(record.validationAUC))")
      }
      if trainer.isComplete(state) { break }
      if Interruption.requested || clock.now - saved > .seconds(30) {
        try checkpoint.write(state)
        saved = clock.now
      }
      try Interruption.check()
    }
    progress.finish()
    return timing
  }
}
