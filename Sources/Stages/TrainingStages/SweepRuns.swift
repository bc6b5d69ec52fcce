import Architectures
import Artifacts
import Metrics
import VectorMath
import JSON
import TransformerKernels
import CommandLineKit
import Configuration
import Datasets
import Failures
import Files
import Learners
import Losses
import StageSupport
import Threads
import Training
import VisionTransformers

/// The runs that a sweep lacks. Each is trained and measured on one thread, from its own settings and seed and the images
/// that all share, so that nothing of it depends on the others.
struct SweepRuns {
  /// A run that is not there.
  private struct Missing {
    let point: Int
    let seed: Int
  }

  private let sweep: SweepArtifact
  private let points: [MultiverseDeclaration.Point]
  private let dataset: DatasetArtifact
  private let pool: WorkerPool
  private let checkpoint: String
  /// Images in the kernels' layout: one set for all threads, or for each its own where images are streamed through a place
  /// that a thread has for itself.
  private let images: [[Split: PreparedImages]]

  /// - Throws: what reading the dataset throws.
  init(
    _ sweep: SweepArtifact, points: [MultiverseDeclaration.Point], dataset: DatasetArtifact, pool: WorkerPool,
    checkpoint: String
  ) throws {
    (self.sweep, self.points, self.dataset, self.pool, self.checkpoint) = (sweep, points, dataset, pool, checkpoint)
    // All points see the same images: their size and the normalisation, which is folded into weights, are no matter.
    let student = try points[0].settings.student(for: dataset, pool: WorkerPool(threads: 1))
    images = try (0..<(student.geometry.repacks ? 1 : pool.threads)).map { _ in
      try Dictionary(
        uniqueKeysWithValues: Split.allCases.map { split in
          (split, try dataset.studentData(split, student, WorkerPool(threads: 1)))
        })
    }
  }

  /// What the threads share.
  private struct Progress {
    var sweep: SweepArtifact
    let reporter: ProgressReporter
    var lastSaved: ContinuousClock.Instant
    var done: Int
    var failed = false
  }

  /// Trains what is missing.
  /// - Returns: the sweep with all its runs.
  /// - Throws: `Interrupted` after the runs that are done were saved; `SweepError`.
  func complete(checkpointInterval: Duration, style: ProgressReporter.Style) throws -> SweepArtifact {
    let missing = points.indices.flatMap { point in
      sweep.seeds.indices.filter { sweep.runs[point][$0] == nil }.map { Missing(point: point, seed: $0) }
    }
    let all = points.count * sweep.seeds.count
    let perEpoch = dataset.count(of: .train)
    func work(_ runs: [Missing]) -> Int { runs.reduce(0) { $0 + points[$1.point].settings.training.epochs * perEpoch } }
    let total = points.reduce(0) { $0 + $1.settings.training.epochs * perEpoch * sweep.seeds.count }
    let reporter = ProgressReporter(
      "sweep \(sweep.header.title)", total: total, alreadyDone: total - work(missing), style: style)
    if missing.count < all { reporter.note("\(all - missing.count) of \(all) runs are there") }
    let clock = ContinuousClock()
    let progress = Guarded(
      Progress(sweep: sweep, reporter: reporter, lastSaved: clock.now, done: all - missing.count))
    Interruption.postpone()
    do {
      try pool.run(chunks: missing.count) { chunk, thread in
        // One that failed ends them all; those under way stop at their next epoch.
        guard !Interruption.requested, !progress.withLock({ $0.failed }) else { return }
        let place = missing[chunk]
        do {
          guard let run = try train(place, images[thread % images.count], progress) else { return }
          try progress.withLock { shared in
            shared.sweep.runs[place.point][place.seed] = run
            shared.done += 1
            shared.reporter.update(status: "\(shared.done)/\(all) runs")
            guard shared.done < all, clock.now - shared.lastSaved > checkpointInterval else { return }
            try shared.sweep.write(to: checkpoint)
            shared.lastSaved = clock.now
          }
        } catch {
          progress.withLock { $0.failed = true }
          throw SweepError(
            reading: reading(points[place.point]), seed: sweep.seeds[place.seed], cause: error)
        }
      }
    } catch {
      try save(progress)
      throw error
    }
    let finished = progress.withLock { $0.sweep }
    guard finished.isComplete else {
      try save(progress)
      throw Interrupted()
    }
    progress.withLock { $0.reporter.finish() }
    return finished
  }

  private func save(_ progress: Guarded<Progress>) throws {
    try progress.withLock { shared in
      if shared.sweep.runs.contains(where: { $0.contains { $0 != nil } }) { try shared.sweep.write(to: checkpoint) }
    }
  }

  /// One run, as `train` and `evaluate` make it; nil if a signal asked to stop.
  private func train(
    _ place: Missing, _ images: [Split: PreparedImages], _ progress: Guarded<Progress>
  ) throws -> SweepArtifact.Run? {
    guard let training = images[.train], let validation = images[.val], let test = images[.test] else {
      preconditionFailure("a split without images")
    }
    let (settings, seed) = (points[place.point].settings, sweep.seeds[place.seed])
    let student = try settings.student(for: dataset, pool: WorkerPool(threads: 1))
    let trainer = settings.trainer(
      of: student, training: training, validation: validation, task: sweep.task, seed: seed)
    var state = TrainingState(
      parameters: student.layout.initialParameters(seed: seed), settings: settings.training.adam)
    while !trainer.isComplete(state) {
      let record = try trainer.advance(&state, pausing: { Interruption.requested })
      guard record != nil, !Interruption.requested, !progress.withLock({ $0.failed }) else { return nil }
      progress.withLock { $0.reporter.advance(by: training.count) }
    }
    guard let best = state.best else { preconditionFailure("a training of no epochs") }
    let record = state.history[best.epoch]
    let logits = try student.outputs(parameters: best.parameters, of: test).logits
    guard logits.allSatisfy(\.isFinite) else { throw TrainingError.notFinite(what: "the scores of the test images") }
    return SweepArtifact.Run(
      selectedEpoch: best.epoch + 1, validationAUC: record.validationAUC,
      validationAccuracy: record.validationAccuracy, scores: softmax(logits, classCount: sweep.classCount))
  }

  /// A point in words: what differs from the base.
  private func reading(_ point: MultiverseDeclaration.Point) -> String {
    let differences = zip(sweep.axes, point.levels).filter { $0.1 != 0 }.map { "\($0.0) \($0.1 + 1)" }
    return differences.isEmpty ? "the base" : differences.joined(separator: ", ")
  }
}

/// A run of a sweep that cannot be finished.
struct SweepError: Failure {
  /// The values that differ from the base's, by their numbers.
  let reading: String
  let seed: UInt64
  let cause: any Error

  /// That of the cause.
  var kind: FailureKind { (cause as? any Failure)?.kind ?? .internalError }

  /// One line.
  var description: String { "seed \(seed) of \(reading): \(cause)" }
}
