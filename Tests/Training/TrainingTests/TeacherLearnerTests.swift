import Architectures
import Datasets
import Learners
import Testing
import Threads
import TinyViT
import Training
import VectorMath

/// The learner of a reduced TinyViT: which images it reads, and what it says about them.
@Suite(.enabled(if: !_isDebugAssertConfiguration(), "without optimisation it takes minutes"))
struct TeacherLearnerTests {
  private static let side = 64
  private let pool = WorkerPool(threads: 2)
  private let model: TinyViTModel

  init() {
    model = TinyViTModel(
      TinyViTConfiguration(
        imageSide: Self.side, channels: [32, 32, 64, 96], depths: [1, 2, 1, 1], windows: [4, 4, 2], penultimate: 4,
        classes: 3),
      seed: 3)
  }

  private static func image(_ index: Int) -> [UInt8] {
    var stream = RandomStream(seed: 17, purpose: "teacher learner", UInt64(index))
    let level = stream.index(below: 200)
    return (0..<side * side).map { _ in UInt8(level + stream.index(below: 50)) }
  }

  private func split(_ labels: [Int]) -> TinyViTLearner.Split {
    TinyViTLearner.Split(labels: labels) { index, buffer in _ = buffer.update(from: Self.image(index)) }
  }

  private func learner(training: [Int], validation: [Int] = [0, 1, 2]) -> TinyViTLearner {
    TinyViTLearner(
      model: model,
      makeTrainer: { [model, pool] in
        TinyViTBackpropagation(model, batchSize: 6, mode: .frozen, normalisation: .half, pool: pool)
      },
      makeInference: { [model, pool] in TinyViTInference(model, normalisation: .half, pool: pool) },
      training: split(training), validation: split(validation), task: .multiClass, channels: 1)
  }

  private func inference(_ indices: [Int]) -> [TinyViTOutput] {
    TinyViTInference(model, normalisation: .half, pool: pool)
      .outputs(images: indices.flatMap(Self.image), count: indices.count, channels: 1)
  }

  /// More images than are evaluated in one piece, each alone.
  @Test func allPiecesAreEvaluated() throws {
    let learner = learner(training: [Int](repeating: 0, count: 18))
    var pieces: [Int] = []
    let outputs = try learner.outputs(
      of: split([Int](repeating: 0, count: 18)), parameters: model.parameterValues, statistics: model.statisticValues
    ) { pieces.append($0) }
    #expect(pieces == [16, 2])
    #expect(outputs == inference(Array(0..<18)))
    #expect(outputs[0] != outputs[16])
  }

  /// Of a batch's images those are right whose label has the largest logit.
  @Test func imagesAreRightWhereTheLargestLogitIsTheLabels() throws {
    let batch = [4, 1, 3, 0]
    let answers = inference(Array(0..<5)).map { output in
      output.logits.indices.max { output.logits[$0] < output.logits[$1] } ?? 0
    }
    for (labels, expected) in [(answers, 4), (answers.map { ($0 + 1) % 3 }, 0)] {
      let learner = learner(training: labels)
      var statistics = model.statisticValues
      var gradient: [Float] = []
      let step = try learner.gradient(
        ofBatch: batch[...], epoch: 0, upcoming: [], parameters: model.parameterValues, statistics: &statistics,
        into: &gradient)
      #expect(step.correct == expected)
      #expect(gradient.count == learner.parameterCount)
      #expect(step.loss.isFinite)
    }
  }
}
