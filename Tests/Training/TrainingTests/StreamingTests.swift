import Datasets
import Architectures
import Learners
import Glibc
import Threads
import Metrics
import VectorMath
import QuantumCircuits
import TransformerKernels
import VisionTransformers
import Synchronization
import Testing
import Training

/// Images of 224 pixels whose class shows in their brightness, as a file would hold them.
private struct LargeImages {
  static let geometry = PatchGeometry(imageSize: 224, channels: 1)
  let labels: [Int]
  let pixels: [UInt8]

  init(_ count: Int, seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: "large images")
    labels = (0..<count).map { $0 % 3 }
    pixels = labels.flatMap { label in
      (0..<Self.geometry.imageBytes).map { _ in UInt8(truncatingIfNeeded: 40 * label + Int(stream.next() >> 25)) }
    }
  }

  func copy(_ range: Range<Int>, to images: UnsafeMutableBufferPointer<UInt8>) {
    let size = Self.geometry.imageBytes
    _ = images.update(from: pixels[range.lowerBound * size..<range.upperBound * size])
  }

  func inMemory(_ pool: WorkerPool) throws -> PreparedImages {
    try PreparedImages(labels: labels, geometry: Self.geometry, pool: pool) { copy($0, to: $1) }
  }

  /// With as many processors to spare, some images are read ahead.
  func streamed(
    _ pool: WorkerPool, spare: Int = 0, _ hear: @escaping @Sendable (Event) throws -> Void = { _ in }
  ) -> PreparedImages {
    let stream = ImageStream { index, image in
      try hear(.read(index))
      copy(index..<index + 1, to: image)
    } announce: {
      try? hear(.announced($0))
    }
    return PreparedImages(
      labels: labels, geometry: Self.geometry, pool: pool, stream: stream, processors: pool.threads + spare)
  }

  enum Event: Hashable {
    case announced(Int)
    case read(Int)
  }
}

private struct Failed: Error, Equatable {}

private func learner(
  _ projection: ProjectionKind, _ pool: WorkerPool, _ training: PreparedImages, _ validation: PreparedImages
)
  -> VisionTransformerLearner
{
  let architecture = VisionTransformerArchitecture(
    imageSize: 224, classes: 3,
    circuit: projection == .circuit ? CircuitDesign(layout: PairLayout.chain.pairs(qubits: 4)) : nil)
  let student = VisionTransformer(architecture, channels: 1, pool: pool)
  return VisionTransformerLearner(student: student, training: training, validation: validation, task: .multiClass)
}

enum ProjectionKind: CaseIterable { case linear, circuit }

private let settings = {
  var settings = TrainingSettings()
  settings.epochs = 2
  settings.batchSize = 5
  return settings
}()

private func start(_ learner: VisionTransformerLearner) -> TrainingState {
  TrainingState(parameters: learner.student.layout.initialParameters(seed: 1), settings: settings.adam)
}

private func train(_ learner: VisionTransformerLearner) throws -> TrainingState {
  let trainer = Trainer(learner, settings: settings, seed: 1)
  var state = start(learner)
  while !trainer.isComplete(state) { _ = try trainer.advance(&state) }
  return state
}

@Suite("Images streamed from a file") struct StreamingTests {
  private let training = LargeImages(23, seed: 1)
  private let validation = LargeImages(150, seed: 2)

  @Test("give the bits of images in memory", arguments: ProjectionKind.allCases)
  func sameBits(projection: ProjectionKind) throws {
    var results: [(parameters: [UInt32], history: [EpochRecord])] = []
    for threads in [1, 2] {
      let pool = WorkerPool(threads: threads)
      for (a, b) in [
        (try training.inMemory(pool), try validation.inMemory(pool)),
        (training.streamed(pool), validation.streamed(pool)),
      ] {
        let end = try train(learner(projection, pool, a, b))
        results.append((end.parameters.map(\.bitPattern), end.history))
      }
    }
    for result in results.dropFirst() {
      #expect(result.parameters == results[0].parameters)
      #expect(result.history == results[0].history)
    }
  }

  @Test("are read once an epoch in its order, and announced four batches before")
  func order() throws {
    let events = Guarded<[LargeImages.Event]>([])
    let pool = WorkerPool(threads: 1)
    let data = training.streamed(pool) { event in events.withLock { $0.append(event) } }
    _ = try train(learner(.linear, pool, data, validation.streamed(pool)))
    let all = events.withLock { $0 }
    let reads = all.compactMap { if case .read(let index) = $0 { index } else { nil } }
    #expect(reads.count == 2 * 23)
    for epoch in 0..<2 {
      var stream = RandomStream(seed: 1, purpose: "shuffle", UInt64(epoch))
      #expect(Array(reads[epoch * 23..<(epoch + 1) * 23]) == stream.permutation(of: 23))
    }
    // The batches that are four steps or more from the epoch's beginning: 5, the last one of three images.
    let announced = all.compactMap { if case .announced(let index) = $0 { index } else { nil } }
    #expect(announced == [Array(reads[20..<23]), Array(reads[43..<46])].flatMap(\.self))
    #expect(all.firstIndex(of: .announced(reads[20])).map { $0 < 2 } == true)
  }

  @Test("that cannot be read stop the training before the step", arguments: [1, 2])
  func failure(threads: Int) throws {
    let pool = WorkerPool(threads: threads)
    let counter = Counter()
    let data = training.streamed(pool) { event in
      guard case .read = event else { return }
      if counter.next() == 12 { throw Failed() }
    }
    let learner = learner(.circuit, pool, data, validation.streamed(pool))
    let trainer = Trainer(learner, settings: settings, seed: 1)
    var state = start(learner)
    #expect(throws: Failed()) { _ = try trainer.advance(&state) }
    #expect(state.step == 2 && state.optimizer.steps == 2)
    // What was kept goes on to the same end.
    let whole = try train(TrainingTests.learner(.circuit, pool, training.inMemory(pool), validation.inMemory(pool)))
    while !trainer.isComplete(state) { _ = try trainer.advance(&state) }
    #expect(state.parameters == whole.parameters)
  }

  @Test("that cannot be read stop the validation too")
  func failureInValidation() throws {
    let pool = WorkerPool(threads: 2)
    let data = validation.streamed(pool) { event in if event == .read(140) { throw Failed() } }
    let learner = learner(.linear, pool, training.streamed(pool), data)
    #expect(throws: Failed()) {
      try learner.validate(parameters: start(learner).parameters, statistics: [], evaluated: { _ in })
    }
  }

  @Test(
    "give the same bits read ahead, by threads beside those that compute", arguments: [(1, 1), (1, 4), (2, 1), (4, 3)])
  func ahead(threads: Int, spare: Int) throws {
    let pool = WorkerPool(threads: threads)
    let whole = try train(learner(.circuit, pool, training.inMemory(pool), validation.inMemory(pool)))
    // pthread_self() of those that read.
    let readers = Guarded<Set<pthread_t>>([])
    @Sendable func hear(_ event: LargeImages.Event) {
      guard case .read = event else { return }
      _ = readers.withLock { $0.insert(pthread_self()) }
      // Computing is quick here; readers get the time that it would give them.
      usleep(500)
    }
    let end = try train(
      learner(
        .circuit, pool, training.streamed(pool, spare: spare, hear), validation.streamed(pool, spare: spare, hear)))
    #expect(end.parameters == whole.parameters && end.history == whole.history)
    #expect(readers.withLock { !$0.subtracting([pthread_self()]).isEmpty })
  }

  @Test("that cannot be read ahead stop the training when they are wanted", arguments: [1, 2])
  func failureAhead(threads: Int) throws {
    let pool = WorkerPool(threads: threads)
    let isBroken = Guarded(true)
    // The last image of the first epoch: it is announced in the first batch.
    var order = RandomStream(seed: 1, purpose: "shuffle", 0)
    let last = order.permutation(of: training.labels.count)[22]
    let data = training.streamed(pool, spare: 2) { event in
      if event == .read(last), isBroken.withLock({ $0 }) { throw Failed() }
    }
    let learner = learner(.circuit, pool, data, validation.streamed(pool, spare: 2))
    let trainer = Trainer(learner, settings: settings, seed: 1)
    var state = start(learner)
    #expect(throws: Failed()) { _ = try trainer.advance(&state) }
    #expect(state.step == 4 && state.optimizer.steps == 4)
    isBroken.withLock { $0 = false }
    let whole = try train(TrainingTests.learner(.circuit, pool, training.inMemory(pool), validation.inMemory(pool)))
    while !trainer.isComplete(state) { _ = try trainer.advance(&state) }
    #expect(state.parameters == whole.parameters)
  }

  @Test("of a split without images are none")
  func none() throws {
    let pool = WorkerPool(threads: 1)
    let data = LargeImages(0, seed: 1).streamed(pool)
    let student = learner(.linear, pool, data, data).student
    let outputs = try student.outputs(parameters: student.layout.initialParameters(seed: 1), of: data)
    #expect(outputs.logits.isEmpty && outputs.penultimate.isEmpty)
  }
}

private final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
