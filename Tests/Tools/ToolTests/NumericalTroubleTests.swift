import Artifacts
import Datasets
import Testing
import _TestSupport

/// Numbers that are NaN or infinite stop a stage: one line with epoch, step and the tensor's name, code 65, nothing written,
/// the last good checkpoint kept.
@Suite("Numerical trouble") struct NumericalTroubleTests {
  private static let npz =
    "--dataset breastmnist --resolution 28 --source npz --allow-unofficial --profile paper --quiet"

  /// A dataset of a few images, settings, a student.
  private func furnish() throws -> Bench {
    let bench = try Bench()
    try bench.copy("tools/breast.npz")
    try bench.writeSettings()
    try bench.complete(.prepareData, "\(Self.npz) --input breast.npz --output d.h5")
    return bench
  }

  /// A student of either kind that is trained so.
  private func write(_ training: String, in bench: Bench) throws {
    for kind in ["vit", "qvit"] {
      try bench.writeSettings("wild-\(kind)", extending: kind, #""training": {\#(training)}"#)
    }
  }

  private func expectFailure(_ result: ProcessResult, _ message: String) {
    #expect(result.status == 65)
    #expect(result.errors.hasPrefix(message), "\(result.errors)")
    #expect(result.errors.hasSuffix("\n") && result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
  }

  @Test("train: a step of no size divides by zero", arguments: ["vit", "qvit"])
  func training(model: String) throws {
    let bench = try furnish()
    // Adam without ε divides 0 by 0 where a gradient is zero from the beginning, behind ReLUs that are off.
    try write(#""epochs": 40, "batch_size": 4, "learning_rate": 1000, "epsilon": 0"#, in: bench)
    let words = "--data d.h5 --seed 1 --config wild-\(model).json --checkpoint-interval 0 --quiet --output s.h5"
    let result = try bench.run(.train, words)
    expectFailure(result, "train: error: diverged in epoch ")
    #expect(result.errors.contains(" is not finite\n"))
    #expect(result.errors.contains("step ") && !bench.directory.contains("s.h5"))
    #expect(!bench.directory.contains("s.h5.part"))
    // The same command goes on from the last good state, and comes to the same end.
    let names = try bench.directory.entries()
    #expect(try bench.run(.train, words).errors.hasSuffix(result.errors))
    #expect(try bench.directory.entries() == names)
  }

  /// A good epoch, then a rate that overflows: what was good is in the checkpoint.
  @Test("train: the last good checkpoint is kept") func checkpointIsKept() throws {
    let bench = try furnish()
    try write(
      #""epochs": 1000, "batch_size": 4, "learning_rate": 1000, "decay": 1, "epsilon": 0"#, in: bench)
    let result = try bench.run(
      .train, "--data d.h5 --seed 1 --config wild-vit.json --checkpoint-interval 0 --quiet --output s.h5")
    expectFailure(result, "train: error: diverged in epoch ")
    guard bench.directory.contains("s.ckpt.h5") else {
      #expect(result.errors.contains("epoch 1, step 1:"), "\(result.errors)")
      return
    }
    try verify(bench.directory.file("s.ckpt.h5"))
  }

  /// A student whose seal and digests are right and whose weights are not.
  @Test("train --init, evaluate: weights that are not finite", arguments: [Float.nan, .infinity])
  func weights(value: Float) throws {
    let bench = try furnish()
    try bench.complete(.train, "--data d.h5 --seed 1 --config vit.json --quiet --epochs 1 --output s.h5")
    var (student, _) = try StudentArtifact.read(path: bench.directory.file("s.h5"))
    student.parameters[2].values[1] = value
    student.header.model?.regime = .distilled
    try student.write(to: bench.directory.file("bad.h5"))
    let what =
      "bad.h5: /parameters/\(student.parameters[2].name): expected finite numbers, found \(value) at element 1"
    expectFailure(
      try bench.run(.evaluate, "--data d.h5 --model bad.h5 --threads 1 --output e.h5"), "evaluate: error: \(what)")
    expectFailure(
      try bench.run(.train, "--data d.h5 --seed 1 --config vit.json --init bad.h5 --output t.h5"),
      "train: error: \(what)")
  }

  /// Finite weights can still give infinite logits.
  @Test("evaluate: logits that overflow") func logits() throws {
    let bench = try furnish()
    try bench.complete(.train, "--data d.h5 --seed 1 --config vit.json --quiet --epochs 1 --output s.h5")
    var (student, _) = try StudentArtifact.read(path: bench.directory.file("s.h5"))
    for index in student.parameters.indices where student.parameters[index].name.hasPrefix("head.") {
      student.parameters[index].values = student.parameters[index].values.map { _ in .greatestFiniteMagnitude }
    }
    try student.write(to: bench.directory.file("bad.h5"))
    expectFailure(
      try bench.run(.evaluate, "--data d.h5 --model bad.h5 --threads 1 --output e.h5"),
      "evaluate: error: bad.h5: /parameters: expected a model of d.h5, found on val, logit of image 0, class 0")
    #expect(!bench.directory.contains("e.h5"))
  }

  @Test("distill: a teacher whose targets or last layer are not finite", arguments: [0, 1, 2])
  func teachers(place: Int) throws {
    let bench = try furnish()
    try bench.writeSettings("t", extending: "teacher", #""weights": {"start": "random"}"#)
    try bench.writeSettings("di", extending: "distillation", #""training": {"epochs": 2}"#)
    try bench.complete(
      .finetuneTeacher, "--data d.h5 --config t.json --seed 1 --epochs 0 --quiet --output teacher.h5")
    var (teacher, _) = try TeacherArtifact.read(path: bench.directory.file("teacher.h5"))
    let object: String
    switch place {
    case 0:
      teacher.targets[.train]?.penultimate[3] = .nan
      object = "/targets/train/penultimate"
    case 1:
      teacher.targets[.val]?.logits[0] = .infinity
      object = "/targets/val/logits"
    default:
      teacher.classifier.weight[0] = .nan
      object = "/classifier/weight"
    }
    try teacher.write(to: bench.directory.file("bad.h5"))
    expectFailure(
      try bench.run(
        .distill,
        "--data d.h5 --teacher bad.h5 --config vit.json --distillation di.json --seed 1 --quiet "
          + "--output s.h5"), "distill: error: bad.h5: \(object): expected finite numbers, found ")
    // Huge targets are finite, their squares are not: the loss says so.
    if place == 0 {
      let count = teacher.targets[.train]?.penultimate.count ?? 0
      teacher.targets[.train]?.penultimate = [Float](repeating: 3e38, count: count)
      try teacher.write(to: bench.directory.file("bad.h5"))
      expectFailure(
        try bench.run(
          .distill,
          "--data d.h5 --teacher bad.h5 --config vit.json --distillation di.json --seed 1 --quiet "
            + "--output s.h5"), "distill: error: diverged in epoch 1, step 1: ")
    }
    #expect(!bench.directory.contains("s.h5"))
  }

  @Test("finetune-teacher: an absurd learning rate", .timeLimit(.minutes(20))) func teacherDiverges() throws {
    let bench = try furnish()
    try bench.writeSettings(
      "t", extending: "teacher",
      #""weights": {"start": "random"}, "training": {"epochs": 3, "batch_size": 4, "learning_rate": 1000, "epsilon": 0}"#
    )
    let result = try bench.start(
      .finetuneTeacher, "--data d.h5 --config t.json --seed 1 --quiet --output teacher.h5"
    ).wait(atMost: 280)
    expectFailure(result, "finetune-teacher: error: diverged in epoch 1, step ")
    #expect(!bench.directory.contains("teacher.h5"))
  }
}
