import Architectures
import Losses
import QuantumCircuits
import Testing
import Threads
import VectorMath
import VisionTransformers
import _TestSupport

/// What a batch is made of: each of its images, with its own label or target.
@Suite struct BatchTests {
  /// Eleven images fill no whole number of chunks.
  private static let count = 11
  private let golden: GoldenStudent
  private let parameters: [Float]
  private let pixels: [[UInt8]]
  private let labels = (0..<count).map { $0 % 5 }

  init() throws {
    golden = try GoldenStudent(path: Fixtures.path("students/qvit_q4_h1_chain.npz"))
    parameters = try golden.flat("param").map { Float($0) }
    var stream = RandomStream(seed: 12, purpose: "batch")
    pixels = (0..<Self.count).map { _ in (0..<28 * 28 * 3).map { _ in UInt8(stream.index(below: 256)) } }
  }

  private func student() -> VisionTransformer {
    VisionTransformer(golden.architecture, channels: 3, pool: WorkerPool(threads: 2))
  }

  @Test func lossAndGradientAreTheMeansOverTheImages() {
    let student = student()
    let images = PreparedImages(pixels, geometry: student.geometry)
    var gradient = [Float](repeating: 0, count: student.layout.count)
    let all = student.gradient(
      parameters: parameters, images: images.pointers, objective: .labels(labels), into: &gradient)
    var mean = [Double](repeating: 0, count: gradient.count)
    var (loss, correct) = (0.0, 0)
    for (image, label) in zip(images.pointers, labels) {
      var single = gradient
      let one = student.gradient(parameters: parameters, images: [image], objective: .labels([label]), into: &single)
      loss += one.loss / Double(Self.count)
      correct += one.correct
      for index in mean.indices { mean[index] += Double(single[index]) / Double(Self.count) }
    }
    #expect(abs(all.loss - loss) < 1e-6)
    #expect(all.correct == correct)
    #expect(relativeDifference(gradient.map(Double.init), mean) < 1e-5)
  }

  /// An image counts as right if its label has the largest logit.
  @Test func imagesAreRightWhereTheLargestLogitIsTheLabels() {
    let student = student()
    let images = PreparedImages(pixels, geometry: student.geometry)
    let logits = student.outputs(parameters: parameters, images: images.pointers).logits
    let k = golden.architecture.classes
    let answers = (0..<Self.count).map { image in
      (0..<k).max { logits[image * k + $0] < logits[image * k + $1] } ?? 0
    }
    var gradient = [Float](repeating: 0, count: student.layout.count)
    for (given, expected) in [(answers, Self.count), (answers.map { ($0 + 1) % k }, 0)] {
      let found = student.gradient(
        parameters: parameters, images: images.pointers, objective: .labels(given), into: &gradient)
      #expect(found.correct == expected)
    }
  }

  /// Each image has a target of its own, of either kind.
  @Test(arguments: [false, true]) func targetsBelongToTheirImages(areLogits: Bool) throws {
    let student = student()
    let images = PreparedImages(pixels, geometry: student.geometry)
    let reference = ReferenceTransformer<Double>(golden.architecture, parameters: parameters.map(Double.init))
    let (q, k) = (golden.architecture.qubits, golden.architecture.classes)
    let width = areLogits ? k : q
    var stream = RandomStream(seed: 13, purpose: "targets")
    let targets = (0..<Self.count * width).map { _ in Float(stream.uniform(in: -1...1)) }
    var gradient = [Float](repeating: 0, count: student.layout.count)
    let found = student.gradient(
      parameters: parameters, images: images.pointers,
      objective: areLogits ? .logits(targets) : .penultimate(targets), into: &gradient)
    var expected = [Double](repeating: 0, count: gradient.count)
    var loss = 0.0
    for (index, image) in pixels.enumerated() {
      let a = reference.forward(image)
      let part = meanSquaredError(
        areLogits ? a.logits : a.penultimate, target: targets[index * width..<(index + 1) * width].map(Double.init),
        batch: Self.count)
      loss += part.loss
      reference.backward(
        a, dLogits: areLogits ? part.gradient : [Double](repeating: 0, count: k),
        dPenultimate: areLogits ? [Double](repeating: 0, count: q) : part.gradient, gradient: &expected)
    }
    #expect(abs(found.loss - loss) < 1e-5)
    #expect(found.correct == 0)
    #expect(relativeDifference(gradient.map(Double.init), expected) < 1e-4)
  }

  @Test func anglesBeginAnywhereOnTheCircle() {
    var architecture = VisionTransformerArchitecture(
      imageSize: 28, classes: 3,
      circuit: CircuitDesign(layout: PairLayout.ring.pairs(qubits: 8)))
    architecture.qubits = 8
    architecture.blocks = 4
    let layout = ParameterLayout(architecture)
    let values = layout.initialParameters(seed: 5)
    let angles = layout.parameters.filter { $0.initialisation == .angle }.flatMap { values[$0.range] }.map(Double.init)
    #expect(angles.count == 4 * 3 * 16)
    #expect(angles.allSatisfy { (0...2 * Double.pi).contains($0) })
    let mean = angles.reduce(0, +) / Double(angles.count)
    #expect(abs(mean - Double.pi) < 0.5)
    #expect((angles.max() ?? 0) > 1.9 * Double.pi && (angles.min() ?? 7) < 0.1 * Double.pi)
  }
}
