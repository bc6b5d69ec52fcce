import StageSupport
import Artifacts
import CommandLineKit
import Files
import Glibc
import Training

/// The file beside an output in which an interrupted training waits to be resumed: `NAME.ckpt.h5`.
struct CheckpointFile {
  private let tool: String
  private let path: String
  private let header: ArtifactHeader

  /// The checkpoint of the training that will write `output` with `header`.
  /// - Parameter tool: whose warnings these are.
  init(of tool: String, besides output: String, header: ArtifactHeader) {
    self.tool = tool
    path = replacingExtension(of: output, by: String(CheckpointArtifact.suffix.dropFirst()))
    var header = header
    header.kind = .checkpoint
    self.header = header
  }

  /// The state to go on from; nil if there is none. A checkpoint that is damaged or that belongs to another command is set
  /// aside with one line on standard error, never used.
  /// - Parameters:
  ///   - start: the state before the first step, whose sizes the checkpoint must have.
  ///   - isPossible: whether this training can come to a state.
  func read(like start: TrainingState, isPossible: (TrainingState) -> Bool) throws -> TrainingState? {
    guard access(path, F_OK) == 0 else { return nil }
    do {
      guard try readHeader(path).header == header else {
        try setAside("belongs to another command (other seed, settings, data or version)")
        return nil
      }
      let found = try CheckpointArtifact.read(
        path: path, parameterCount: start.parameters.count, statisticCount: start.statistics.count)
      let state = TrainingState(found, settings: start.optimizer.settings)
      guard isPossible(state) else {
        try setAside("cannot be used (its numbers fit no state of this training)")
        return nil
      }
      return state
    } catch let failure as ArtifactError {
      try setAside("cannot be used (\(failure))")
      return nil
    } catch let failure as HDF5Error {
      try setAside("cannot be used (\(failure))")
      return nil
    }
  }

  func write(_ state: TrainingState) throws { try CheckpointArtifact(state, header: header).write(to: path) }

  /// Removes the checkpoint, and what a killed process has left of one.
  func remove() {
    unlink(path)
    unlink(path + ".part")
  }

  private func setAside(_ reason: String) throws {
    let aside = path + ".unused"
    guard rename(path, aside) == 0 else { throw FileError(.publish, path: aside, errorNumber: errno) }
    writeToStandardError("\(tool): warning: \(path): \(reason); set aside as \(fileName(of: aside))\n")
  }
}

extension TrainingState {
  init(_ checkpoint: CheckpointArtifact, settings: Adam<Float>.Settings) {
    self.init(parameters: checkpoint.parameters, statistics: checkpoint.statistics, settings: settings)
    optimizer = Adam(
      firstMoment: checkpoint.firstMoment, secondMoment: checkpoint.secondMoment, steps: checkpoint.optimizerSteps,
      settings: settings)
    epoch = checkpoint.epoch
    step = checkpoint.step
    lossSum = checkpoint.lossSum
    correct = checkpoint.correct
    if checkpoint.bestEpoch > 0 {
      best = Selected(
        epoch: checkpoint.bestEpoch - 1, auc: checkpoint.bestAUC, parameters: checkpoint.bestParameters,
        statistics: checkpoint.bestStatistics)
    }
    history = checkpoint.history.records
  }
}

extension CheckpointArtifact {
  init(_ state: TrainingState, header: ArtifactHeader) {
    self.init(
      header: header, parameters: state.parameters, statistics: state.statistics,
      firstMoment: state.optimizer.firstMoment,
      secondMoment: state.optimizer.secondMoment, optimizerSteps: state.optimizer.steps, epoch: state.epoch,
      step: state.step, lossSum: state.lossSum, correct: state.correct, bestEpoch: state.best.map { $0.epoch + 1 } ?? 0,
      bestAUC: state.best?.auc ?? 0,
      bestParameters: state.best?.parameters ?? [Float](repeating: 0, count: state.parameters.count),
      bestStatistics: state.best?.statistics ?? [Float](repeating: 0, count: state.statistics.count),
      history: TrainingHistory(state.history))
  }
}

extension TrainingHistory {
  /// The columns of the records; what nothing was classified for is left out.
  init(_ records: [EpochRecord]) {
    let classifies = !records.contains { $0.validationAUC.isNaN }
    func column(_ values: [Double]) -> [Double]? { classifies ? values : nil }
    self.init(
      trainLoss: records.map(\.trainingLoss), trainAccuracy: column(records.map(\.trainingAccuracy)),
      validationLoss: records.map(\.validationLoss), validationAUC: column(records.map(\.validationAUC)),
      validationAccuracy: column(records.map(\.validationAccuracy)), learningRate: records.map(\.learningRate),
      images: records.map(\.images))
  }

  /// The rows of the columns; columns that are missing count as NaN.
  var records: [EpochRecord] {
    trainLoss.indices.map { index in
      EpochRecord(
        epoch: index, learningRate: learningRate[index], trainingLoss: trainLoss[index],
        trainingAccuracy: trainAccuracy?[index] ?? .nan, validationLoss: validationLoss?[index] ?? .nan,
        validationAUC: validationAUC?[index] ?? .nan, validationAccuracy: validationAccuracy?[index] ?? .nan,
        images: images[index])
    }
  }
}
