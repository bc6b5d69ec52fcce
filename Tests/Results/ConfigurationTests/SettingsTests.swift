import Architectures
import Artifacts
import Configuration
import JSON
import QuantumCircuits
import Testing
import Training
import _TestSupport

/// Every key of the settings files reaches what it is for, and nothing else: all are set to values that differ from the
/// defaults and from each other.
@Suite struct SettingsTests {
  private typealias Change = (keys: String, value: JSONValue)

  private static let training: [Change] = [
    ("training.epochs", .number(7)), ("training.batch_size", .number(9)), ("training.learning_rate", .number(0.25)),
    ("training.beta1", .number(0.5)), ("training.beta2", .number(0.625)), ("training.epsilon", .number(0.125)),
    ("training.milestones", .array([.number(0.375), .number(0.875)])), ("training.decay", .number(0.75)),
    ("training.selection", .string("last-epoch")),
  ]

  private func file(_ name: String, _ changes: [Change] = []) throws -> SettingsFile {
    var file = try SettingsFile(path: "\(Fixtures.packageRoot)/pipeline/config/\(name).json")
    for change in changes { file.replace(change.keys.split(separator: ".").map(String.init), by: change.value) }
    return file
  }

  private func expectTraining(_ training: TrainingSettings) {
    #expect(training.epochs == 7 && training.batchSize == 9)
    #expect(training.learningRate == 0.25 && training.decay == 0.75)
    #expect(training.adam.beta1 == 0.5 && training.adam.beta2 == 0.625 && training.adam.epsilon == 0.125)
    #expect(training.milestones == [0.375, 0.875])
    #expect(training.selection == .lastEpoch)
  }

  @Test func everyKeyOfAStudent() throws {
    let settings = try StudentSettings(
      file(
        "qvit",
        Self.training + [
          ("model.qubits", .number(6)), ("model.heads", .number(3)), ("model.blocks", .number(2)),
          ("model.mlp_ratio", .number(3)), ("model.pooling", .string("class-token")),
          ("model.attention", .string("direct")),
          ("model.circuit.layout", .array([.array([.number(1), .number(0)]), .array([.number(2), .number(5)])])),
          ("model.circuit.sharing", .string("shared")), ("model.circuit.method", .string("state-vector")),
          ("data.normalisation", .string("imagenet")),
        ]))
    expectTraining(settings.training)
    #expect(settings.kind == .qvit && settings.width == 6)
    #expect(settings.attention == .direct && settings.circuitMethod == .stateVector)
    let architecture = settings.architecture(imageSize: 224, classes: 5)
    #expect(architecture.imageSize == 224 && architecture.classes == 5)
    #expect(architecture.qubits == 6 && architecture.heads == 3 && architecture.blocks == 2)
    #expect(architecture.mlpWidth == 18 && architecture.pooling == .classToken)
    #expect(architecture.normalisation == .imageNet)
    let circuit = try #require(architecture.circuits.first)
    #expect(circuit.pairs == [QubitPair(1, 0), QubitPair(2, 5)] && circuit.sharing == .shared)
    #expect(architecture.circuits.count == 1)
  }

  @Test func everyKeyOfATeacher() throws {
    let settings = try TeacherSettings(
      file(
        "teacher",
        Self.training + [
          ("model.qubits", .number(6)), ("training.batch_norm", .string("frozen")),
          ("training.precision", .string("bfloat16")),
          ("data.normalisation", .string("imagenet")), ("weights.start", .string("random")),
        ]))
    expectTraining(settings.training)
    #expect(settings.qubits == 6 && settings.batchNorm == .frozen && settings.precision == .bfloat16)
    #expect(settings.normalisation == .imageNet && settings.start == .random)
  }

  /// What was made before a key was there must not become stale by it.
  @Test func defaultsThatCameLaterAreNotRecorded() throws {
    let usual = try TeacherSettings(file("teacher"))
    #expect(usual.architecture == .fiveMillion && usual.training.patience == nil && usual.program == .own)
    #expect(usual.precision == .float32)
    for key in ["architecture", "patience", "precision", "program"] {
      #expect(!usual.effective.canonicalText.contains("\"\(key)\""), "\(usual.effective.canonicalText)")
    }
    let other = try TeacherSettings(
      file(
        "teacher",
        [
          ("model.architecture", .string("tiny-vit-21m")), ("training.patience", .number(5)),
          ("training.program", .string("timm")), ("training.precision", .string("bfloat16")),
        ]))
    #expect(other.architecture == .twentyOneMillion && other.training.patience == 5 && other.program == .timm)
    #expect(other.precision == .bfloat16)
    #expect(try TeacherSettings(writtenBy: .timm, other.effective, path: "t.h5").effective == other.effective)
    #expect(
      PaperSettings.deviations(of: other.effective, .teacher(width: 4), in: .paper).map(\.description)
        == ["model.architecture tiny-vit-21m (paper: tiny-vit-5m)", "training.patience 5 (paper: null)"])
    #expect(PaperSettings.deviations(of: usual.effective, .teacher(width: 4), in: .paper).isEmpty)
    #expect(PaperSettings.differences(of: usual.effective, .teacher(width: 4)).isEmpty)
    #expect(
      PaperSettings.differences(of: other.effective, .teacher(width: 4)).map(\.description).last
        == "training.precision bfloat16 (paper: silent, our reading float32)")
    #expect(
      PaperSettings.deviations(
        of: try TeacherSettings(file("teacher", [("model.architecture", .string("tiny-vit-sample"))])).effective,
        .teacher(width: 4), in: .sample
      ).isEmpty)
    #expect(throws: SettingsError.self) { try TeacherSettings(file("teacher", [("training.patience", .number(0))])) }
    for value in ["bf16", "float16"] {
      do {
        _ = try TeacherSettings(file("teacher", [("training.precision", .string(value))]))
        Issue.record("\(value) is taken")
      } catch let error as SettingsError {
        #expect(error.place == "training.precision", "\(error)")
        #expect(error.message.contains("one of 'float32', 'bfloat16'") && error.message.contains(value), "\(error)")
      }
    }
    let aimless = [("training.patience", .number(2)), ("training.selection", .string("last-epoch"))] as [Change]
    #expect(throws: SettingsError.self) { try TeacherSettings(file("teacher", aimless)) }
  }

  @Test func everyKeyOfADistillation() throws {
    let settings = try DistillationSettings(
      file("distillation", Self.training + [("target", .string("logits")), ("head", .string("own"))]))
    expectTraining(settings.training)
    #expect(settings.target == .logits && settings.head == .own)
  }

  /// A head that was never fitted is no choice; one that was, has to be chosen, so that no settings of logits written before
  /// there was a choice pass for others.
  @Test func theHeadIsASettingOfLogits() throws {
    let penultimate = try DistillationSettings(file("distillation"))
    #expect(penultimate.target == .penultimate && penultimate.head == .teacher)
    #expect(penultimate.effective.value(at: ["head"]) == nil, "artifacts made before are still current")
    let logits = try DistillationSettings(file("distillation-logits"))
    #expect(logits.target == .logits && logits.head == .own)
    #expect(logits.effective.value(at: ["head"]) == .string("own"))
    #expect(logits.training.epochs == penultimate.training.epochs)
    let both = [("target", .string("logits")), ("head", .string("teacher"))] as [Change]
    #expect(try DistillationSettings(file("distillation", both)).head == .teacher)
    for (changes, message) in [
      ([both[0]], "head: missing key, expected one of 'teacher', 'own'"),
      ([both[1]], "head: expected none with target 'penultimate', after which the last layer is the teacher's, found"),
    ] {
      let error = #expect(throws: SettingsError.self) { try DistillationSettings(file("distillation", changes)) }
      #expect(error?.description.contains("distillation.json: \(message)") == true, "\(String(describing: error))")
    }
  }

  /// A variant says by which settings it is distilled; like its label that is none of the model's settings.
  @Test func aVariantNamesItsDistillation() throws {
    #expect(try StudentSettings.distillation(of: file("qvit")) == "distillation")
    #expect(try StudentSettings.distillation(of: file("qvit-logit-kd")) == "distillation-logits")
    #expect(
      try StudentSettings(file("qvit-logit-kd")).effective == StudentSettings(file("qvit")).effective)
    for value in [
      JSONValue.object([:]), .string(""), .string("../x"), .string("teacher-q4"), .string("a b"), .number(1),
    ] {
      let error = #expect(throws: SettingsError.self) { try StudentSettings(file("vit", [("distillation", value)])) }
      #expect(error?.place == "distillation", "\(value)")
    }
  }

  /// A variant of the discussion differs from the tables' in what it is about, and in nothing else.
  @Test(arguments: ["vit", "qvit"]) func variantsOfTheDiscussion(base: String) throws {
    var expected = try StudentSettings(file(base)).effective
    #expect(try StudentSettings(file("\(base)-logit-kd")).effective == expected)
    expected.replace(["model", "heads"], by: .number(1))
    #expect(try StudentSettings(file("\(base)-one-head")).effective == expected)
    let wide = try StudentSettings(file("\(base)-q8"))
    #expect(wide.width == 8)
    expected.replace(["model", "heads"], by: .number(2))
    expected.replace(["model", "qubits"], by: .number(8))
    if base == "qvit" {
      let pairs = (0..<7).map { JSONValue.array([.number(Double($0)), .number(Double($0 + 1))]) }
      expected.replace(["model", "circuit", "pairs"], by: .array(pairs))
    }
    #expect(wide.effective == expected)
  }

  /// The variants of the tables of widths differ in their qubits and in what attention's output goes through, and in nothing
  /// else; each is computed in the way that suits it.
  @Test(arguments: ["vit", "qvit", "qvit-output-circuit", "qvit-output-none"], [4, 8, 16, 32, 64])
  func variantsOfWidth(base: String, qubits: Int) throws {
    let kind = base == "vit" ? "vit" : "qvit"
    var expected = try StudentSettings(file(kind)).effective
    expected.replace(["model", "qubits"], by: .number(Double(qubits)))
    if base != kind {
      expected.replace(["model", "circuit", "output"], by: .string(base == "qvit-output-none" ? "none" : "circuit"))
    }
    if kind == "qvit" {
      let pairs = (0..<qubits - 1).map { JSONValue.array([.number(Double($0)), .number(Double($0 + 1))]) }
      expected.replace(["model", "circuit", "pairs"], by: .array(pairs))
    }
    let settings = try StudentSettings(file(qubits == 4 ? base : "\(base)-q\(qubits)"))
    #expect(settings.effective == expected && settings.width == qubits)
    let attention = qubits > 10 ? "tiled" : qubits == 4 && kind == "qvit" ? "polynomial" : "direct"
    #expect(settings.recorded.value(at: ["model", "attention"]) == .string(attention))
    if kind == "qvit" {
      #expect(settings.recorded.value(at: ["model", "circuit", "method"]) == .string("bloch"))
    }
  }

  /// What is too wide, or too entangled for its width, is refused with what would do.
  @Test func widthsHaveLimits() throws {
    func refused(_ name: String, _ changes: [Change], _ message: String) {
      let error = #expect(throws: SettingsError.self) { try StudentSettings(file(name, changes)) }
      #expect(error?.description.hasSuffix(message) == true, "\(String(describing: error))")
    }
    refused(
      "qvit", [("model.qubits", .number(66))], "qvit.json: model.qubits: expected an integer from 2 to 64, found 66")
    refused(
      "vit", [("model.qubits", .number(33)), ("model.heads", .number(3))],
      "vit.json: model: 33 qubits, expected an even number from 2 to 64")
    let closedForms =
      "what has a closed form (one layer of chain, ring, brick, brick-ring or hur, inputs uploaded once, or entangler "
      + "'none'), or at most 16 qubits, whose state is kept as a vector"
    refused(
      "qvit", [("model.qubits", .number(18)), ("model.circuit.layers", .number(2))],
      "qvit.json: model.circuit.layers: expected on 18 qubits \(closedForms), found 2 layers of \"chain\"")
    let tangle =
      (0..<17).map { JSONValue.array([.number(Double($0)), .number(Double($0 + 1))]) }
      + (0..<2).map { _ in JSONValue.array([.number(0), .number(2)]) }
    let error = #expect(throws: SettingsError.self) {
      try StudentSettings(file("qvit", [("model.qubits", .number(18)), ("model.circuit.layout", .array(tangle))]))
    }
    #expect(error?.place == "model.circuit.layout")
    refused(
      "qvit", [("model.qubits", .number(18)), ("model.circuit.method", .string("state-vector"))],
      "qvit.json: model.circuit.method: expected 'auto' or 'bloch': a state vector takes at most 16 qubits, of which gates "
        + "here act on 18, found the string \"state-vector\"")
    refused(
      "qvit", [("model.circuit.layers", .number(2)), ("model.circuit.method", .string("bloch"))],
      "qvit.json: model.circuit.method: expected 'auto' or 'state-vector': the pairs have no closed form, found "
        + "the string \"bloch\""
    )
    refused(
      "qvit", [("model.qubits", .number(32)), ("model.attention", .string("direct"))],
      "qvit.json: model.attention: expected 'auto' or 'tiled': a head has 16 channels, not 1, 2, 3, 4, 5, 6, 8, 10, found "
        + "the string \"direct\"")
    let sixteen = try StudentSettings(
      file("qvit", [("model.qubits", .number(16)), ("model.circuit.layers", .number(2))]))
    #expect(sixteen.recorded.value(at: ["model", "circuit", "method"]) == .string("state-vector"))
    #expect(try TeacherSettings(file("teacher", [("model.qubits", .number(64))])).qubits == 64)
  }

  /// Our settings files are the paper's, and every setting that the paper fixes is told where it is another.
  @Test func deviationsFromThePaperAreTold() throws {
    let scratch = ArtifactModel(variant: "qvit", regime: .scratch, kind: .qvit)
    let kd = ArtifactModel(variant: "qvit", regime: .kd, kind: .qvit)
    var distillation = try DistillationSettings(file("distillation")).effective
    distillation.replace(["teacher"], by: try TeacherSettings(file("teacher")).effective)
    for name in ["vit", "qvit"] {
      var settings = try StudentSettings(file(name)).effective
      #expect(PaperSettings.deviations(of: settings, scratch, in: .paper).isEmpty)
      settings.replace(["distillation"], by: distillation)
      #expect(PaperSettings.deviations(of: settings, kd, in: .paper).isEmpty)
      settings.replace(["distillation", "target"], by: .string("logits"))
      settings.replace(["distillation", "teacher", "weights", "start"], by: .string("random"))
      #expect(
        PaperSettings.deviations(of: settings, kd, in: .paper).map(\.description) == [
          "distillation.target logits (paper: penultimate)",
          "distillation.teacher.weights.start random (paper: pretrained)",
        ])
    }
    for change in Self.training {
      let settings = try StudentSettings(file("qvit", [change])).effective
      #expect(PaperSettings.deviations(of: settings, scratch, in: .paper).map(\.key) == [change.keys])
    }
    #expect(
      PaperSettings.deviations(of: .object([:]), scratch, in: .paper).contains {
        $0.description == "training.epochs unknown (paper: 100)"
      })
  }

  @Test func placesOfArtifacts() throws {
    let tree = ArtifactTree(root: "r")
    #expect(tree.dataset("oasis", resolution: 28) == "r/data/oasis-28.h5")
    let teachers = try #require(TeacherSeeds([5, 3, 9]))
    #expect((0...7).map { teachers.teacher(ofStudent: $0) } == [9, 5, 3, 9, 5, 3, 9, 5])
    #expect(tree.teacher("oasis", width: 6, seed: 2) == "r/teachers/oasis-q6-s2.h5")
    let student = ArtifactModel(variant: "wide", regime: .kd, kind: .qvit)
    #expect(tree.student(student, dataset: "oasis", resolution: 28, seed: 3) == "r/students/wide-kd/oasis-28-s3.h5")
    let distilled = ArtifactModel(variant: "wide", regime: .distilled, kind: .qvit)
    #expect(tree.student(distilled, dataset: "oasis", resolution: 28, seed: 3) == "r/distilled/wide/oasis-28-s3.h5")
    #expect(
      tree.evaluation(student, dataset: "oasis", resolution: 28, seed: 3) == "r/evaluations/wide-kd/oasis-28-s3.h5")
    // A teacher saw 224 pixels, whatever was enlarged.
    let teacher = ArtifactModel.teacher(width: 6)
    #expect(
      tree.evaluation(teacher, dataset: "oasis", resolution: 28, seed: 3)
        == "r/evaluations/\(teacher.variant)-teacher/oasis-224-s3.h5")
  }
}
