import Metrics
import VectorMath

/// Trains a model: shuffled batches, Adam, a validation pass per epoch, selection of the epoch that is the result.
///
/// The order of epoch e is the permutation of the stream (seed, purpose, e): it needs no state, so a run that is resumed
/// sees the very same batches.
public struct Trainer<Model: Learner> {
  /// The model and its data; it keeps nothing from step to step.
  public let learner: Model
  /// The hyper-parameters.
  public let settings: TrainingSettings
  /// The seed of the order of images.
  public let seed: UInt64
  /// The purpose of the order's random stream: trainings of one seed that follow each other have different ones.
  public let orderPurpose: String

  /// A trainer.
  public init(_ learner: Model, settings: TrainingSettings, seed: UInt64, orderPurpose: String = "shuffle") {
    self.learner = learner
    self.settings = settings
    self.seed = seed
    self.orderPurpose = orderPurpose
  }

  /// Steps of an epoch.
  public var stepsPerEpoch: Int { (learner.trainingCount + settings.batchSize - 1) / settings.batchSize }

  /// How many batches before they are wanted images may be fetched: what a disk reads in the meantime.
  private static var batchesAhead: Int { 4 }

  /// Whether all epochs are done, or patience is at its end.
  public func isComplete(_ state: TrainingState) -> Bool { state.epoch >= settings.epochs || endsEarly(state) }

  /// Whether the last so many epochs, as many as the settings' patience, brought no better validation AUC.
  public func endsEarly(_ state: TrainingState) -> Bool {
    guard let patience = settings.patience, let best = state.best, state.epoch < settings.epochs else { return false }
    return state.epoch - 1 - best.epoch >= patience
  }

  /// Goes on from `state` to the end of its epoch, or until `pausing`, asked after every step, says true; after the last step
  /// only the validation pass is left. `stepped` hears the number of images of each step, `validated` those of each piece of
  /// the validation pass; it may end the pass by throwing.
  ///
  /// - Returns: the record of the epoch if it was completed.
  /// - Throws: `TrainingError`, and what the learner throws; `state` is then as it was before the step, or before the
  ///   validation, that failed.
  public func advance(
    _ state: inout TrainingState, stepped: (Int) -> Void = { _ in }, validated: (Int) throws -> Void = { _ in },
    pausing: () -> Bool = { false }
  ) throws -> EpochRecord? {
    var stream = RandomStream(seed: seed, purpose: orderPurpose, UInt64(state.epoch))
    let order = stream.permutation(of: learner.trainingCount)
    let rate = settings.learningRate(epoch: state.epoch)
    var gradient = [Float](repeating: 0, count: state.parameters.count)
    func batch(ofStep step: Int) -> ArraySlice<Int> {
      order.dropFirst(step * settings.batchSize).prefix(settings.batchSize)
    }
    while state.step < stepsPerEpoch {
      let images = batch(ofStep: state.step)
      var statistics = state.statistics
      let result = try learner.gradient(
        ofBatch: images, epoch: state.epoch, upcoming: batch(ofStep: state.step + Self.batchesAhead),
        parameters: state.parameters, statistics: &statistics, into: &gradient)
      // On copies, so that a step that fails leaves the state as it was.
      var (parameters, optimizer) = (state.parameters, state.optimizer)
      if result.loss.isFinite { optimizer.step(&parameters, gradient: gradient, learningRate: rate) }
      try check(state, loss: result.loss, gradient, parameters, optimizer, statistics)
      (state.parameters, state.optimizer, state.statistics) = (parameters, optimizer, statistics)
      state.lossSum += result.loss * Double(images.count)
      state.correct += result.correct
      state.step += 1
      stepped(images.count)
      if pausing() { return nil }
    }
    return try completeEpoch(&state, learningRate: rate, validated: validated)
  }

  /// The validation pass, the selection, the record.
  private func completeEpoch(
    _ state: inout TrainingState, learningRate: Double, validated: (Int) throws -> Void
  ) throws -> EpochRecord {
    let found = try learner.validate(
      parameters: state.parameters, statistics: state.statistics, evaluated: validated)
    guard found.loss.isFinite else {
      throw TrainingError.diverged(epoch: state.epoch, step: state.step - 1, what: "the validation loss")
    }
    let auc = found.auc?.value ?? .nan
    if settings.selection == .bestValidationAUC, auc.isNaN {
      throw TrainingError.undefinedAUC(reason: found.auc?.undefined.first?.description ?? "nothing is classified")
    }
    let count = learner.trainingCount
    let record = EpochRecord(
      epoch: state.epoch, learningRate: learningRate, trainingLoss: state.lossSum / Double(count),
      trainingAccuracy: Double(state.correct) / Double(count), validationLoss: found.loss, validationAUC: auc,
      validationAccuracy: found.accuracy, images: count)
    let selected =
      switch settings.selection {
      case .bestValidationAUC: state.best.map { auc > $0.auc } ?? true
      case .lastEpoch: true
      }
    if selected { state.best = Selected(state, auc: auc) }
    state.history.append(record)
    state.epoch += 1
    state.step = 0
    state.lossSum = 0
    state.correct = 0
    return record
  }

  /// Whether a training can have come to `state` with these settings and data, whatever file it was read from.
  public func canContinue(from state: TrainingState) -> Bool {
    let best = state.best?.epoch ?? -1
    return (0...settings.epochs).contains(state.epoch) && (0...stepsPerEpoch).contains(state.step)
      && state.optimizer.steps == state.epoch * stepsPerEpoch + state.step && state.history.count == state.epoch
      && best < state.epoch && (state.epoch == 0 || best >= 0) && (0...learner.trainingCount).contains(state.correct)
      && state.lossSum.isFinite && firstNotFinite(state.optimizer.firstMoment) == nil
      && !state.optimizer.secondMoment.contains { !($0 >= 0 && $0.isFinite) }
      && [state.parameters, state.statistics, state.best?.parameters ?? [], state.best?.statistics ?? []]
        .allSatisfy { firstNotFinite($0) == nil }
  }

  /// - Throws: `TrainingError` naming the first number of a step that is NaN or infinite.
  private func check(
    _ state: TrainingState, loss: Double, _ gradient: [Float], _ parameters: [Float], _ optimizer: Adam<Float>,
    _ statistics: [Float]
  ) throws(TrainingError) {
    func diverged(_ what: String) -> TrainingError { .diverged(epoch: state.epoch, step: state.step, what: what) }
    guard loss.isFinite else { throw diverged("the loss") }
    for (what, values) in [
      ("the gradient of", gradient), ("Adam's second moment of", optimizer.secondMoment), ("the parameter", parameters),
    ] {
      if let bad = firstNotFinite(values) { throw diverged("\(what) \(learner.parameterName(at: bad))") }
    }
    if let bad = firstNotFinite(statistics) { throw diverged("the statistic \(learner.statisticName(at: bad))") }
  }
}

/// The index of the first number that is NaN or infinite; nil if all are finite.
func firstNotFinite(_ values: [Float]) -> Int? {
  // Without an early exit the compiler looks at many numbers at a time.
  var largest: UInt32 = 0
  for value in values { largest = max(largest, value.bitPattern & 0x7fff_ffff) }
  return largest < Float.infinity.bitPattern ? nil : values.firstIndex { !$0.isFinite }
}
