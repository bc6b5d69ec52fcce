import Architectures
public import Configuration
import Threads
import TinyViT
import Training
import VectorMath

/// How fast this machine trains and evaluates a teacher.
public struct TeacherRates: Sendable {
  /// Images of a training step in a second.
  public var training: Double
  /// Images evaluated in a second.
  public var inference: Double

  /// Measured by a few steps of the real kernels, on a batch as large as the threads need, of images of noise. Takes seconds
  /// and, for a while, the memory of those images.
  /// - Parameter seconds: how long each is measured at least.
  public init(_ settings: TeacherSettings, classes: Int, threads: Int, seconds: Double = 0.5) {
    let configuration = settings.architecture.configuration(penultimate: settings.qubits, classes: classes)
    let (side, channels) = (configuration.imageSide, 3)
    // A chunk of four images for each thread, as in a whole batch.
    let count = min(settings.training.batchSize, 4 * threads)
    var stream = RandomStream(seed: 0, purpose: "calibration")
    let images = (0..<count * side * side * channels).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
    let labels = (0..<count).map { $0 % classes }
    // A model of its own: a step moves its statistics.
    let model = TinyViTModel(configuration, seed: 0)
    let pool = WorkerPool(threads: threads)
    let trainer = TinyViTBackpropagation(
      model, batchSize: count, mode: settings.batchNorm, normalisation: settings.normalisation,
      precision: settings.precision, pool: pool)
    training = imagesPerSecond(count, atLeast: seconds) {
      _ = trainer.step(images: images, channels: channels, labels: labels)
    }
    let network = TinyViTInference(
      model, normalisation: settings.normalisation, precision: settings.precision, pool: pool)
    inference = imagesPerSecond(count, atLeast: seconds) {
      _ = network.outputs(images: images, count: count, channels: channels)
    }
  }

  /// The seconds of a fine-tuning: its epochs with their validation, and the targets.
  /// - Parameters:
  ///   - epochs: how many there are, or are left.
  ///   - validated: images of the validation split.
  public func seconds(epochs: Int, images: Int, validated: Int) -> Double {
    Double(epochs) * (Double(images) / training + Double(validated) / inference)
      + Double(images + validated) / inference
  }
}

/// Images in a second of what `body` does to `count` of them, after once without a clock.
func imagesPerSecond(_ count: Int, atLeast seconds: Double, _ body: () throws -> Void) rethrows -> Double {
  try body()
  let clock = ContinuousClock()
  let start = clock.now
  var (rounds, passed) = (0, 0.0)
  while passed < seconds {
    try body()
    rounds += 1
    passed = (clock.now - start) / .seconds(1)
  }
  return Double(rounds * count) / passed
}

extension TeacherSettings {
  /// The weights of its matrix products, 98 % of all; to draw a model in order to count it exactly would take half a second.
  private var weightCount: Int {
    let configuration = architecture.configuration(penultimate: qubits, classes: 2)
    let (c, depths) = (configuration.channels, configuration.depths)
    let first = 9 * c[0] / 2 * c[0] + depths[0] * 8 * c[0] * c[0]
    return (1...3).reduce(first) { $0 + c[$1 - 1] * c[$1] + (1 + 12 * depths[$1]) * c[$1] * c[$1] }
  }

  /// Memory that a fine-tuning needs: activations of a batch, weights with gradients, moments, the selected ones and their
  /// packed layouts.
  public var memory: Int {
    training.batchSize * activationBytes + 12 * weightCount * MemoryLayout<Float>.size + (64 << 20)
  }

  /// Bytes of the artifact without its targets, and of the checkpoint beside it.
  public var disk: (artifact: Int, checkpoint: Int) {
    let bytes = weightCount * MemoryLayout<Float>.size
    return (bytes + (1 << 20), 4 * bytes + (1 << 20))
  }
}
