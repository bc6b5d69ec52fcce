public import Metrics
import Numerics
public import Students

/// Trains a student: shuffled batches, Adam, a validation pass per epoch, selection of the best epoch.
///
/// The order of epoch e is the permutation of the stream (seed, "shuffle", e): it needs no state, so a run that is resumed
/// sees the very same batches.
public struct Trainer {
  /// The student, which holds no parameters of its own.
  public let student: Student
  /// The hyper-parameters.
  public let settings: TrainingSettings
  /// The seed of the order of images.
  public let seed: UInt64
  /// What is learned from.
  public let training: StudentData
  /// What selects the epoch.
  public let validation: StudentData
  /// How scores become AUC and accuracy.
  public let task: ClassificationTask

  /// A trainer.
  public init(
    student: Student, settings: TrainingSettings, seed: UInt64, training: StudentData, validation: StudentData,
    task: ClassificationTask
  ) {
    self.student = student
    self.settings = settings
    self.seed = seed
    self.training = training
    self.validation = validation
    self.task = task
  }

  /// Steps of an epoch.
  public var stepsPerEpoch: Int { (training.count + settings.batchSize - 1) / settings.batchSize }

  /// Whether all epochs are done.
  public func isComplete(_ state: TrainingState) -> Bool { state.epoch >= settings.epochs }

  /// Goes on from `state` to the end of its epoch, or until `pausing`, asked after every step, says true. `stepped` hears
  /// the number of images of each step.
  ///
  /// - Returns: the record of the epoch if it was completed.
  /// - Throws: `TrainingError`; `state` is then as it was before the step, or before the validation, that failed.
  public func advance(
    _ state: inout TrainingState, stepped: (Int) -> Void = { _ in }, pausing: () -> Bool = { false }
  ) throws(TrainingError) -> EpochRecord? {
    var stream = RandomStream(seed: seed, purpose: "shuffle", UInt64(state.epoch))
    let order = stream.permutation(of: training.count)
    let rate = settings.learningRate(epoch: state.epoch)
    var gradient = [Float](repeating: 0, count: state.parameters.count)
    while state.step < stepsPerEpoch {
      let first = state.step * settings.batchSize
      let batch = order[first..<min(first + settings.batchSize, training.count)]
      let result = student.gradient(
        parameters: state.parameters, images: batch.map(training.image),
        objective: .labels(batch.map { training.labels[$0] }), into: &gradient)
      try check(state, loss: result.loss, gradient: gradient)
      state.optimizer.step(&state.parameters, gradient: gradient, learningRate: rate)
      state.lossSum += result.loss * Double(batch.count)
      state.correct += result.correct
      state.step += 1
      stepped(batch.count)
      if pausing(), state.step < stepsPerEpoch { return nil }
    }
    return try completeEpoch(&state, learningRate: rate)
  }

  /// The validation pass, the selection, the record.
  private func completeEpoch(
    _ state: inout TrainingState, learningRate: Double
  ) throws(TrainingError) -> EpochRecord {
    let found = try validate(state)
    let record = EpochRecord(
      epoch: state.epoch, learningRate: learningRate, trainingLoss: state.lossSum / Double(training.count),
      trainingAccuracy: Double(state.correct) / Double(training.count), validationLoss: found.loss,
      validationAUC: found.auc, validationAccuracy: found.accuracy, images: training.count)
    let selected =
      switch settings.selection {
      case .bestValidationAUC: state.best.map { found.auc > $0.auc } ?? true
      case .lastEpoch: true
      }
    if selected { state.best = (state.epoch, found.auc, state.parameters) }
    state.history.append(record)
    state.epoch += 1
    state.step = 0
    state.lossSum = 0
    state.correct = 0
    return record
  }

  /// Loss, AUC and accuracy on the validation split.
  private func validate(
    _ state: TrainingState
  ) throws(TrainingError) -> (loss: Double, auc: Double, accuracy: Double) {
    let logits = student.outputs(
      parameters: state.parameters, images: (0..<validation.count).map(validation.image)
    ).logits
    guard logits.allSatisfy(\.isFinite) else {
      throw .diverged(epoch: state.epoch, step: state.step - 1, what: "a validation logit")
    }
    let classes = student.architecture.classes
    var loss = 0.0
    var scores: [Float] = []
    for (index, label) in validation.labels.enumerated() {
      let row = logits[index * classes..<(index + 1) * classes]
      loss += crossEntropy(logits: row.map(Double.init), label: label, batch: validation.count).loss
      scores += softmax(Array(row), classCount: classes)
    }
    let values = Scores(scores, classCount: classes)
    let auc = areaUnderROC(values, labels: validation.labels, task: task)
    if settings.selection == .bestValidationAUC, let reason = auc.undefined.first {
      throw .undefinedAUC(reason: reason.description)
    }
    return (loss, auc.value, Metrics.accuracy(values, labels: validation.labels, task: task))
  }

  private func check(_ state: TrainingState, loss: Double, gradient: [Float]) throws(TrainingError) {
    func diverged(_ what: String) -> TrainingError { .diverged(epoch: state.epoch, step: state.step, what: what) }
    guard loss.isFinite else { throw diverged("the loss") }
    if let bad = gradient.firstIndex(where: { !$0.isFinite }) {
      let parameter = student.layout.parameters.first { $0.range.contains(bad) }
      throw diverged("the gradient of \(parameter?.name ?? "a parameter")")
    }
  }
}
