public import Architectures
import Configuration
import Learners
import StageSupport
import Threads
public import Artifacts
import Datasets
import Files
import Metrics
import VectorMath
import QuantumCircuits
import JSON
import TransformerKernels
import VisionTransformers
import Training

// How students and datasets meet their artifacts: headers, parameters by name, images in the kernels' layout.

extension StudentSettings {
  /// The student for a dataset's images and classes.
  /// - Throws: `ArtifactError` if the dataset does not suit a student.
  func student(for dataset: DatasetArtifact, pool: WorkerPool) throws -> VisionTransformer {
    let architecture = architecture(imageSize: dataset.header.resolution, classes: dataset.contents.classNames.count)
    if let problem = architecture.problem {
      throw ArtifactError.invalidValue(
        path: dataset.path, object: "/", expected: "a dataset for a student", found: problem)
    }
    return VisionTransformer(
      architecture, channels: dataset.contents.channels, pool: pool, method: circuitMethod, attention: attention)
  }

  /// The training of a student on labels.
  func trainer(
    of student: VisionTransformer, training: PreparedImages, validation: PreparedImages, task: ClassificationTask,
    seed: UInt64
  ) -> Trainer<VisionTransformerLearner> {
    Trainer(
      VisionTransformerLearner(
        student: student, training: training, validation: validation, task: task, seed: seed),
      settings: self.training, seed: seed)
  }

  /// Trained numbers of the student for images and classes.
  func trainedCount(imageSize: Int, classes: Int) -> Int {
    ParameterLayout(architecture(imageSize: imageSize, classes: classes)).trainedCount
  }

  /// The header of a student artifact.
  func header(
    variant: String, dataset: DatasetArtifact, seed: UInt64, regime: Regime, ancestors: [Ancestor] = []
  ) throws -> ArtifactHeader {
    ArtifactHeader(
      kind: .student, of: dataset.header,
      title: "\(variant)_\(dataset.header.resolution) on \(dataset.header.dataset), \(regime.rawValue), seed \(seed)",
      seed: seed, configuration: recorded.canonicalText, inputs: [dataset.asInput],
      model: ArtifactModel(variant: variant, regime: regime, kind: kind),
      descent: Descent(Generation(images: try dataset.asDescent()), ancestors: ancestors))
  }
}

extension DatasetArtifact {
  /// As an input of another artifact.
  var asInput: ArtifactInput {
    ArtifactInput(role: .dataset, fileName: fileName(of: path), contentSHA256: contentSHA256)
  }

  /// - Throws: `ArtifactError` if a model was not made from this dataset.
  func requireSource(of model: ArtifactHeader, _ path: String) throws {
    guard model.dataset == header.dataset, model.resolution == header.resolution else {
      throw ArtifactError.invalidValue(
        path: path, object: "/dataset", expected: "\(header.dataset) at \(header.resolution) pixels",
        found: "\(model.dataset) at \(model.resolution) pixels")
    }
    let found = model.inputs.first { $0.role == .dataset }?.contentSHA256 ?? "unknown"
    guard found == contentSHA256 else {
      throw ArtifactError.invalidValue(
        path: path, object: "/inputs", expected: "made from \(self.path) (content \(contentSHA256.prefix(12))…)",
        found: "made from other data (content \(found.prefix(12))…)")
    }
  }

  /// - Throws: `ArtifactError` for a split without images: nothing can be learned or measured there.
  func requireImages(_ split: Split) throws {
    guard count(of: split) > 0 else {
      throw ArtifactError.invalidValue(
        path: path, object: "/\(split.rawValue)/images", expected: "at least one image", found: "none")
    }
  }

  /// Makes sure, before any work is done, that the AUC that selects the epoch is defined.
  /// - Throws: `ArtifactError` if the validation split lacks a class.
  func requireValidation(for selection: TrainingSettings.Selection) throws {
    guard selection == .bestValidationAUC else { return }
    let present = Set(try labels(.val).map(Int.init))
    if let index = contents.classNames.indices.first(where: { !present.contains($0) }) {
      throw ArtifactError.invalidValue(
        path: path, object: "/val/labels",
        expected:
          "images of every class, because their AUC selects the epoch (training.selection 'last-epoch' needs none)",
        found: "none of class \(index) (\(contents.classNames[index]))")
    }
  }

  /// What scores `[N, K]` of a split's images are worth.
  /// - Throws: `EvaluationError`, `ArtifactError`, `HDF5Error`.
  func evaluation(of split: Split, scores: [Float]) throws -> SplitEvaluation {
    try SplitEvaluation(
      of: split, scores: scores, labels: labels(split).map(Int.init), classCount: contents.classNames.count,
      task: contents.task, duplicatesOfTrain: duplicatesOfTrain(split))
  }

  /// What logits `[N, K]` of a split's images are worth.
  /// - Throws: `EvaluationError`, `ArtifactError`, `HDF5Error`.
  func evaluation(of split: Split, logits: [Float]) throws -> SplitEvaluation {
    try SplitEvaluation(
      of: split, logits: logits, labels: labels(split).map(Int.init), classCount: contents.classNames.count,
      task: contents.task, duplicatesOfTrain: duplicatesOfTrain(split))
  }

  private func duplicatesOfTrain(_ split: Split) throws -> Int {
    try statistics(split).duplicateImages[.train, default: 0]
  }

  /// The header of an evaluation of what is no student and no teacher of this dataset.
  func evaluationHeader(
    of model: ArtifactModel, title: String, configuration: JSONValue, inputs: [ArtifactInput]
  ) throws -> ArtifactHeader {
    ArtifactHeader(
      kind: .evaluation, of: header, title: title, seed: 0, configuration: configuration.canonicalText,
      inputs: [asInput] + inputs, model: model, descent: Descent(Generation(images: try asDescent())))
  }

  /// A split's images in the kernels' layout, with their labels: small images in memory, large ones streamed.
  func studentData(_ split: Split, _ student: VisionTransformer, _ pool: WorkerPool) throws -> PreparedImages {
    try requireImages(split)
    let (labels, geometry) = (try labels(split).map(Int.init), student.geometry)
    guard geometry.repacks else {
      let stream = ImageStream { index, image in
        try readImages(split, index..<index + 1, into: image)
      } announce: {
        announceImage(split, $0)
      }
      return PreparedImages(labels: labels, geometry: geometry, pool: pool, stream: stream)
    }
    try requireMemory(labels.count * geometry.preparedBytes, for: path)
    return try PreparedImages(labels: labels, geometry: geometry, pool: pool) { range, images in
      try readImages(split, range, into: images)
    }
  }
}

extension ParameterLayout {
  /// The parameters by name.
  func named(_ values: [Float]) -> [NamedArray] {
    parameters.map { .init(name: $0.name, shape: $0.shape, values: Array(values[$0.range])) }
  }

  /// The flat vector of named parameters, which must be exactly those of this layout.
  /// - Throws: `ArtifactError` naming the first parameter that is missing, unknown or of another shape.
  public func flat(_ named: [NamedArray], path: String) throws -> [Float] {
    var values = [Float](repeating: 0, count: count)
    var missing = Set(parameters.map(\.name))
    for stored in named {
      guard let parameter = parameter(named: stored.name), parameter.shape == stored.shape else {
        throw ArtifactError.invalidValue(
          path: path, object: "/parameters/\(stored.name)",
          expected: self.parameter(named: stored.name).map { "shape \($0.shape)" } ?? "no such parameter",
          found: "shape \(stored.shape)")
      }
      try requireFinite(stored.values, path: path, object: "/parameters/\(stored.name)")
      values.replaceSubrange(parameter.range, with: stored.values)
      missing.remove(stored.name)
    }
    if let name = missing.sorted().first {
      throw ArtifactError.invalidValue(
        path: path, object: "/parameters/\(name)", expected: "the parameter", found: "nothing")
    }
    return values
  }
}

/// - Throws: `ArtifactError` naming the first number that is NaN or infinite.
func requireFinite(_ values: [Float], path: String, object: String) throws(ArtifactError) {
  guard let place = values.firstIndex(where: { !$0.isFinite }) else { return }
  throw .invalidValue(
    path: path, object: object, expected: "finite numbers", found: "\(values[place]) at element \(place)")
}

/// - Parameter reason: what is expected, in words, behind the value.
/// - Throws: `ArtifactError` if what an artifact says at `object` is not what this command needs.
func requireEqual<Value: Equatable>(
  _ path: String, _ object: String, expected: Value, found: Value, because reason: String? = nil
) throws(ArtifactError) {
  guard expected != found else { return }
  func text(_ value: Value) -> String {
    if let word = value as? any RawRepresentable { "\(word.rawValue)" } else { "\(value)" }
  }
  throw .invalidValue(
    path: path, object: object, expected: text(expected) + (reason.map { " (\($0))" } ?? ""), found: text(found))
}

/// The variant that a settings file defines: its name.
func variant(ofSettings path: String) -> String { fileName(of: path, without: ".json") }
