import Architectures
import Losses
import VectorMath
import QuantumCircuits
import VisionTransformers
import Testing
import _TestSupport

@Suite struct ReferenceStudentTests {
  @Test(arguments: GoldenStudent.files + GoldenStudent.variations + GoldenStudent.wide)
  func agreesWithPyTorchAndPennyLane(path: String) throws {
    let golden = try GoldenStudent(path: path)
    let student = ReferenceTransformer<Double>(golden.architecture, parameters: try golden.flat("param"))
    let activations = golden.images.enumerated().map { student.forward($1, dropout: golden.dropout?[$0]) }
    if golden.dropout != nil {
      let logits = golden.images.flatMap { student.forward($0).logits }
      #expect(relativeDifference(logits, try golden.doubles("act.logits_eval")) < 1e-9)
    }
    let q = golden.architecture.qubits
    for (name, values) in [
      ("act.tokens", activations.flatMap(\.tokens)), ("act.ln1", activations.flatMap(\.blocks[0].ln1)),
      ("act.q", activations.flatMap(\.blocks[0].q)), ("act.k", activations.flatMap(\.blocks[0].k)),
      ("act.v", activations.flatMap(\.blocks[0].v)),
      ("act.after_attn", activations.flatMap(\.blocks[0].afterAttention)),
      ("act.after_mlp", activations.flatMap(\.blocks[0].afterMLP)), ("act.pooled", activations.flatMap(\.pooled)),
      ("act.penultimate", activations.flatMap(\.penultimate)), ("act.logits", activations.flatMap(\.logits)),
    ] where golden.contains(name) {
      #expect(relativeDifference(values, try golden.doubles(name)) < 1e-9, "\(name)")
    }

    let batch = golden.images.count
    var gradient = [Double](repeating: 0, count: student.layout.count)
    var loss = 0.0
    for (a, label) in zip(activations, golden.labels) {
      let part = crossEntropy(logits: a.logits, label: label, batch: batch)
      loss += part.loss
      student.backward(
        a, dLogits: part.dLogits, dPenultimate: [Double](repeating: 0, count: q), gradient: &gradient)
    }
    #expect((loss - (try golden.scalar("loss"))).magnitude < 1e-9)
    #expect(relativeDifference(gradient, try golden.flat("grad")) < 1e-9)

    let targets = try golden.doubles("kd_target")
    var distilled = [Double](repeating: 0, count: student.layout.count)
    var error = 0.0
    for (index, a) in activations.enumerated() {
      let part = meanSquaredError(a.penultimate, target: Array(targets[index * q..<(index + 1) * q]), batch: batch)
      error += part.loss
      student.backward(
        a, dLogits: [Double](repeating: 0, count: golden.architecture.classes), dPenultimate: part.gradient,
        gradient: &distilled)
    }
    #expect((error - (try golden.scalar("kd_loss"))).magnitude < 1e-9)
    #expect(relativeDifference(distilled, try golden.flat("kdgrad")) < 1e-9)
  }

  /// Central differences of the loss, for one parameter of each kind and every architecture choice.
  @Test(
    arguments: GoldenStudent.files.prefix(5)
      + ["everything", "diagonal_cosine_identity"].map { Fixtures.path("students/\($0).npz") })
  func gradientIsThatOfCentralDifferences(path: String) throws {
    let golden = try GoldenStudent(path: path)
    var student = ReferenceTransformer<Double>(golden.architecture, parameters: try golden.flat("param"))
    let image = golden.images[0]
    func loss() -> Double {
      crossEntropy(
        logits: student.forward(image, dropout: golden.dropout?[0]).logits, label: golden.labels[0], batch: 1
      ).loss
    }
    let a = student.forward(image, dropout: golden.dropout?[0])
    let part = crossEntropy(logits: a.logits, label: golden.labels[0], batch: 1)
    var gradient = [Double](repeating: 0, count: student.layout.count)
    student.backward(
      a, dLogits: part.dLogits, dPenultimate: [Double](repeating: 0, count: golden.architecture.qubits),
      gradient: &gradient)
    let scale = gradient.map(\.magnitude).max() ?? 0
    for parameter in student.layout.parameters where parameter.count > 0 {
      if !parameter.isTrained {
        #expect(gradient[parameter.range].allSatisfy { $0 == 0 })
        continue
      }
      let index = parameter.offset + parameter.count / 2
      let value = student.parameters[index]
      func slope(_ step: Double) -> Double {
        student.parameters[index] = value + step
        let up = loss()
        student.parameters[index] = value - step
        let down = loss()
        student.parameters[index] = value
        return (up - down) / (2 * step)
      }
      // Without the term in the square of the step.
      let difference = (4 * slope(2e-4) - slope(4e-4)) / 3
      #expect((difference - gradient[index]).magnitude < 1e-8 * max(1, scale), "\(parameter.name)")
    }
  }

  /// The paper: "around 1K" parameters at 28 pixels, 4K at 224, 8K at 224 with eight qubits.
  @Test func parameterCountsAreThePapers() {
    func count(_ size: Int, _ q: Int, quantum: Bool) -> Int {
      var architecture = VisionTransformerArchitecture(imageSize: size, classes: 9)
      architecture.qubits = q
      if quantum {
        architecture.circuit = CircuitDesign(layout: PairLayout.chain.pairs(qubits: q))
        architecture.projections = Projections(all: .circuit)
      }
      return ParameterLayout(architecture).count
    }
    #expect(count(28, 4, quantum: false) == 1061)
    #expect(count(28, 4, quantum: true) == 1019)
    #expect(count(224, 4, quantum: false) == 4085)
    #expect(count(224, 4, quantum: true) == 4043)
    #expect(count(224, 8, quantum: true) == 8243)
  }

  @Test func initialParametersFollowTheirDistributions() throws {
    var architecture = VisionTransformerArchitecture(imageSize: 28, classes: 3)
    architecture.qubits = 8
    let layout = ParameterLayout(architecture)
    let values = layout.initialParameters(seed: 5)
    for parameter in layout.parameters {
      let part = values[parameter.range].map(Double.init)
      switch parameter.initialisation {
      case .constant(let value): #expect(part.allSatisfy { $0 == value })
      case .uniform(let fanIn):
        let bound = 1 / Double(fanIn).squareRoot()
        #expect(part.allSatisfy { $0.magnitude <= bound + 1e-7 })
        #expect((part.map(\.magnitude).max() ?? 0) > bound / 2)
      case .normal(let deviation):
        let variance = part.reduce(0) { $0 + $1 * $1 } / Double(part.count)
        #expect((variance.squareRoot() / deviation - 1).magnitude < 0.1)
      case .angle: Issue.record("a ViT has no angles")
      }
    }
    #expect(layout.initialParameters(seed: 5) == values)
    #expect(layout.initialParameters(seed: 6) != values)
  }
}
