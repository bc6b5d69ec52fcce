import Datasets
import Metrics
import Testing
import Training
import VectorMath

/// A model of one parameter and one statistic that writes down how it is called. Its losses and measures are made up, so
/// that every number in a record can be told from every other.
private final class ScriptedLearner: Learner {
  let parameterCount = 1
  let trainingCount = 10
  private(set) var batches: [[Int]] = []
  private(set) var upcoming: [[Int]] = []
  private(set) var validated: [(parameters: [Float], statistics: [Float])] = []
  /// The validation AUC of each epoch.
  private let areas: [Double]

  init(areas: [Double]) { self.areas = areas }

  func parameterName(at index: Int) -> String { "p" }
  func statisticName(at index: Int) -> String { "s" }

  func gradient(
    ofBatch batch: ArraySlice<Int>, epoch: Int, upcoming: ArraySlice<Int>, parameters: [Float],
    statistics: inout [Float],
    into gradient: inout [Float]
  ) throws -> (loss: Double, correct: Int) {
    batches.append(Array(batch))
    self.upcoming.append(Array(upcoming))
    statistics[0] += 1
    // Adam's step is then the learning rate.
    gradient = [1]
    return (Double(batches.count), batch.count - 1)
  }

  func validate(
    parameters: [Float], statistics: [Float], evaluated: (_ images: Int) throws -> Void
  ) throws -> Validation {
    let epoch = validated.count
    validated.append((parameters, statistics))
    var auc = areaUnderROC(Scores([0.4, 0.6, 0.6, 0.4] as [Double], classCount: 2), labels: [1, 0], task: .binary)
    auc.value = areas[epoch]
    return Validation(loss: 100 + Double(epoch), auc: auc, accuracy: 0.25 + 0.01 * Double(epoch))
  }
}

/// What `Trainer` does with a model, step by step.
@Suite struct ProcedureTests {
  private func settings(epochs: Int) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = epochs
    settings.batchSize = 4
    return settings
  }

  private func run(
    areas: [Double], seed: UInt64 = 3, purpose: String = "shuffle",
    configure: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> (ScriptedLearner, TrainingState) {
    var settings = settings(epochs: areas.count)
    configure(&settings)
    let learner = ScriptedLearner(areas: areas)
    let trainer = Trainer(learner, settings: settings, seed: seed, orderPurpose: purpose)
    var state = TrainingState(parameters: [0], statistics: [0], settings: settings.adam)
    while !trainer.isComplete(state) { _ = try trainer.advance(&state) }
    return (learner, state)
  }

  /// The rate falls in the epoch that the fraction names, also where the product is rounded up: 0.55 · 100 in binary.
  @Test func milestonesAreWholeEpochs() {
    for (milestone, epochs, first) in [
      (0.55, 100, 55), (0.07, 100, 7), (0.28, 25, 7), (0.5, 100, 50), (0.751, 100, 76),
    ] {
      var settings = settings(epochs: epochs)
      settings.milestones = [milestone]
      let rates = [first - 1, first].map { settings.learningRate(epoch: $0) }
      #expect(rates == [settings.learningRate, settings.learningRate * settings.decay], "\(milestone) of \(epochs)")
    }
  }

  /// Every epoch sees every image once, in an order of its own, which the stream of that purpose and epoch gives.
  @Test func ordersAreThoseOfTheStreams() throws {
    let (learner, _) = try run(areas: [0.5, 0.5, 0.5])
    #expect(learner.batches.map(\.count) == [4, 4, 2, 4, 4, 2, 4, 4, 2])
    let epochs = (0..<3).map { epoch in learner.batches[3 * epoch..<3 * epoch + 3].flatMap(\.self) }
    for (epoch, order) in epochs.enumerated() {
      #expect(order.sorted() == Array(0..<10))
      var stream = RandomStream(seed: 3, purpose: "shuffle", UInt64(epoch))
      #expect(order == stream.permutation(of: 10))
    }
    #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2] && epochs[0] != epochs[2])
    let (distilled, _) = try run(areas: [0.5], purpose: "distillation shuffle")
    #expect(distilled.batches.flatMap(\.self) != epochs[0])
    let (other, _) = try run(areas: [0.5], seed: 4)
    #expect(other.batches.flatMap(\.self) != epochs[0])
  }

  /// Every number of a record is the learner's, weighted by images, and nothing of one epoch goes into the next.
  @Test func recordsHoldWhatTheLearnerSaid() throws {
    let (_, state) = try run(areas: [0.5, 0.75, 0.625])
    #expect(state.history.count == 3)
    for (epoch, record) in state.history.enumerated() {
      let first = Double(3 * epoch + 1)
      #expect(abs(record.trainingLoss - (4 * first + 4 * (first + 1) + 2 * (first + 2)) / 10) < 1e-12)
      // Each batch had one wrong.
      #expect(record.trainingAccuracy == 0.7)
      #expect(record.validationLoss == 100 + Double(epoch))
      #expect(record.validationAUC == [0.5, 0.75, 0.625][epoch])
      #expect(record.validationAccuracy == 0.25 + 0.01 * Double(epoch))
      #expect(record.epoch == epoch && record.images == 10)
    }
  }

  /// The rate of a record is the one of its steps: with a constant gradient a step of Adam is the rate.
  @Test func stepsHaveTheRateOfTheirEpoch() throws {
    let (learner, state) = try run(areas: [0.5, 0.5, 0.5, 0.5]) { $0.milestones = [0.25, 0.75] }
    let rates = [1e-3, 1e-4, 1e-4, 1e-5]
    var before: Float = 0
    for (epoch, rate) in rates.enumerated() {
      let after = learner.validated[epoch].parameters[0]
      #expect(abs(Double(before - after) / (3 * rate) - 1) < 1e-3, "epoch \(epoch)")
      #expect(abs(state.history[epoch].learningRate / rate - 1) < 1e-12)
      before = after
    }
  }

  @Test func theSelectedModelIsThatOfTheFirstBestEpoch() throws {
    let (learner, state) = try run(areas: [0.5, 0.75, 0.75, 0.625])
    let best = try #require(state.best)
    #expect(best.epoch == 1 && best.auc == 0.75)
    #expect(best.parameters == learner.validated[1].parameters)
    #expect(best.statistics == [6])
    #expect(state.statistics == [12])

    let (last, end) = try run(areas: [0.5, 0.75, 0.625]) { $0.selection = .lastEpoch }
    let selected = try #require(end.best)
    #expect(selected.epoch == 2 && selected.auc == 0.625 && selected.statistics == [9])
    #expect(selected.parameters == last.validated[2].parameters)
  }

  /// The batch that is announced is four steps ahead, and none beyond the epoch.
  @Test func upcomingBatchesAreFourAhead() throws {
    let (learner, _) = try run(areas: [0.5]) { $0.batchSize = 2 }
    #expect(learner.batches.count == 5)
    #expect(learner.upcoming[0] == learner.batches[4])
    #expect(learner.upcoming[1...].allSatisfy { $0.isEmpty })
  }

  /// The mean cross-entropy, the AUC and the accuracy of logits.
  @Test func validationMeasuresLogits() {
    let logits: [Float] = [0, 0, 1, 3, 2, 0]
    let found = Validation(logits: logits, labels: [0, 1, 1], classes: 2, task: .binary)
    let losses = [Elementary.log(2), Elementary.log(1 + Elementary.exp(-2)), Elementary.log(1 + Elementary.exp(2))]
    #expect(abs(found.loss - losses.reduce(0, +) / 3) < 1e-12)
    #expect(found.accuracy == 2.0 / 3)
    #expect(found.auc?.value == 0.5)
  }
}
