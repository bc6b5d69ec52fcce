import Architectures
import Losses
import Threads
import VectorMath
import QuantumCircuits
import TransformerKernels
import VisionTransformers
import Testing
import _TestSupport

/// Images in the kernels' layout, with pointers that stay valid while it lives.
final class PreparedImages {
  private let memory: AlignedMemory<UInt8>
  let pointers: [UnsafePointer<UInt8>]

  init(_ images: [[UInt8]], geometry: PatchGeometry) {
    let memory = AlignedMemory<UInt8>(count: max(images.count * geometry.preparedBytes, 1))
    self.memory = memory
    pointers = images.indices.map { UnsafePointer(memory.base + $0 * geometry.preparedBytes) }
    for (index, image) in images.enumerated() {
      image.withUnsafeBufferPointer {
        guard let base = $0.baseAddress else { return }
        geometry.prepare(base, into: memory.base + index * geometry.preparedBytes)
      }
    }
  }
}

private func channels(_ golden: GoldenStudent) -> Int {
  golden.images[0].count / (golden.architecture.imageSize * golden.architecture.imageSize)
}

@Suite struct StudentTests {
  @Test(arguments: GoldenStudent.files + GoldenStudent.variations + GoldenStudent.wide)
  func agreesWithPyTorchAndPennyLane(path: String) throws {
    let golden = try GoldenStudent(path: path)
    let parameters = try golden.flat("param").map { Float($0) }
    for method in [nil, CircuitMethod.stateVector]
    where method == nil || golden.architecture.circuits.first.map(CircuitMethod.stateVector.suits) == true {
      let student = VisionTransformer(
        golden.architecture, channels: channels(golden), pool: WorkerPool(threads: 1), method: method)
      let images = PreparedImages(golden.images, geometry: student.geometry)
      let outputs = student.outputs(parameters: parameters, images: images.pointers)
      // With dropout the others are those of a step of training.
      let logits = golden.dropout == nil ? "act.logits" : "act.logits_eval"
      #expect(relativeDifference(outputs.logits.map(Double.init), try golden.doubles(logits)) < 1e-4)
      if golden.dropout == nil {
        #expect(relativeDifference(outputs.penultimate.map(Double.init), try golden.doubles("act.penultimate")) < 1e-4)
      }

      var gradient = [Float](repeating: 0, count: student.layout.count)
      let loss = student.gradient(
        parameters: parameters, images: images.pointers, objective: .labels(golden.labels), dropout: golden.dropout,
        into: &gradient
      ).loss
      let expected = try golden.scalar("loss")
      #expect((loss - expected).magnitude < 1e-4 * expected)
      try expectClose(gradient, try golden.flat("grad"), student.layout)

      let targets = try golden.doubles("kd_target").map { Float($0) }
      let error = student.gradient(
        parameters: parameters, images: images.pointers, objective: .penultimate(targets), dropout: golden.dropout,
        into: &gradient
      ).loss
      #expect((error - (try golden.scalar("kd_loss"))).magnitude < 1e-4 * max(1e-3, try golden.scalar("kd_loss")))
      try expectClose(gradient, try golden.flat("kdgrad"), student.layout)
    }
  }

  /// Each parameter's gradient to 10⁻⁴ of its largest element (or of a thousandth of the largest of all, for parameters
  /// whose gradient is a cancellation).
  private func expectClose(_ found: [Float], _ expected: [Double], _ layout: ParameterLayout) throws {
    let largest = expected.map(\.magnitude).max() ?? 0
    for parameter in layout.parameters {
      let part = expected[parameter.range]
      let scale = max(part.map(\.magnitude).max() ?? 0, largest * 1e-3)
      let difference = zip(found[parameter.range], part).map { (Double($0) - $1).magnitude }.max() ?? 0
      #expect(difference <= 1e-4 * scale, "\(parameter.name): \(difference / scale)")
    }
  }

  /// The gradient of 11 images, which fill no whole number of chunks, does not depend on the number of threads.
  @Test(arguments: [2, 3, 5]) func threadsDoNotChangeABit(threads: Int) throws {
    let golden = try GoldenStudent(path: Fixtures.path("students/qvit_q4_h1_chain.npz"))
    let parameters = try golden.flat("param").map { Float($0) }
    var stream = RandomStream(seed: 4, purpose: "images")
    let pixels = (0..<11).map { _ in (0..<28 * 28 * 3).map { _ in UInt8(stream.index(below: 256)) } }
    func run(_ threads: Int) -> ([UInt32], [UInt32]) {
      let student = VisionTransformer(golden.architecture, channels: 3, pool: WorkerPool(threads: threads))
      let images = PreparedImages(pixels, geometry: student.geometry)
      var gradient = [Float](repeating: 0, count: student.layout.count)
      for _ in 0..<3 {
        _ = student.gradient(
          parameters: parameters, images: images.pointers, objective: .labels((0..<11).map { $0 % 5 }), into: &gradient)
      }
      return (
        gradient.map(\.bitPattern),
        student.outputs(parameters: parameters, images: images.pointers).logits.map(\.bitPattern)
      )
    }
    let one = run(1)
    let many = run(threads)
    #expect(one.0 == many.0)
    #expect(one.1 == many.1)
  }

  /// Students as wide as they may be, and of widths between, against the reference in double precision: every kind of
  /// projection, of output and of width of a head.
  @Test(arguments: [
    (12, 2, "qvit"), (14, 2, "vit"), (16, 1, "qvit"), (18, 2, "qvit"), (22, 2, "vit"), (32, 2, "qvit"), (48, 3, "qvit"),
    (64, 2, "vit"), (64, 2, "qvit"), (64, 1, "qvit"), (64, 64, "qvit"),
  ])
  func wideStudentsAgreeWithTheReference(qubits: Int, heads: Int, kind: String) throws {
    let isQuantum = kind == "qvit"
    var architecture = VisionTransformerArchitecture(
      imageSize: 28, classes: 3,
      circuit: isQuantum ? CircuitDesign(layout: PairLayout.chain.pairs(qubits: qubits)) : nil)
    architecture.qubits = qubits
    architecture.heads = heads
    architecture.output = !isQuantum ? .linear : qubits % 3 == 0 ? .circuit : qubits % 4 == 0 ? .none : .linear
    #expect(architecture.problem == nil)
    let parameters = ParameterLayout(architecture).initialParameters(seed: 5)
    var stream = RandomStream(seed: 12, purpose: "wide", UInt64(qubits))
    let pixels = (0..<28 * 28).map { _ in UInt8(stream.index(below: 256)) }
    let reference = ReferenceTransformer<Double>(architecture, parameters: parameters.map(Double.init))
    let activations = reference.forward(pixels)
    let part = crossEntropy(logits: activations.logits, label: 1, batch: 1)
    var expected = [Double](repeating: 0, count: parameters.count)
    reference.backward(
      activations, dLogits: part.dLogits, dPenultimate: [Double](repeating: 0, count: qubits), gradient: &expected)

    let student = VisionTransformer(architecture, channels: 1, pool: WorkerPool(threads: 1))
    let images = PreparedImages([pixels], geometry: student.geometry)
    let outputs = student.outputs(parameters: parameters, images: images.pointers)
    #expect(relativeDifference(outputs.logits.map(Double.init), activations.logits) < 1e-5)
    var gradient = [Float](repeating: 0, count: parameters.count)
    let loss = student.gradient(
      parameters: parameters, images: images.pointers, objective: .labels([1]), into: &gradient
    ).loss
    #expect((loss - part.loss).magnitude < 1e-5)
    try expectClose(gradient, expected, student.layout)
  }

  /// Queries and keys far beyond what can be exponentiated without the row's maximum.
  @Test func largeScoresStayFinite() throws {
    let golden = try GoldenStudent(path: Fixtures.path("students/vit_q6_h3_b2.npz"))
    var parameters = try golden.flat("param")
    let layout = ParameterLayout(golden.architecture)
    for name in ["blocks.0.attn.q.weight", "blocks.0.attn.k.weight", "blocks.1.attn.k.weight"] {
      for index in layout.range(name) { parameters[index] *= 40 }
    }
    let reference = ReferenceTransformer<Double>(golden.architecture, parameters: parameters)
    let student = VisionTransformer(golden.architecture, channels: 1, pool: WorkerPool(threads: 1))
    let images = PreparedImages(golden.images, geometry: student.geometry)
    let found = student.outputs(parameters: parameters.map { Float($0) }, images: images.pointers).logits
    let expected = golden.images.flatMap { reference.forward($0).logits }
    #expect(relativeDifference(found.map(Double.init), expected) < 2e-3)
  }

  @Test(arguments: [28, 224]) func greyImagesCountAsThreeEqualChannels(size: Int) {
    var architecture = VisionTransformerArchitecture(imageSize: size, classes: 2)
    architecture.normalisation = .imageNet
    let parameters = ParameterLayout(architecture).initialParameters(seed: 1)
    var stream = RandomStream(seed: 9, purpose: "grey")
    let grey = (0..<size * size).map { _ in UInt8(stream.index(below: 256)) }
    let colour = grey.flatMap { [$0, $0, $0] }
    func gradient(_ image: [UInt8], channels: Int) -> [Double] {
      let student = VisionTransformer(architecture, channels: channels, pool: WorkerPool(threads: 1))
      let images = PreparedImages([image], geometry: student.geometry)
      var gradient = [Float](repeating: 0, count: student.layout.count)
      _ = student.gradient(parameters: parameters, images: images.pointers, objective: .labels([1]), into: &gradient)
      return gradient.map(Double.init)
    }
    #expect(relativeDifference(gradient(grey, channels: 1), gradient(colour, channels: 3)) < 1e-5)
  }
}
