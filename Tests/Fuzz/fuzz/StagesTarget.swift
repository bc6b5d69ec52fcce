import Artifacts
import CommandLineKit
import Files
import Glibc
import DataStages
import PlanStages
import ReportStages
import Training
import TrainingStages
import _ArtifactSamples
import _TestSupport

/// Whole stages on artifacts that are sealed and say something else than they should: a dataset, a student, a checkpoint, an
/// evaluation of one real chain.
final class StagesTarget: FuzzTarget, EntersHDF5 {
  static let name = "stages"
  static let summary = "train, evaluate, report and montage on such artifacts"

  private let file: MemoryFile
  /// The good files by name, without their seals.
  private var contents: [String: [UInt8]] = [:]
  private static let student = "--data d.h5 --seed 1 --threads 1 --quiet --config"
  private static let report = "--table settings/tables/table1.json --output t"
  private static let evaluation = "evaluations/vit-scratch/breastmnist-28-s1.h5"
  /// Which file is changed, and what then reads it.
  private let cases: [(file: String, command: Command, words: String, run: (ParsedArguments) throws -> Void)] = [
    ("d.h5", TrainStage.command, "\(StagesTarget.student) vit.json --epochs 1 --output out.h5", TrainStage.run),
    ("d.h5", EvaluateStage.command, "--data d.h5 --model s.h5 --threads 1 --output out.h5", EvaluateStage.run),
    ("d.h5", PrepareDataStage.command, "--data d.h5 --montage out.png --quiet", PrepareDataStage.run),
    ("s.h5", EvaluateStage.command, "--data d.h5 --model s.h5 --threads 1 --output out.h5", EvaluateStage.run),
    ("s.h5", EvaluateStage.command, "--data d.h5 --model s.h5 --threads 1 --output out.h5", EvaluateStage.run),
    ("q.h5", EvaluateStage.command, "--data d.h5 --model q.h5 --threads 1 --output out.h5", EvaluateStage.run),
    (
      "k.h5", TrainStage.command, "\(StagesTarget.student) vit.json --init k.h5 --epochs 1 --output out.h5",
      TrainStage.run
    ),
    ("out.ckpt.h5", TrainStage.command, "\(StagesTarget.student) vit.json --epochs 2 --output out.h5", TrainStage.run),
    (StagesTarget.evaluation, ReportStage.command, StagesTarget.report, ReportStage.run),
    (StagesTarget.evaluation, ReportStage.command, StagesTarget.report, ReportStage.run),
  ]

  init(directory: String) throws {
    file = try MemoryFile(in: directory)
    mkdir("\(directory)/work", 0o777)
    guard chdir("\(directory)/work") == 0 else { throw Finding("no \(directory)") }
    // Progress and tables are not looked at.
    let nowhere = open("/dev/null", O_WRONLY)
    dup2(nowhere, STDOUT_FILENO)
    try makeChain()
    for name in Set(cases.map(\.file)) { contents[name] = Seal.removed(from: try bytes(name)) }
  }

  private func makeChain() throws {
    for name in ["student", "vit", "qvit"] {
      let text = try Fixtures.packageText("pipeline/config/\(name).json")
      try writeFile(
        text.replacing(#""epochs": 100"#, with: #""epochs": 2"#)
          .replacing(#""batch_size": 32"#, with: #""batch_size": 8"#), to: "\(name).json")
    }
    try run(
      PlanStage.command,
      "--profile sample --root . --config . --tables \(Fixtures.packageRoot)/pipeline/tables/table1.json --datasets "
        + "breastmnist --resolutions 28 --variants vit --seeds 1 --teacher-seeds 1 --teacher-resolution 224 --make make "
        + "--output plan.mk", PlanStage.run)
    for name in ["evaluations", "evaluations/vit-scratch"] { mkdir(name, 0o777) }
    let npz = "--dataset breastmnist --resolution 28 --source npz --allow-unofficial --profile sample --quiet"
    try run(
      PrepareDataStage.command, "\(npz) --input \(Fixtures.path("tools/breast.npz")) --output d.h5",
      PrepareDataStage.run)
    try run(TrainStage.command, "\(Self.student) vit.json --epochs 1 --output s.h5", TrainStage.run)
    try run(TrainStage.command, "\(Self.student) qvit.json --epochs 1 --output q.h5", TrainStage.run)
    try run(
      EvaluateStage.command, "--data d.h5 --model s.h5 --threads 1 --output \(Self.evaluation)", EvaluateStage.run)
    // A distilled student is one of another regime; a checkpoint one of another kind.
    var (distilled, _) = try StudentArtifact.read(path: "s.h5")
    distilled.header.model?.regime = .distilled
    try distilled.write(to: "k.h5")
    // The checkpoint of a training of two epochs after its first.
    let (student, _) = try StudentArtifact.read(path: "s.h5")
    var header = student.header
    header.kind = .checkpoint
    header.configuration = header.configuration.replacing(#""epochs":1"#, with: #""epochs":2"#)
    let parameters = student.parameters.flatMap(\.values)
    let zeros = [Float](repeating: 0, count: parameters.count)
    var state = TrainingState(parameters: parameters, settings: Adam.Settings())
    state.optimizer = Adam(firstMoment: zeros, secondMoment: zeros, steps: 2, settings: Adam.Settings())
    state.epoch = 1
    state.best = Selected(epoch: 0, auc: 0.5, parameters: parameters)
    state.history = student.history
    try CheckpointArtifact(header: header, state: state).write(to: "out.ckpt.h5")
    for name in names(in: ".") where name.hasSuffix(".csv") { unlink(name) }
  }

  private func run(_ command: Command, _ words: String, _ body: (ParsedArguments) throws -> Void) throws {
    guard case .run(let parsed) = try command.parse(words.split(separator: " ").map(String.init)) else { return }
    try body(parsed)
  }

  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    let index = choices.index(below: cases.count)
    try file.write(contents[cases[index].file] ?? [])
    try SchemaMutation.apply(to: file.path, &choices)
    return [UInt8(index)] + Seal.added(to: try file.bytes())
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    let (file, command, words, body) = cases[Int(input[0])]
    let expected = [
      "d.h5", "d.source.txt", "evaluations", "k.h5", "out.ckpt.h5", "plan.mk", "q.h5", "qvit.json", "s.h5", "settings",
      "student.json",
      "vit.json",
    ]
    try write(Array(input.dropFirst()), to: file)
    defer {
      // As it was before.
      for name in names(in: ".") where !expected.contains(name) { unlink(name) }
      for name in [file, "out.ckpt.h5"] { try? write(Seal.added(to: contents[name] ?? []), to: name) }
    }
    if file != "out.ckpt.h5" { unlink("out.ckpt.h5") }
    var failure: (any Error)?
    do { try run(command, words, body) } catch { failure = error }
    let outputs = [
      "out.h5", "out.png", "out.ckpt.h5", "out.ckpt.h5.unused", "out.timing.csv", "t.inputs.json", "t.md", "t.csv",
      "t.tex",
    ]
    for name in names(in: ".") where !expected.contains(name) {
      let isResult = ["out.h5", "out.png", "t.md", "t.csv", "t.tex"].contains(name)
      if !outputs.contains(name) || (isResult && failure != nil) { throw Finding("left \(name)") }
    }
    guard let failure else { return .accepted }
    throw failure
  }
}
