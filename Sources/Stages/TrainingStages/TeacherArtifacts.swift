import Architectures
import Configuration
import Learners
import StageSupport
import Threads
import Artifacts
import CommandLineKit
import Datasets
import Files
import Metrics
import VectorMath
import TinyViT
import Training

// How the teacher meets its artifacts: images of the side it sees, weights by name.

extension TeacherArtifact {
  /// The model with the parameters and statistics of the artifact at `path`.
  /// - Throws: `ArtifactError` for tensors that are not the model's; `SettingsError`.
  func model(path: String) throws -> TinyViTModel {
    let settings = try TeacherSettings(recordedIn: header, path: path)
    let model = TinyViTModel(settings.architecture.configuration(penultimate: width, classes: classes), seed: 0)
    model.parameterValues = try TinyViTModel.flat(parameters, model.parameterPlaces, path: path)
    model.statisticValues = try TinyViTModel.flat(statistics, model.statisticPlaces, path: path)
    return model
  }
}

extension DatasetArtifact {
  /// Memory for images that were made small.
  private static let keptBytes = 64 << 20

  /// A split's images as a teacher reads them that sees `side` pixels.
  func teacherSplit(_ split: Split, side: Int) throws -> TinyViTLearner.Split {
    let resolution = header.resolution
    try requireImages(split)
    let fit = SquareFit(from: resolution, to: side, channels: contents.channels)
    let piece = AlignedMemory<UInt8>(count: imageSize)
    // Making a large image small takes as long as a little teacher works on it, and the small ones are small.
    var kept: [Int: [UInt8]] = [:]
    let room = resolution > side ? Self.keptBytes / (side * side * contents.channels) : 0
    return TinyViTLearner.Split(labels: try labels(split).map(Int.init)) { index, image in
      guard resolution != side else { return try readImages(split, index..<index + 1, into: image) }
      if let known = kept[index] {
        _ = image.update(fromContentsOf: known)
        return
      }
      try readImages(split, index..<index + 1, into: piece.elements)
      fit(UnsafeBufferPointer(piece.elements), into: image)
      if kept.count < room { kept[index] = Array(image) }
    }
  }
}

extension TinyViTModel {
  /// Named arrays of a flat vector.
  static func named(_ values: [Float], _ places: [TensorPlace]) -> [NamedArray] {
    places.map { .init(name: $0.name, shape: $0.shape, values: Array(values[$0.range])) }
  }

  /// The flat vector of named arrays, which must be exactly those of `places`.
  /// - Throws: `ArtifactError` naming the first that differs.
  static func flat(_ named: [NamedArray], _ places: [TensorPlace], path: String) throws -> [Float] {
    guard named.count == places.count else {
      throw ArtifactError.invalidValue(
        path: path, object: "/parameters", expected: "\(places.count) arrays", found: "\(named.count)")
    }
    var values: [Float] = []
    for (stored, place) in zip(named, places) {
      guard stored.name == place.name, stored.shape == place.shape else {
        throw ArtifactError.invalidValue(
          path: path, object: "/parameters/\(stored.name)", expected: "\(place.name) \(place.shape)",
          found: "\(stored.name) \(stored.shape)")
      }
      try requireFinite(stored.values, path: path, object: "/parameters/\(stored.name)")
      values += stored.values
    }
    return values
  }
}

extension TeacherSettings {
  /// About what a training step keeps of one image: 50 MB with TinyViT-5M, of which 40 are its activations.
  var activationBytes: Int {
    let floats = architecture.configuration(penultimate: qubits, classes: 2).activationCount
    return floats * MemoryLayout<Float>.size * 5 / 4
  }

  /// A teacher on a dataset.
  func learner(_ model: TinyViTModel, _ dataset: DatasetArtifact, pool: WorkerPool) throws -> TinyViTLearner {
    // A failure of the kernels to get memory for the activations of a batch would end the process.
    if training.epochs > 0 { try requireMemory(training.batchSize * activationBytes, for: dataset.path) }
    return TinyViTLearner(
      model: model,
      makeTrainer: {
        TinyViTBackpropagation(
          model, batchSize: training.batchSize, mode: batchNorm, normalisation: normalisation, precision: precision,
          pool: pool)
      },
      makeInference: { TinyViTInference(model, normalisation: normalisation, precision: precision, pool: pool) },
      training: try dataset.teacherSplit(.train, side: architecture.imageSide),
      validation: try dataset.teacherSplit(.val, side: architecture.imageSide),
      task: dataset.contents.task, channels: dataset.contents.channels)
  }
}
