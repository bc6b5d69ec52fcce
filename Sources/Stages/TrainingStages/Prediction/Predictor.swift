import Architectures
import Artifacts
import Configuration
import Datasets
import Learners
import Threads
import TinyViT
import TransformerKernels
import VectorMath
import VisionTransformers

/// A trained model that classifies images of the size and the channels it was trained on.
struct Predictor {
  let header: ArtifactHeader
  let classCount: Int
  let channels: Int
  /// The student, for a look inside; nil for a teacher.
  let student: (architecture: VisionTransformerArchitecture, parameters: [Float])?
  /// The logits `[N, K]` of N images `[N, side, side, channels]`, side being the header's resolution.
  let logits: ([UInt8], Int) throws -> [Float]

  /// Reads a student or a teacher.
  /// - Throws: `FileError`, `ArtifactError`, `SettingsError`.
  init(path: String, _ classes: TrainedClasses, pool: WorkerPool) throws {
    switch try readHeader(path).header.kind {
    case .student: try self.init(student: path, channels: classes.channels, pool)
    case .teacher: try self.init(teacher: path, channels: classes.channels, pool)
    case let kind: throw ArtifactError.wrongKind(path: path, expected: "student or teacher", found: kind.rawValue)
    }
  }

  private init(student path: String, channels: Int, _ pool: WorkerPool) throws {
    let stored = try StudentArtifact.read(path: path).student
    guard stored.header.model?.regime != .distilled else {
      throw ArtifactError.invalidValue(
        path: path, object: "/@regime", expected: "a student trained on labels", found: "one that is only distilled")
    }
    let settings = try StudentSettings(recordedIn: stored.header, path: path)
    let classCount = stored.parameters.first { $0.name == "head.bias" }?.values.count ?? 0
    let architecture = settings.architecture(imageSize: stored.header.resolution, classes: classCount)
    if let problem = architecture.problem {
      throw ArtifactError.invalidValue(path: path, object: "/parameters", expected: "a student", found: problem)
    }
    let model = VisionTransformer(
      architecture, channels: channels, pool: pool, method: settings.circuitMethod, attention: settings.attention)
    let parameters = try model.layout.flat(stored.parameters, path: path)
    header = stored.header
    self.classCount = classCount
    self.channels = channels
    student = (architecture, parameters)
    logits = { pixels, count in
      let size = pixels.count / max(count, 1)
      let images = try PreparedImages(
        labels: [Int](repeating: 0, count: count), geometry: model.geometry, pool: pool,
        atHand: { index, target in
          pixels.withUnsafeBufferPointer {
            _ = target.update(fromContentsOf: $0[index * size..<(index + 1) * size])
          }
        })
      return try model.outputs(parameters: parameters, of: images).logits
    }
  }

  private init(teacher path: String, channels: Int, _ pool: WorkerPool) throws {
    let stored = try TeacherArtifact.read(path: path).teacher
    let settings = try TeacherSettings(recordedIn: stored.header, path: path)
    let model = try stored.model(path: path)
    let inference = TinyViTInference(
      model, normalisation: settings.normalisation, precision: settings.precision, pool: pool)
    let (side, shown) = (inference.imageSide, stored.header.resolution)
    guard shown > 0 else {
      throw ArtifactError.invalidValue(path: path, object: "/resolution", expected: "at least 1", found: "\(shown)")
    }
    let fit = SquareFit(from: shown, to: side, channels: channels)
    header = stored.header
    classCount = stored.classes
    self.channels = channels
    student = nil
    logits = { pixels, count in
      let (small, large) = (shown * shown * channels, side * side * channels)
      var images = [UInt8](repeating: 0, count: count * large)
      pixels.withUnsafeBufferPointer { source in
        images.withUnsafeMutableBufferPointer { target in
          for index in 0..<count {
            fit(
              UnsafeBufferPointer(rebasing: source[index * small..<(index + 1) * small]),
              into: UnsafeMutableBufferPointer(rebasing: target[index * large..<(index + 1) * large]))
          }
        }
      }
      return inference.outputs(images: images, count: count, channels: channels).flatMap(\.logits)
    }
  }
}
