import StageSupport
import Artifacts
import CommandLineKit
import Files
import Training

/// A training as a stage runs it: resumed from its checkpoint if there is one, saved from time to time and when a signal
/// asks for it, with progress on standard error and its rates in a side log.
struct TrainingRun<Model: Learner> {
  private let tool: String
  private let trainer: Trainer<Model>
  private let output: String
  private let title: String
  private let checkpoint: CheckpointFile
  private let checkpointInterval: Duration
  private let savesEnd: Bool
  private let style: ProgressReporter.Style

  /// The run of `trainer` that will write `output` with `header`.
  /// - Parameters:
  ///   - checkpointInterval: how much computed time may be lost when the process is killed.
  ///   - savesEnd: whether the end of the training is saved too, because long work follows before the output is written.
  init(
    tool: String, trainer: Trainer<Model>, output: String, header: ArtifactHeader, checkpointInterval: Duration,
    savesEnd: Bool = false, style: ProgressReporter.Style
  ) {
    self.tool = tool
    self.trainer = trainer
    self.output = output
    title = header.title
    checkpoint = CheckpointFile(of: tool, besides: output, header: header)
    self.checkpointInterval = checkpointInterval
    self.savesEnd = savesEnd
    self.style = style
  }

  /// Runs all epochs that are left. From here on signals are postponed.
  /// - Parameter start: the state before the first step, where there is no checkpoint.
  /// - Returns: the selected epoch and all epochs' records.
  /// - Throws: `Interrupted` after the state was saved; `TrainingError`; what the learner throws.
  func complete(from start: TrainingState) throws -> (selected: Selected, records: [EpochRecord]) {
    let saved = try checkpoint.read(like: start, isPossible: trainer.canContinue)
    if saved == nil, !trainer.isComplete(start) { try checkpoint.tryOut(start) }
    var state = saved ?? start
    let (epochs, count) = (trainer.settings.epochs, trainer.learner.trainingCount)
    let progress = ProgressReporter(
      "\(tool) \(title)", total: epochs * count,
      alreadyDone: state.epoch * count + min(state.step * trainer.settings.batchSize, count), style: style)
    if state.epoch + state.step > 0 {
      progress.note(trainer.isComplete(state) ? "trained already" : "resuming in epoch \(state.epoch + 1)")
    }
    var timing = Companion.timingHeader + "\n"
    let clock = ContinuousClock()
    var lastSaved = clock.now
    // Of the present epoch, in this process: an epoch has several stretches where checkpoints are written between its steps.
    var (seconds, images) = (0.0, 0)
    var isWhole = state.step == 0
    Interruption.postpone()
    while !trainer.isComplete(state) {
      let began = clock.now
      let before = state
      let record: EpochRecord?
      do {
        record = try trainer.advance(
          &state,
          stepped: {
            images += $0
            progress.advance(by: $0)
          },
          validated: { _ in try Interruption.check() },
          pausing: { Interruption.requested || clock.now - lastSaved > checkpointInterval })
      } catch let interrupted as Interrupted {
        try checkpoint.write(state)
        throw interrupted
      } catch {
        // What was good before this stretch is kept, for whoever wants to look.
        if before.epoch + before.step > 0 { try checkpoint.write(before) }
        throw error
      }
      seconds += (clock.now - began) / .seconds(1)
      if let record {
        // An epoch that another process has begun is not timed.
        if isWhole { timing += "\(record.epoch + 1),\(seconds),\(Double(images) / seconds)\n" }
        (seconds, images, isWhole) = (0, 0, true)
        progress.update(status: status(of: record))
      }
      if trainer.isComplete(state) {
        if savesEnd { try checkpoint.write(state) }
        break
      }
      if Interruption.requested || clock.now - lastSaved > checkpointInterval {
        try checkpoint.write(state)
        lastSaved = clock.now
      }
      try Interruption.check()
    }
    if trainer.endsEarly(state), let patience = trainer.settings.patience {
      progress.note("ended after epoch \(state.epoch): no better validation AUC for \(patience) epochs")
    }
    if epochs > 0 { progress.finish() }
    try writeFile(timing, to: Companion.timing.path(besides: output))
    // A run of no epochs ends where it began.
    let beginning = Selected(epoch: -1, auc: .nan, parameters: start.parameters, statistics: start.statistics)
    return (state.best ?? beginning, state.history)
  }

  /// Removes the checkpoint, once the output is in place.
  func cleanUp() { checkpoint.remove() }

  private func status(of record: EpochRecord) -> String {
    let validation =
      record.validationAUC.isNaN
      ? "val loss \(decimals(record.validationLoss))" : "val AUC \(decimals(record.validationAUC))"
    return "epoch \(record.epoch + 1)/\(trainer.settings.epochs), loss \(decimals(record.trainingLoss)), \(validation)"
  }
}
