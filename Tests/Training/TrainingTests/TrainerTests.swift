import Datasets
import Architectures
import Learners
import Threads
import Metrics
import VectorMath
import QuantumCircuits
import TransformerKernels
import VisionTransformers
import Testing
import Training
import _TestSupport

/// Images whose class shows in the brightness of one quadrant, under noise.
private func quadrantData(_ count: Int, classes: Int, pool: WorkerPool, seed: UInt64) throws -> PreparedImages {
  var stream = RandomStream(seed: seed, purpose: "quadrants")
  let labels = (0..<count).map { $0 % classes }
  var pixels: [UInt8] = []
  for label in labels {
    for row in 0..<28 {
      for column in 0..<28 {
        let inside = (row < 14 ? 0 : 2) + (column < 14 ? 0 : 1) == label
        pixels.append(UInt8((inside ? 140 : 80) + stream.index(below: 60)))
      }
    }
  }
  let geometry = PatchGeometry(imageSize: 28, channels: 1)
  return try studentData(pixels[...], labels: labels, geometry: geometry, pool: pool)
}

private func studentData(
  _ pixels: ArraySlice<UInt8>, labels: [Int], geometry: PatchGeometry, pool: WorkerPool
) throws -> PreparedImages {
  try PreparedImages(labels: labels, geometry: geometry, pool: pool) { range, buffer in
    let start = pixels.startIndex + range.lowerBound * geometry.imageBytes
    _ = buffer.update(from: pixels[start..<start + buffer.count])
  }
}

private func trainer(
  threads: Int, epochs: Int = 6, count: Int = 50, seed: UInt64 = 1, method: CircuitMethod? = nil, dropout: Double = 0,
  dropoutPurpose: String = "dropout", configure: (inout TrainingSettings) -> Void = { _ in }
) throws -> (Trainer<VisionTransformerLearner>, TrainingState) {
  var architecture = VisionTransformerArchitecture(
    imageSize: 28, classes: 4, circuit: CircuitDesign(layout: PairLayout.chain.pairs(qubits: 4)))
  architecture.dropout = dropout
  let pool = WorkerPool(threads: threads)
  let student = VisionTransformer(architecture, channels: 1, pool: pool, method: method)
  var settings = TrainingSettings()
  settings.epochs = epochs
  settings.batchSize = 8
  settings.learningRate = 1e-2
  configure(&settings)
  let learner = VisionTransformerLearner(
    student: student, training: try quadrantData(count, classes: 4, pool: pool, seed: 1),
    validation: try quadrantData(24, classes: 4, pool: pool, seed: 2), task: .multiClass, seed: seed,
    dropoutPurpose: dropoutPurpose)
  let trainer = Trainer(learner, settings: settings, seed: seed)
  let state = TrainingState(
    parameters: student.layout.initialParameters(seed: seed), settings: settings.adam)
  return (trainer, state)
}

private func run(_ trainer: Trainer<VisionTransformerLearner>, _ state: TrainingState) throws -> TrainingState {
  var state = state
  while !trainer.isComplete(state) { _ = try trainer.advance(&state) }
  return state
}

private func bits(_ state: TrainingState) -> [UInt32] {
  (state.parameters + (state.best?.parameters ?? [])).map(\.bitPattern)
}

@Suite struct TrainerTests {
  @Test func learns() throws {
    let (trainer, state) = try trainer(threads: 1, epochs: 30)
    let end = try run(trainer, state)
    #expect(end.history.count == 30)
    #expect(try #require(end.best).auc > 0.9)
    #expect(end.history[29].trainingLoss < end.history[0].trainingLoss)
    #expect(end.history.map(\.epoch) == Array(0..<30))
    #expect(end.history.allSatisfy { $0.images == 50 })
  }

  @Test func theSelectedEpochIsTheFirstBest() throws {
    let (trainer, state) = try trainer(threads: 1, epochs: 12)
    let end = try run(trainer, state)
    let best = try #require(end.best)
    let highest = end.history.map(\.validationAUC).max()
    #expect(best.auc == highest)
    #expect(best.epoch == end.history.firstIndex { $0.validationAUC == highest })

    let (last, start) = try TrainingTests.trainer(threads: 1, epochs: 3) { $0.selection = .lastEpoch }
    let final = try run(last, start)
    #expect(final.best?.epoch == 2)
    #expect(final.best?.parameters == final.parameters)
  }

  /// Patience ends a training so many epochs behind the best one, with the weights and the bits of the longer one.
  @Test(arguments: [1, 2, 3]) func patienceEndsATraining(patience: Int) throws {
    let (whole, start) = try trainer(threads: 1, epochs: 12)
    let through = try run(whole, start)
    let (patient, _) = try TrainingTests.trainer(threads: 1, epochs: 12) { $0.patience = patience }
    let end = try run(patient, start)
    // By hand, from the AUCs of all epochs.
    var (best, last) = (0, 11)
    for (epoch, record) in through.history.enumerated() {
      if record.validationAUC > through.history[best].validationAUC { best = epoch }
      if epoch - best >= patience {
        last = epoch
        break
      }
    }
    #expect(end.history == Array(through.history.prefix(last + 1)))
    #expect(end.best?.epoch == best)
    #expect(patient.endsEarly(end) == (last < 11) && patient.isComplete(end))
    #expect(patient.canContinue(from: end))
    // The rates are those of all epochs, ended early or not.
    #expect(end.history.map(\.learningRate) == through.history.prefix(last + 1).map(\.learningRate))
  }

  @Test func threadsDoNotChangeABit() throws {
    let (one, start) = try trainer(threads: 1)
    let (two, _) = try trainer(threads: 2)
    let (a, b) = (try run(one, start), try run(two, start))
    #expect(bits(a) == bits(b))
    #expect(a.history == b.history)
  }

  @Test func seedsDiffer() throws {
    let (one, start) = try trainer(threads: 1, seed: 1)
    let (two, other) = try trainer(threads: 1, seed: 2)
    #expect(bits(try run(one, start)) != bits(try run(two, other)))
    #expect(bits(try run(one, start)) != bits(try run(two, start)), "the order of the images has a seed too")
  }

  /// Pausing after every step and going on from a copy of the state gives the same bits.
  @Test func aPausedRunEndsInTheSameBits() throws {
    let (trainer, start) = try trainer(threads: 1, epochs: 3)
    let through = try run(trainer, start)
    var state = start
    var pauses = 0
    while !trainer.isComplete(state) {
      if try trainer.advance(&state, pausing: { true }) == nil { pauses += 1 }
      var copy = TrainingState(parameters: state.parameters, settings: trainer.settings.adam)
      copy.optimizer = Adam(
        firstMoment: state.optimizer.firstMoment, secondMoment: state.optimizer.secondMoment,
        steps: state.optimizer.steps, settings: trainer.settings.adam)
      (copy.epoch, copy.step, copy.lossSum, copy.correct) = (state.epoch, state.step, state.lossSum, state.correct)
      (copy.best, copy.history) = (state.best, state.history)
      state = copy
    }
    #expect(pauses == 3 * trainer.stepsPerEpoch)
    #expect(bits(state) == bits(through))
    #expect(state.history == through.history)
  }

  /// Neither threads nor a pause after every step change what is dropped; purpose, epoch and seed do.
  @Test func dropoutIsAFunctionOfEpochAndImage() throws {
    let (one, start) = try trainer(threads: 1, epochs: 3, dropout: 0.1)
    let through = try run(one, start)
    let (two, _) = try trainer(threads: 2, epochs: 3, dropout: 0.1)
    var state = start
    while !two.isComplete(state) { _ = try two.advance(&state, pausing: { true }) }
    #expect(bits(state) == bits(through))
    #expect(state.history == through.history)

    let (other, _) = try trainer(threads: 1, epochs: 3, dropout: 0.1, dropoutPurpose: "distillation dropout")
    #expect(bits(try run(other, start)) != bits(through))
    let (none, _) = try trainer(threads: 1, epochs: 3)
    #expect(bits(try run(none, start)) != bits(through))
    func loss(_ epoch: Int) throws -> Double {
      var (gradient, statistics) = (start.parameters, [Float]())
      return try one.learner.gradient(
        ofBatch: [3, 7, 5], epoch: epoch, upcoming: [], parameters: start.parameters, statistics: &statistics,
        into: &gradient
      ).loss
    }
    #expect(try loss(0) == loss(0))
    #expect(try loss(0) != loss(1))
  }

  /// A validation pass that is stopped leaves the state as it was, and is made again.
  @Test func aStoppedValidationIsRepeated() throws {
    struct Stop: Error {}
    let (trainer, start) = try trainer(threads: 1, epochs: 2)
    let through = try run(trainer, start)
    var state = start
    #expect(throws: Stop.self) { _ = try trainer.advance(&state, validated: { _ in throw Stop() }) }
    #expect(state.epoch == 0 && state.step == trainer.stepsPerEpoch)
    let end = try run(trainer, state)
    #expect(bits(end) == bits(through))
    #expect(end.history == through.history)
  }

  @Test func divergenceIsAnError() throws {
    let (trainer, start) = try trainer(threads: 1)
    var state = start
    state.parameters[3] = .nan
    #expect(throws: TrainingError.self) { _ = try trainer.advance(&state) }
    #expect(state.step == 0)
  }

  /// Loss and gradient are finite, but the step is not: the tensor is named, and the state is that before the step.
  @Test func aStepThatIsNotFinite() throws {
    // 0 / (0 + ε) where a gradient has always been zero and ε is.
    let (zero, start) = try trainer(threads: 1) { $0.adam.epsilon = 0 }
    var state = start
    for index in zero.learner.student.layout.range("blocks.0.fc1.bias") { state.parameters[index] = -1000 }
    let before = bits(state)
    #expect(throws: TrainingError.diverged(epoch: 0, step: 0, what: "the parameter blocks.0.ln2.weight")) {
      _ = try zero.advance(&state)
    }
    #expect(bits(state) == before && state.optimizer.steps == 0 && state.step == 0)

    // The square of a large gradient.
    let (large, other) = try trainer(threads: 1)
    state = other
    for index in large.learner.student.layout.range("ln3.weight") { state.parameters[index] = 1e-25 }
    for index in large.learner.student.layout.range("head.weight") { state.parameters[index] *= 1e25 }
    #expect(throws: TrainingError.diverged(epoch: 0, step: 0, what: "Adam's second moment of ln3.weight")) {
      _ = try large.advance(&state)
    }
    #expect(state.optimizer.secondMoment.allSatisfy { $0 == 0 })
  }

  /// What a file claims to be a state of this training and cannot be one.
  @Test func impossibleStates() throws {
    let (trainer, start) = try trainer(threads: 1)
    var state = start
    _ = try trainer.advance(&state)
    _ = try trainer.advance(&state) { _ in
    } pausing: {
      true
    }
    #expect(trainer.canContinue(from: start) && trainer.canContinue(from: state))
    let changes: [(inout TrainingState) -> Void] = [
      { $0.epoch = -1 }, { $0.epoch = 2 }, { $0.epoch = .max }, { $0.step = -1 }, { $0.step = .max }, { $0.step += 1 },
      { $0.history = [] }, { $0.best = nil }, { $0.best?.epoch = 1 }, { $0.correct = -1 }, { $0.lossSum = .nan },
      { $0.parameters[0] = .nan }, { $0.best?.parameters[0] = .infinity }, { $0.optimizer.firstMoment[0] = .nan },
      { $0.optimizer.secondMoment[0] = -1 }, { $0.optimizer.secondMoment[0] = .infinity },
    ]
    for (number, change) in changes.enumerated() {
      var other = state
      change(&other)
      #expect(!trainer.canContinue(from: other), "change \(number)")
    }
  }

  /// Ten steps on ten recorded batches against PyTorch.
  @Test(arguments: ["trace_vit_28_q4_h2", "trace_qvit_28_q4_h2", "trace_qvit_28_q4_h2_chain"])
  func tenStepsAgreeWithPyTorch(name: String) throws {
    let golden = try NPZ(path: Fixtures.path("golden/students/\(name).npz"))
    let layout: PairLayout = name.hasSuffix("chain") ? .chain : .brickRing
    let architecture = VisionTransformerArchitecture(
      imageSize: 28, classes: Int(try golden.scalar("classes")),
      circuit: name.contains("qvit") ? CircuitDesign(layout: layout.pairs(qubits: 4)) : nil)
    let pool = WorkerPool(threads: 1)
    let student = VisionTransformer(architecture, channels: 3, pool: pool)
    func flat(_ kind: String) throws -> [Float] {
      try student.layout.parameters.flatMap { parameter in
        let short = parameter.name.hasPrefix("blocks.0.") ? String(parameter.name.dropFirst(9)) : parameter.name
        return try golden.floats("\(kind).\(short)")
      }
    }
    var parameters = try flat("param")
    var adam = Adam<Float>(count: parameters.count, settings: .init())
    let shape = try golden.shape(of: "image_u8")
    let pixels = try golden.bytes("image_u8")
    let labels = try golden.integers("labels")
    let rates = try golden.doubles("lrs")
    let losses = try golden.doubles("losses")
    let perBatch = shape[1...].reduce(1, *)
    var gradient = parameters
    for step in 0..<shape[0] {
      let data = try studentData(
        pixels[step * perBatch..<(step + 1) * perBatch],
        labels: Array(labels[step * shape[1]..<(step + 1) * shape[1]]), geometry: student.geometry, pool: pool)
      let images = try (0..<data.count).map { try data.image($0, next: nil, thread: 0).image }
      let loss = student.gradient(
        parameters: parameters, images: images, objective: .labels(data.labels), into: &gradient
      ).loss
      #expect((loss - losses[step]).magnitude < 1e-4 * losses[step])
      adam.step(&parameters, gradient: gradient, learningRate: rates[step])
    }
    let final = try flat("final")
    // A key's bias shifts all scores of a row alike: its gradient is zero but for rounding, which Adam scales up to steps
    // of the learning rate's size. Nothing depends on it, so nothing is asserted about it.
    for parameter in student.layout.parameters where !parameter.name.hasSuffix("attn.k.bias") {
      for index in parameter.range {
        #expect((parameters[index] - final[index]).magnitude < 2e-5, "\(parameter.name)")
      }
    }
  }
}
