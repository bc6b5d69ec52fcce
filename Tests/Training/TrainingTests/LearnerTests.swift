import Architectures
import Datasets
import Learners
import Losses
import Metrics
import Testing
import Threads
import Training
import TransformerKernels
import VectorMath
import VisionTransformers

/// What a student's learner hands on: the images of a batch with their own labels and targets.
@Suite struct LearnerTests {
  private let student: VisionTransformer
  private let pool = WorkerPool(threads: 2)
  private let parameters: [Float]

  init() {
    student = VisionTransformer(
      VisionTransformerArchitecture(imageSize: 28, classes: 3), channels: 1, pool: pool)
    parameters = student.layout.initialParameters(seed: 2)
  }

  /// Images of noise, of the stream's numbers `range`.
  private func images(_ range: Range<Int>) throws -> PreparedImages {
    let size = student.geometry.imageBytes
    return try PreparedImages(labels: range.map { $0 % 3 }, geometry: student.geometry, pool: pool) { piece, buffer in
      for (place, index) in piece.enumerated() {
        var stream = RandomStream(seed: 15, purpose: "learner", UInt64(range.lowerBound + index))
        // Bright or dark as a whole, so that the outputs differ by more than rounding.
        let level = stream.index(below: 200)
        for pixel in 0..<size { buffer[place * size + pixel] = UInt8(level + stream.index(below: 50)) }
      }
    }
  }

  private func numbers(_ count: Int, _ purpose: String) -> [Float] {
    var stream = RandomStream(seed: 16, purpose: purpose)
    return (0..<count).map { _ in Float(stream.uniform(in: -1...1)) }
  }

  enum Kind: CaseIterable, Sendable {
    case labels, penultimate, logits
  }

  @Test(arguments: Kind.allCases)
  func everyImageHasItsOwnTarget(kind: Kind) throws {
    let (training, validation) = (try images(0..<9), try images(9..<14))
    let width = kind == .penultimate ? 4 : 3
    let (wanted, held) = (numbers(9 * width, "training"), numbers(5 * width, "validation"))
    let target: VisionTransformerLearner.Target =
      switch kind {
      case .labels: .labels
      case .penultimate: .penultimate(training: wanted, validation: held)
      case .logits: .logits(training: wanted, validation: held)
      }
    let learner = VisionTransformerLearner(
      student: student, training: training, validation: validation, task: .multiClass, target: target)
    let batch = [7, 2, 5, 0, 8]
    let rows = batch.flatMap { wanted[$0 * width..<($0 + 1) * width] }
    let objective: VisionTransformer.Objective =
      switch kind {
      case .labels: .labels(batch.map { $0 % 3 })
      case .penultimate: .penultimate(rows)
      case .logits: .logits(rows)
      }
    var expected = [Float](repeating: 0, count: student.layout.count)
    let pointers = try batch.map { try training.image($0, next: nil, thread: 0).image }
    let direct = student.gradient(
      parameters: parameters, images: pointers, objective: objective, into: &expected)
    var found = expected.map { _ in Float.nan }
    var statistics: [Float] = []
    let step = try learner.gradient(
      ofBatch: batch[...], epoch: 0, upcoming: [], parameters: parameters, statistics: &statistics, into: &found)
    #expect(step.loss == direct.loss && step.correct == direct.correct)
    #expect(found == expected)

    let outputs = try student.outputs(parameters: parameters, of: validation)
    let result = try learner.validate(parameters: parameters, statistics: []) { _ in }
    switch kind {
    case .labels:
      let measured = Validation(
        logits: outputs.logits, labels: validation.labels, classes: 3, task: .multiClass)
      #expect(result.loss == measured.loss && result.accuracy == measured.accuracy)
      #expect(result.auc == measured.auc)
    case .penultimate, .logits:
      let values = kind == .penultimate ? outputs.penultimate : outputs.logits
      let mean = zip(values, held).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) } / Double(held.count)
      #expect(abs(result.loss / mean - 1) < 1e-5)
      #expect(result.auc == nil && result.accuracy.isNaN)
    }
  }

  /// More images than are evaluated in one piece, each alone.
  @Test func allPiecesAreEvaluated() throws {
    let data = try images(0..<520)
    let outputs = try student.outputs(parameters: parameters, of: data)
    #expect(outputs.logits.count == 520 * 3 && outputs.penultimate.count == 520 * 4)
    for index in [0, 1, 511, 512, 519] {
      let alone = student.outputs(
        parameters: parameters, images: [try data.image(index, next: nil, thread: 0).image])
      #expect(Array(outputs.logits[index * 3..<(index + 1) * 3]) == alone.logits)
      #expect(Array(outputs.penultimate[index * 4..<(index + 1) * 4]) == alone.penultimate)
    }
    #expect(outputs.logits[0..<3] != outputs.logits[512 * 3..<513 * 3])
  }
}
