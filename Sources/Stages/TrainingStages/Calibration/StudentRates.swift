import Architectures
public import Configuration
import Datasets
import Learners
import Threads
import Training
import TransformerKernels
import VectorMath
import VisionTransformers

/// How fast this machine trains and evaluates a student.
public struct StudentRates: Sendable {
  /// Training images of an epoch in a second, the steps of its batches included.
  public var training: Double
  /// Images evaluated in a second.
  public var inference: Double

  /// Measured by epochs of the real learner over images of noise.
  /// - Parameter seconds: how long each is measured at least.
  /// - Throws: what the learner throws.
  public init(
    _ settings: StudentSettings, resolution: Int, channels: Int, classes: Int, threads: Int, seconds: Double = 0.15
  ) throws {
    let pool = WorkerPool(threads: threads)
    let student = VisionTransformer(
      settings.architecture(imageSize: resolution, classes: classes), channels: channels, pool: pool,
      method: settings.circuitMethod, attention: settings.attention)
    let count = 4 * settings.training.batchSize
    // The pixels of an image repeat those of a strip: drawing them all would take longer than training.
    var stream = RandomStream(seed: 0, purpose: "calibration")
    let strip = (0..<4096).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
    let fill: @Sendable (Int, UnsafeMutableBufferPointer<UInt8>) -> Void = { index, image in
      for place in image.indices { image[place] = strip[(place &+ index &* 31) & 4095] }
    }
    func images(_ count: Int) throws -> PreparedImages {
      try PreparedImages(
        labels: (0..<count).map { $0 % classes }, geometry: student.geometry, pool: pool, atHand: fill)
    }
    let learner = VisionTransformerLearner(
      student: student, training: try images(count), validation: try images(1), task: .multiClass)
    var procedure = settings.training
    procedure.epochs = Int(Int32.max)
    procedure.selection = .lastEpoch
    procedure.patience = nil
    let trainer = Trainer(learner, settings: procedure, seed: 0)
    let parameters = student.layout.initialParameters(seed: 0)
    var state = TrainingState(parameters: parameters, settings: procedure.adam)
    training = try imagesPerSecond(count, atLeast: seconds) { _ = try trainer.advance(&state) }
    inference = try imagesPerSecond(count, atLeast: seconds) {
      _ = try student.outputs(parameters: parameters, of: learner.training)
    }
  }

  /// The seconds of a training: its epochs with their validation.
  public func seconds(epochs: Int, images: Int, validated: Int) -> Double {
    Double(epochs) * (Double(images) / training + Double(validated) / inference)
  }
}
