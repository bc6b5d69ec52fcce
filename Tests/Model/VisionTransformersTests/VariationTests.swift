import Architectures
import Losses
import QuantumCircuits
import Testing
import Threads
import TransformerKernels
import VectorMath
import VisionTransformers
import _TestSupport

/// Students beyond the paper's, in combinations that no fixture has.
@Suite struct VariationTests {
  private static func chain(_ qubits: Int) -> CircuitDesign {
    CircuitDesign(layout: PairLayout.chain.pairs(qubits: qubits))
  }

  private static func student(
    _ q: Int, heads: Int, _ change: (inout VisionTransformerArchitecture) -> Void = { _ in }
  ) -> VisionTransformerArchitecture {
    var architecture = VisionTransformerArchitecture(imageSize: 28, classes: 3, circuit: chain(q))
    architecture.qubits = q
    architecture.heads = heads
    change(&architecture)
    return architecture
  }

  private static let architectures: [VisionTransformerArchitecture] =
    Projection.allCases.map { kind in
      student(6, heads: 3) { $0.projections = Projections(query: kind, key: .tanh, value: kind) }
    }
    + OutputProjection.allCases.map { output in
      student(8, heads: 1) {
        $0.output = output
        $0.dropout = 0.2
        $0.blocks = 2
      }
    }
    + [
      student(2, heads: 2) {
        $0.mlpRatio = 0.5
        $0.projections.key = .identity
      },
      student(6, heads: 3) {
        $0.projections = Projections(query: .bottleneck, key: .circuit, value: .bottleneck)
        $0.blocks = 2
      },
      student(4, heads: 2) { $0.projections = Projections(query: .circuit, key: .bottleneck, value: .bottleneck) },
      student(10, heads: 5) {
        $0.mlpRatio = 0.5
        $0.uniformAttention = true
        $0.pooling = .classToken
      },
      student(4, heads: 2) {
        $0.uniformAttention = true
        $0.dropout = 0.4
        $0.projections.value = .diagonal
      },
      student(4, heads: 4) {
        $0.circuit?.layers = 2
        $0.circuit?.reuploading = true
        $0.circuit?.entangler = .none
        $0.circuit?.trainsAngles = false
        $0.output = .circuit
        $0.mlpRatio = 1.25
      },
    ]

  /// The fast student's loss gradients and outputs against the reference in double precision, to 10⁻⁴ of the largest.
  @Test(arguments: architectures.indices) func fastAgreesWithTheReference(index: Int) throws {
    let architecture = Self.architectures[index]
    #expect(architecture.problem == nil)
    let layout = ParameterLayout(architecture)
    var parameters = layout.initialParameters(seed: 2)
    var stream = RandomStream(seed: 8, purpose: "variation", UInt64(index))
    for parameter in layout.parameters where !parameter.name.hasSuffix("theta") {
      for index in parameter.range { parameters[index] += Float(0.3 * stream.normal()) }
    }
    let images = (0..<2).map { _ in (0..<28 * 28).map { _ in UInt8(stream.index(below: 256)) } }
    let dropout = architecture.dropout > 0 ? (0..<2).map { ImageDropout(seed: 1, epoch: 4, image: $0) } : nil
    let reference = ReferenceTransformer<Double>(architecture, parameters: parameters.map(Double.init))
    var expected = [Double](repeating: 0, count: layout.count)
    var (loss, logits) = (0.0, [Double]())
    for (place, image) in images.enumerated() {
      let a = reference.forward(image, dropout: dropout?[place])
      let part = crossEntropy(logits: a.logits, label: place, batch: 2)
      loss += part.loss
      logits += reference.forward(image).logits
      reference.backward(
        a, dLogits: part.dLogits, dPenultimate: [Double](repeating: 0, count: architecture.qubits),
        gradient: &expected)
    }
    for method in [nil, CircuitMethod.stateVector] {
      let student = VisionTransformer(architecture, channels: 1, pool: WorkerPool(threads: 1), method: method)
      let prepared = PreparedImages(images, geometry: student.geometry)
      var gradient = [Float](repeating: 1, count: layout.count)
      let found = student.gradient(
        parameters: parameters, images: prepared.pointers, objective: .labels([0, 1]), dropout: dropout,
        into: &gradient)
      #expect((found.loss - loss).magnitude < 1e-5)
      #expect(relativeDifference(gradient.map(Double.init), expected) < 1e-4)
      for parameter in layout.parameters where !parameter.isTrained {
        #expect(gradient[parameter.range].allSatisfy { $0 == 0 })
      }
      let outputs = student.outputs(parameters: parameters, images: prepared.pointers)
      #expect(relativeDifference(outputs.logits.map(Double.init), logits) < 1e-4)
    }
  }

  /// The gradient of an image depends on the image's number alone, not on its place in the batch nor on the other images.
  @Test func masksDoNotDependOnTheBatch() {
    let architecture = Self.student(4, heads: 2) { $0.dropout = 0.3 }
    let layout = ParameterLayout(architecture)
    let parameters = layout.initialParameters(seed: 2)
    var stream = RandomStream(seed: 9, purpose: "batches")
    let images = (0..<9).map { _ in (0..<28 * 28).map { _ in UInt8(stream.index(below: 256)) } }
    func losses(_ order: [Int], threads: Int) -> [Int: Double] {
      let student = VisionTransformer(architecture, channels: 1, pool: WorkerPool(threads: threads))
      let prepared = PreparedImages(images, geometry: student.geometry)
      var gradient = [Float](repeating: 0, count: layout.count)
      return Dictionary(
        uniqueKeysWithValues: order.map { image in
          let loss = student.gradient(
            parameters: parameters, images: [prepared.pointers[image]], objective: .labels([1]),
            dropout: [ImageDropout(seed: 1, epoch: 0, image: image)], into: &gradient
          ).loss
          return (image, loss)
        })
    }
    let one = losses(Array(0..<9), threads: 1)
    #expect(one == losses([4, 2, 8, 0, 1, 3, 5, 6, 7], threads: 2))
    #expect(Set(one.values).count == 9)
  }

  /// Section 10 of the specification: attention's parameters at four and eight channels.
  @Test func parametersOfAttention() {
    func count(_ q: Int, _ output: OutputProjection, _ projection: Projection = .circuit) -> Int {
      let layout = ParameterLayout(
        Self.student(q, heads: 2) {
          $0.output = output
          $0.projections = Projections(all: projection)
        })
      return layout.parameters.filter { $0.name.contains(".attn.") }.map(\.count).reduce(0, +)
    }
    #expect([4, 8].map { count($0, .linear) } == [38, 114])
    #expect([4, 8].map { count($0, .circuit) } == [24, 56])
    #expect([4, 8].map { count($0, .none) } == [18, 42])
    #expect([4, 8].map { count($0, .linear, .linear) } == [80, 288])
    #expect([4, 8].map { count($0, .none, .diagonal) } == [24, 48])
    #expect([4, 8].map { count($0, .none, .identity) } == [0, 0])
    let uniform = ParameterLayout(Self.student(4, heads: 2) { $0.uniformAttention = true })
    #expect(uniform.parameter(named: "blocks.0.attn.q.theta") == nil)
    #expect(uniform.parameter(named: "blocks.0.attn.v.theta")?.shape == [3, 2])
  }

  @Test func frozenAnglesAreNotCounted() {
    let frozen = ParameterLayout(
      Self.student(4, heads: 2) {
        $0.circuit?.trainsAngles = false
        $0.output = .circuit
      })
    #expect(frozen.trainedCount == frozen.count - 24)
    let trained = ParameterLayout(Self.student(4, heads: 2))
    #expect(trained.trainedCount == trained.count)
    #expect(frozen.initialParameters(seed: 1).suffix(19) == trained.initialParameters(seed: 1).suffix(19))
  }

  /// A weight that multiplies one input has one input, whatever the width.
  @Test func weightsOfADiagonalBeginBetweenMinusOneAndOne() throws {
    let layout = ParameterLayout(Self.student(16, heads: 2) { $0.projections = Projections(all: .diagonal) })
    let values = layout.initialParameters(seed: 4)
    for name in ["q", "k", "v"].flatMap({ ["blocks.0.attn.\($0).weight", "blocks.0.attn.\($0).bias"] }) {
      let largest = try #require(values[layout.range(name)].map(\.magnitude).max())
      #expect(largest > 0.7 && largest <= 1, "\(name)")
    }
  }

  @Test func initialDeviations() {
    let layout = ParameterLayout(
      Self.student(10, heads: 1) {
        $0.positionDeviation = 0.5
        $0.circuit?.layers = 16
        $0.circuit?.initialAngles = .normal(deviation: 0.63)
      })
    let values = layout.initialParameters(seed: 4)
    for (name, deviation) in [("pos", 0.5), ("blocks.0.attn.q.theta", 0.63)] {
      let part = values[layout.range(name)].map(Double.init)
      let mean = part.reduce(0, +) / Double(part.count)
      let variance = part.reduce(0) { $0 + $1 * $1 } / Double(part.count)
      #expect((variance.squareRoot() / deviation - 1).magnitude < 0.1, "\(name)")
      #expect(mean.magnitude < 0.2 * deviation, "\(name)")
    }
  }

  /// Moments serve bounded scores of two channels per head only.
  @Test func attentionMethods() {
    func fastest(_ change: (inout VisionTransformerArchitecture) -> Void) -> AttentionMethod {
      Self.student(4, heads: 2, change).fastestAttention
    }
    #expect(fastest { _ in } == .polynomial)
    #expect(fastest { $0.projections.value = .linear } == .polynomial)
    #expect(fastest { $0.projections = Projections(query: .tanh, key: .cosine, value: .identity) } == .polynomial)
    #expect(fastest { $0.projections.key = .linear } == .direct)
    #expect(fastest { $0.projections.query = .identity } == .direct)
    #expect(fastest { $0.heads = 4 } == .direct)
    #expect(fastest { $0.dropout = 0.1 } == .direct)
    #expect(fastest { $0.uniformAttention = true } == .direct)
    #expect(Self.student(4, heads: 2) { $0.projections.key = .linear }.attentionProblem(.polynomial) == nil)
    #expect(Self.student(4, heads: 2) { $0.dropout = 0.1 }.attentionProblem(.polynomial) != nil)
  }

  @Test func impossibleArchitectures() {
    let changes: [(String, (inout VisionTransformerArchitecture) -> Void)] = [
      ("MLP ratio 0.3", { $0.mlpRatio = 0.3 }), ("MLP ratio 0.0", { $0.mlpRatio = 0 }),
      ("MLP ratio nan", { $0.mlpRatio = .nan }), ("MLP ratio inf", { $0.mlpRatio = .infinity }),
      ("dropout at rate 1.0", { $0.dropout = 1 }), ("dropout at rate -0.1", { $0.dropout = -0.1 }),
      ("dropout at rate nan", { $0.dropout = .nan }),
      ("initial positions of deviation -1.0", { $0.positionDeviation = -1 }),
      ("initial angles of deviation inf", { $0.circuit?.initialAngles = .normal(deviation: .infinity) }),
      ("0 layers", { $0.circuit?.layers = 0 }), ("17 layers", { $0.circuit?.layers = 17 }),
      ("projections by circuits", { $0.circuit = nil }),
      (
        "projections by circuits",
        {
          $0.circuit = nil
          $0.projections = Projections(all: .linear)
          $0.output = .circuit
        }
      ), ("pair (1, 2) on 2 qubits", { $0.circuit?.scope = .perHead }),
    ]
    for (words, change) in changes {
      let problem = Self.student(4, heads: 2, change).problem
      #expect(problem?.hasPrefix(words) == true, "\(words): \(problem ?? "none")")
    }
    let unused = Self.student(4, heads: 2) {
      $0.circuit = nil
      $0.uniformAttention = true
      $0.projections.value = .linear
    }
    #expect(unused.problem == nil, "uniform attention has no queries and keys by circuits")
  }
}
