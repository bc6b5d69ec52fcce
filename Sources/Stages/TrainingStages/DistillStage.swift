import Learners
import Architectures
import Configuration
import StageSupport
import Threads
import Artifacts
public import CommandLineKit
import Datasets
import Files
import VectorMath
import JSON
import VisionTransformers
import Training

/// `distill`: a student is fitted to a teacher's penultimate vectors and takes over its last layer, or to its logits.
public enum DistillStage {
  /// The options.
  public static let command = Command(
    name: "distill",
    summary: "Fit a student to a teacher before it is trained on labels.",
    discussion: """
      The student's penultimate vectors are fitted to the teacher's with mean squared error, then its last layer becomes \
      the teacher's. With target "logits" its logits are fitted, and it keeps its last layer (head "own") or takes over the \
      teacher's ("teacher"). `train --init` goes on from the result. The teacher must have seen the same images, at any \
      resolution.
      """,
    options: [
      Option("data", .path, "Dataset artifact the student sees.", presence: .required),
      Option("teacher", .path, "Teacher artifact.", presence: .required),
      Option("config", .path, "Settings file of the student (JSON); its name is the variant's.", presence: .required),
      Option("distillation", .path, "Settings file of the distillation (JSON).", presence: .required),
      Option("seed", .integer(in: 0...Int(Int32.max)), "Seed of weights and order.", presence: .required),
      Option("epochs", .integer(in: 1...1_000_000), "Number of epochs instead of the settings file's."),
      .threads,
      .checkpointInterval,
      .quiet,
      Option("output", .path, "Student artifact to write.", presence: .required),
    ],
    examples: [
      "distill --data data/breastmnist-28.h5 --teacher teachers/breastmnist-q4-s1.h5 \\\n"
        + "    --config pipeline/config/qvit.json \\\n"
        + "    --distillation pipeline/config/distillation.json --seed 1 \\\n"
        + "    --output distilled/qvit/breastmnist-28-s1.h5"
    ])

  /// Distils.
  public static func run(_ arguments: ParsedArguments) throws {
    let output = arguments.string("output")
    let config = arguments.string("config")
    var settings = try StudentSettings(path: config)
    var distillation = try DistillationSettings(
      path: arguments.string("distillation"), epochs: arguments.optionalInteger("epochs"))
    let target = try arguments.claimOutput()
    let teacherPath = arguments.string("teacher")
    let (teacher, teacherDigest) = try TeacherArtifact.read(path: teacherPath)
    let dataset = try DatasetArtifact(path: arguments.string("data"))
    let seed = UInt64(arguments.integer("seed"))
    let pool = WorkerPool(threads: arguments.threadCount)
    let student = try settings.student(for: dataset, pool: pool)
    try requireMatch(teacher, teacherPath, dataset, student)

    try distillation.record(teacher.header, path: teacherPath)
    settings.distillation = distillation.effective
    var header = try settings.header(
      variant: variant(ofSettings: config), dataset: dataset, seed: seed, regime: .distilled,
      ancestors: teacher.header.asAncestors(role: .teacher, contentSHA256: teacherDigest))
    header.inherit(from: teacher.header)
    header.inputs.append(
      ArtifactInput(role: .teacher, fileName: fileName(of: teacherPath), contentSHA256: teacherDigest))
    let learner = VisionTransformerLearner(
      student: student, training: try dataset.studentData(.train, student, pool),
      validation: try dataset.studentData(.val, student, pool), task: dataset.contents.task,
      target: distillation.target.values(of: teacher), seed: seed, dropoutPurpose: "distillation dropout")
    let trainer = Trainer(learner, settings: distillation.training, seed: seed, orderPurpose: "distillation shuffle")
    let run = TrainingRun(
      tool: command.name, trainer: trainer, output: output, header: header,
      checkpointInterval: arguments.checkpointInterval, style: arguments.progressStyle)
    let (selected, records) = try run.complete(
      from: TrainingState(
        parameters: student.layout.initialParameters(seed: seed), settings: distillation.training.adam))

    var parameters = selected.parameters
    if distillation.head == .teacher {
      parameters.replaceSubrange(student.layout.range("head.weight"), with: teacher.classifier.weight)
      parameters.replaceSubrange(student.layout.range("head.bias"), with: teacher.classifier.bias)
    }
    let components = try learner.components(parameters)
    header.descent?.own.components = components
    try StudentArtifact(
      header: header, parameters: student.layout.named(parameters), history: records,
      selectedEpoch: selected.epoch + 1
    ).write(to: target)
    run.cleanUp()
    warnOfDeadComponents(
      components, of: command.name, output,
      teacher: PenultimateComponents(of: teacher.targets[.train]?.penultimate ?? [], width: teacher.width))
  }

  /// - Throws: `ArtifactError` if the teacher is not one of this dataset and this student.
  private static func requireMatch(
    _ teacher: TeacherArtifact, _ path: String, _ dataset: DatasetArtifact, _ student: VisionTransformer
  ) throws {
    try requireEqual(path, "/dataset", expected: dataset.header.dataset, found: teacher.header.dataset)
    try requireEqual(path, "/profile", expected: dataset.header.profile, found: teacher.header.profile)
    try requireEqual(
      path, "/penultimate_width", expected: student.architecture.qubits, found: teacher.width,
      because: "the student's qubits")
    try requireEqual(path, "/classes", expected: student.architecture.classes, found: teacher.classes)
    try requireSameImages(teacher.header, path, dataset)
    for split in TeacherArtifact.targetSplits {
      guard let targets = teacher.targets[split] else { continue }
      let labels = try dataset.labels(split)
      let object = "/targets/\(split.rawValue)"
      try requireEqual(path, object, expected: labels.count, found: targets.labels.count, because: "the images")
      guard labels == targets.labels else {
        throw ArtifactError.invalidValue(
          path: path, object: object, expected: "the labels of \(dataset.path)", found: "other images")
      }
      try requireFinite(targets.penultimate, path: path, object: "\(object)/penultimate")
      try requireFinite(targets.logits, path: path, object: "\(object)/logits")
    }
    try requireFinite(teacher.classifier.weight, path: path, object: "/classifier/weight")
    try requireFinite(teacher.classifier.bias, path: path, object: "/classifier/bias")
  }
}

extension DistillStage {
  /// The labels alone do not tell: another split of the same folder can have the same ones, and a teacher that learned from
  /// the student's test images makes the student's scores too high.
  /// - Throws: `ArtifactError` if the teacher saw other images, or the same ones in other splits.
  private static func requireSameImages(
    _ teacher: ArtifactHeader, _ path: String, _ dataset: DatasetArtifact
  ) throws {
    guard let seen = teacher.descent?.own.images else {
      throw ArtifactError.missing(path: path, object: "/@descent")
    }
    let images = try dataset.asDescent()
    switch images.likeness(to: seen) {
    case .same: return
    case .labelsOnly:
      writeToStandardError(
        "\(command.name): warning: \(path): the teacher saw \(seen.sourceText), the student sees \(images.sourceText): "
          + "not both are the published file, so only their labels could be compared\n")
    case .different:
      throw ArtifactError.invalidValue(
        path: path, object: "/@descent", expected: "a teacher of the images of \(dataset.path), split as there",
        found: "one of other images, or of the same ones in other splits or another order")
    }
  }
}

extension DistillationSettings.Target {
  /// The teacher's values for all images.
  func values(of teacher: TeacherArtifact) -> VisionTransformerLearner.Target {
    let (train, val) = (teacher.targets[.train], teacher.targets[.val])
    return switch self {
    case .penultimate:
      .penultimate(training: train?.penultimate ?? [], validation: val?.penultimate ?? [])
    case .logits: .logits(training: train?.logits ?? [], validation: val?.logits ?? [])
    }
  }
}
