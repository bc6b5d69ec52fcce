import Architectures
import Losses
public import Training
public import Datasets
import Metrics
import TransformerKernels
public import VisionTransformers

/// A student on the prepared images of a dataset, fitted to labels or to a teacher.
public struct VisionTransformerLearner: Learner {
  /// What the student is fitted to.
  public enum Target {
    /// The labels of the images.
    case labels
    /// A teacher's penultimate vectors, `[N, C]` of the training and the validation split.
    case penultimate(training: [Float], validation: [Float])
    /// A teacher's logits, `[N, K]` of the training and the validation split.
    case logits(training: [Float], validation: [Float])
  }

  /// The student.
  public let student: VisionTransformer
  /// What is learned from.
  public let training: PreparedImages
  /// What it is validated on.
  public let validation: PreparedImages
  /// How scores become AUC and accuracy.
  public let task: ClassificationTask
  /// What is fitted.
  public let target: Target
  /// What dropout's masks are drawn from, together with the epoch and the image's index: they depend neither on batches and
  /// threads nor on interruptions.
  public let dropout: (seed: UInt64, purpose: String)

  /// A student and its data. `dropoutPurpose` is for trainings of one seed that follow each other: they drop by different
  /// masks.
  /// - Precondition: a target for every image.
  public init(
    student: VisionTransformer, training: PreparedImages, validation: PreparedImages, task: ClassificationTask,
    target: Target = .labels, seed: UInt64 = 0, dropoutPurpose: String = "dropout"
  ) {
    self.student = student
    self.training = training
    self.validation = validation
    self.task = task
    self.target = target
    dropout = (seed, dropoutPurpose)
    switch target {
    case .labels: break
    case .penultimate(let a, let b):
      Self.require(a, b, student.architecture.qubits, training, validation)
    case .logits(let a, let b):
      Self.require(a, b, student.architecture.classes, training, validation)
    }
  }

  private static func require(
    _ a: [Float], _ b: [Float], _ width: Int, _ training: PreparedImages, _ validation: PreparedImages
  ) {
    precondition(
      a.count == training.count * width && b.count == validation.count * width,
      "\(a.count) and \(b.count) targets for \(training.count) and \(validation.count) images of \(width) each")
  }

  /// P.
  public var parameterCount: Int { student.layout.count }
  /// Images of the training split.
  public var trainingCount: Int { training.count }

  /// The student's name of a parameter.
  public func parameterName(at index: Int) -> String {
    student.layout.parameters.first { $0.range.contains(index) }?.name ?? "a parameter"
  }

  /// A student has no statistics.
  public func statisticName(at index: Int) -> String { preconditionFailure("a student has no statistics") }

  /// The student's gradient; a student has no statistics.
  public func gradient(
    ofBatch batch: ArraySlice<Int>, epoch: Int, upcoming: ArraySlice<Int>, parameters: [Float],
    statistics: inout [Float], into gradient: inout [Float]
  ) throws -> (loss: Double, correct: Int) {
    let objective: VisionTransformer.Objective =
      switch target {
      case .labels: .labels(batch.map { training.labels[$0] })
      case .penultimate(let all, _): .penultimate(Self.rows(batch, of: all, width: student.architecture.qubits))
      case .logits(let all, _): .logits(Self.rows(batch, of: all, width: student.architecture.classes))
      }
    let masks: [ImageDropout]? =
      student.architecture.dropout > 0
      ? batch.map { ImageDropout(seed: dropout.seed, purpose: dropout.purpose, epoch: epoch, image: $0) } : nil
    return try student.gradient(
      parameters: parameters, batch: batch.count, objective: objective, dropout: masks, into: &gradient
    ) { place, thread in
      let index = batch.startIndex + place
      if place < upcoming.count { training.announce(upcoming[upcoming.startIndex + place]) }
      return try training.image(batch[index], next: index + 1 < batch.endIndex ? batch[index + 1] : nil, thread: thread)
    }
  }

  private static func rows(_ batch: ArraySlice<Int>, of all: [Float], width: Int) -> [Float] {
    batch.flatMap { all[$0 * width..<($0 + 1) * width] }
  }

  /// Cross-entropy, AUC and accuracy on the validation split, or the mean squared error to the teacher.
  public func validate(
    parameters: [Float], statistics: [Float], evaluated: (_ images: Int) throws -> Void
  ) throws -> Validation {
    let (logits, penultimate) = try student.outputs(parameters: parameters, of: validation, evaluated: evaluated)
    switch target {
    case .labels:
      guard logits.allSatisfy(\.isFinite) else { return Validation(loss: .nan, auc: nil, accuracy: .nan) }
      return Validation(logits: logits, labels: validation.labels, classes: student.architecture.classes, task: task)
    case .penultimate(_, let wanted):
      return Validation(loss: Self.meanSquare(penultimate, wanted), auc: nil, accuracy: .nan)
    case .logits(_, let wanted):
      return Validation(loss: Self.meanSquare(logits, wanted), auc: nil, accuracy: .nan)
    }
  }

  private static func meanSquare(_ found: [Float], _ wanted: [Float]) -> Double {
    meanSquaredError(found.map(Double.init), target: wanted.map(Double.init), batch: 1).loss
  }
}

extension VisionTransformer {
  /// Logits `[N, K]` and penultimate vectors `[N, C]` of all images of a split. `evaluated` hears the number of images of
  /// each piece; an error of its ends the pass.
  /// - Throws: what reading the images throws, and what `evaluated` throws.
  public func outputs(
    parameters: [Float], of data: PreparedImages, evaluated: (_ images: Int) throws -> Void = { _ in }
  ) throws -> (logits: [Float], penultimate: [Float]) {
    var (logits, penultimate): ([Float], [Float]) = ([], [])
    for start in stride(from: 0, to: data.count, by: Self.imagesPerPiece) {
      let count = min(Self.imagesPerPiece, data.count - start)
      let piece = try outputs(parameters: parameters, count: count) { place, thread in
        let index = start + place
        if index + Self.imagesAhead < data.count { data.announce(index + Self.imagesAhead) }
        return try data.image(index, next: index + 1 < data.count ? index + 1 : nil, thread: thread)
      }
      logits += piece.logits
      penultimate += piece.penultimate
      try evaluated(count)
    }
    return (logits, penultimate)
  }

  /// Images that are evaluated without asking whether to go on: some tenths of a second at 224 pixels.
  private static let imagesPerPiece = 512
  /// Images that are announced before they are wanted.
  private static let imagesAhead = 128
}
