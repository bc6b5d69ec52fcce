import Architectures
import Artifacts
import CommandLineKit
import Datasets
import JSON
import Learners
import Measurement
import Metrics
import QuantumCircuits
import Threads
import Training
import TransformerKernels
import VectorMath
import VisionTransformers

extension Benchmark {
  /// Trains a student on the images of a dataset artifact, streamed from the file and held in memory, epoch by epoch in turn,
  /// and prints the images per second of both, by the time that passes. The first epochs, in which images are checked, do not
  /// count.
  static func measureStreaming(of path: String, model: String, threads: Int, windows: Int) throws {
    let dataset = try DatasetArtifact(path: path)
    let pool = WorkerPool(threads: threads)
    let student = VisionTransformer(
      VisionTransformerArchitecture(
        imageSize: dataset.header.resolution, classes: dataset.contents.classNames.count,
        circuit: model == "vit" ? nil : CircuitDesign(layout: PairLayout.chain.pairs(qubits: 4))),
      channels: dataset.contents.channels, pool: pool)
    guard !student.geometry.repacks else { throw UsageError("--task streaming needs images of 224 pixels") }
    var runs = try [
      "streamed": EpochRun(student) { try dataset.streamed($0, student.geometry, pool) },
      "memory": EpochRun(student) { try dataset.inMemory($0, student.geometry, pool) },
    ]
    var rates: [String: [Double]] = [:]
    for window in 0...windows {
      for name in runs.keys.sorted() {
        let start = Clock.wall.now
        let images = try runs[name]?.epoch() ?? 0
        if window > 0 { rates[name, default: []].append(Double(images) / (Clock.wall.now - start)) }
        try Interruption.check()
      }
    }
    let ratios = zip(rates["streamed"] ?? [], rates["memory"] ?? []).map { $0 / $1 }
    try printLine(rates.mapValues { .spread(of: $0) }.merging(["ratio": .spread(of: ratios)]) { first, _ in first })
  }
}

/// A training of which one epoch after the other is measured.
private struct EpochRun {
  private let trainer: Trainer<VisionTransformerLearner>
  private var state: TrainingState

  init(_ student: VisionTransformer, _ data: (Split) throws -> PreparedImages) throws {
    var settings = TrainingSettings()
    settings.epochs = .max
    settings.milestones = []
    settings.selection = .lastEpoch
    let learner = VisionTransformerLearner(
      student: student, training: try data(.train), validation: try data(.val), task: .multiClass)
    trainer = Trainer(learner, settings: settings, seed: 1)
    state = TrainingState(parameters: student.layout.initialParameters(seed: 1), settings: settings.adam)
  }

  /// Runs an epoch; returns its images, those of the validation included.
  mutating func epoch() throws -> Int {
    _ = try trainer.advance(&state)
    return trainer.learner.trainingCount + trainer.learner.validation.count
  }
}

extension DatasetArtifact {
  /// A split's images, read from the file whenever they are needed.
  fileprivate func streamed(_ split: Split, _ geometry: PatchGeometry, _ pool: WorkerPool) throws -> PreparedImages {
    let stream = ImageStream {
      try readImages(split, $0..<$0 + 1, into: $1)
    } announce: {
      announceImage(split, $0)
    }
    return PreparedImages(labels: try labels(split).map(Int.init), geometry: geometry, pool: pool, stream: stream)
  }

  /// A split's images, read at once.
  func inMemory(_ split: Split, _ geometry: PatchGeometry, _ pool: WorkerPool) throws -> PreparedImages {
    try PreparedImages(labels: labels(split).map(Int.init), geometry: geometry, pool: pool) {
      try readImages(split, $0, into: $1)
    }
  }
}
