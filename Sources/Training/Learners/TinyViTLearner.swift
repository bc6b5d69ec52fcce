import Architectures
public import Training
public import Datasets
import Metrics
public import TinyViT

/// TinyViT on the images of a dataset, end to end.
///
/// Images are read when they are needed, one by one: at 224 pixels a step computes far longer than it reads.
public final class TinyViTLearner: Learner {
  /// Fills a buffer with image `index` of a split, `[side, side, channels]`.
  public typealias ImageReader = (_ index: Int, _ image: UnsafeMutableBufferPointer<UInt8>) throws -> Void

  /// The images of a split with their labels.
  public struct Split {
    /// `[N]`.
    public let labels: [Int]
    /// Reads an image.
    public let read: ImageReader

    /// A split of N images.
    public init(labels: [Int], read: @escaping ImageReader) {
      self.labels = labels
      self.read = read
    }
  }

  /// The model, whose parameters are those of the last call.
  public let model: TinyViTModel
  /// Takes memory for the activations of a batch, more than a gigabyte: made when a step asks for it.
  private lazy var trainer = makeTrainer()
  private let makeTrainer: () -> TinyViTBackpropagation
  private let makeInference: () -> TinyViTInference
  private let training: Split
  private let validation: Split
  private let task: ClassificationTask
  private let channels: Int

  /// A teacher and its data.
  /// - Parameters:
  ///   - makeTrainer: prepares forward and backward of a batch.
  ///   - makeInference: packs the model's present weights for evaluation.
  public init(
    model: TinyViTModel, makeTrainer: @escaping () -> TinyViTBackpropagation,
    makeInference: @escaping () -> TinyViTInference, training: Split, validation: Split, task: ClassificationTask,
    channels: Int
  ) {
    self.model = model
    self.makeTrainer = makeTrainer
    self.makeInference = makeInference
    self.training = training
    self.validation = validation
    self.task = task
    self.channels = channels
  }

  /// P.
  public var parameterCount: Int { model.parameterCount }
  /// Images of the training split.
  public var trainingCount: Int { training.labels.count }

  /// timm's name of a parameter.
  public func parameterName(at index: Int) -> String {
    model.parameterPlaces.first { $0.range.contains(index) }?.name ?? "a parameter"
  }

  /// timm's name of a running mean or variance.
  public func statisticName(at index: Int) -> String {
    model.statisticPlaces.first { $0.range.contains(index) }?.name ?? "a statistic"
  }

  /// Forward and backward of a batch; nothing in it is random.
  public func gradient(
    ofBatch batch: ArraySlice<Int>, epoch: Int, upcoming: ArraySlice<Int>, parameters: [Float],
    statistics: inout [Float], into gradient: inout [Float]
  ) throws -> (loss: Double, correct: Int) {
    model.parameterValues = parameters
    model.statisticValues = statistics
    let labels = batch.map { training.labels[$0] }
    let step = trainer.step(images: try images(batch, of: training), channels: channels, labels: labels)
    statistics = model.statisticValues
    gradient = trainer.gradients
    let correct = zip(step.logits, labels).count { logits, label in
      logits.indices.max { logits[$0] < logits[$1] } == label
    }
    return (step.loss, correct)
  }

  /// Cross-entropy, AUC and accuracy on the validation split.
  public func validate(
    parameters: [Float], statistics: [Float], evaluated: (_ images: Int) throws -> Void
  ) throws -> Validation {
    let logits = try outputs(
      of: validation, parameters: parameters, statistics: statistics, evaluated: evaluated
    ).flatMap(\.logits)
    guard logits.allSatisfy(\.isFinite) else { return Validation(loss: .nan, auc: nil, accuracy: .nan) }
    return Validation(
      logits: logits, labels: validation.labels, classes: model.configuration.classes, task: task)
  }

  /// Penultimate vectors and logits of all images of a split, in order. `evaluated` hears the number of images of each
  /// piece.
  public func outputs(
    of split: Split, parameters: [Float], statistics: [Float], evaluated: (Int) throws -> Void = { _ in }
  ) throws -> [TinyViTOutput] {
    model.parameterValues = parameters
    model.statisticValues = statistics
    return try makeInference().outputs(of: split, channels: channels, evaluated: evaluated)
  }

  private func images(_ indices: ArraySlice<Int>, of split: Split) throws -> [UInt8] {
    try split.images(indices, side: model.configuration.imageSide, channels: channels)
  }
}

extension TinyViTLearner.Split {
  /// The pixels of some images, one behind the other.
  fileprivate func images(_ indices: some Collection<Int>, side: Int, channels: Int) throws -> [UInt8] {
    let size = side * side * channels
    var pixels = [UInt8](repeating: 0, count: indices.count * size)
    try pixels.withUnsafeMutableBufferPointer { buffer in
      for (place, index) in indices.enumerated() {
        try read(index, UnsafeMutableBufferPointer(rebasing: buffer[place * size..<(place + 1) * size]))
      }
    }
    return pixels
  }
}

extension TinyViTInference {
  /// Penultimate vectors and logits of all images of a split, in order, a few images at a time. `evaluated` hears the
  /// number of images of each piece.
  public func outputs(
    of split: TinyViTLearner.Split, channels: Int, evaluated: (Int) throws -> Void = { _ in }
  ) throws -> [TinyViTOutput] {
    var outputs: [TinyViTOutput] = []
    for start in stride(from: 0, to: split.labels.count, by: 16) {
      let piece = start..<min(start + 16, split.labels.count)
      outputs += self.outputs(
        images: try split.images(piece, side: imageSide, channels: channels), count: piece.count, channels: channels)
      try evaluated(piece.count)
    }
    return outputs
  }
}
