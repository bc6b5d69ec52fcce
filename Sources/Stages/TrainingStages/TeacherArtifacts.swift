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

// How the teacher meets its artifacts: images at 224 pixels, weights by name.

extension TeacherArtifact {
  /// The model with the parameters and statistics of the artifact at `path`.
  /// - Throws: `ArtifactError` for tensors that are not the model's.
  func model(path: String) throws -> TinyViTModel {
    let model = TinyViTModel(.fiveMillion(penultimate: width, classes: classes), seed: 0)
    model.parameterValues = try TinyViTModel.flat(parameters, model.parameterPlaces, path: path)
    model.statisticValues = try TinyViTModel.flat(statistics, model.statisticPlaces, path: path)
    return model
  }
}

extension DatasetArtifact {
  /// A split's images as the teacher reads them: 224 pixels; smaller images are enlarged by repeating pixels, as
  /// MedMNIST's script does.
  func teacherSplit(_ split: Split) throws -> TinyViTLearner.Split {
    let side = TinyViTConfiguration.side
    let (resolution, channels) = (header.resolution, contents.channels)
    guard side % resolution == 0 else {
      throw ArtifactError.invalidValue(
        path: path, object: "/resolution", expected: "a divisor of \(side)", found: "\(resolution)")
    }
    try requireImages(split)
    let enlarge = PixelRepetition(side: resolution, channels: channels, factor: side / resolution)
    let piece = AlignedMemory<UInt8>(count: imageSize)
    return TinyViTLearner.Split(labels: try labels(split).map(Int.init)) { index, image in
      guard resolution < side else { return try readImages(split, index..<index + 1, into: image) }
      try readImages(split, index..<index + 1, into: piece.elements)
      enlarge(UnsafeBufferPointer(piece.elements), into: image)
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
  /// About what a training step keeps of one image.
  private static let activationBytes = 50 << 20

  /// A teacher on a dataset.
  func learner(_ model: TinyViTModel, _ dataset: DatasetArtifact, pool: WorkerPool) throws -> TinyViTLearner {
    // A failure of the kernels to get memory for the activations of a batch would end the process.
    if training.epochs > 0 { try requireMemory(training.batchSize * Self.activationBytes, for: dataset.path) }
    return TinyViTLearner(
      model: model,
      makeTrainer: {
        TinyViTBackpropagation(
          model, batchSize: training.batchSize, mode: batchNorm, normalisation: normalisation, pool: pool)
      },
      makeInference: { TinyViTInference(model, normalisation: normalisation, pool: pool) },
      training: try dataset.teacherSplit(.train), validation: try dataset.teacherSplit(.val),
      task: dataset.contents.task, channels: dataset.contents.channels)
  }
}
