import Files
import Testing
import _TestSupport

@testable import Artifacts

/// A command that must fail: with which code, and in which words.
struct BadCommand: Sendable, CustomTestStringConvertible {
  var tool: Tool
  var words: String
  var status: Int32
  var message: String

  init(_ tool: Tool, _ words: String, _ status: Int32, _ message: String) {
    self.tool = tool
    self.words = words
    self.status = status
    self.message = message
  }

  var testDescription: String { "\(tool.rawValue) \(words)" }
}

/// A directory with good and bad files of all kinds.
private func furnish() throws -> Bench {
  let bench = try Bench()
  let directory = bench.directory
  for name in [
    "breast", "breast-truncated", "breast-damaged", "breast-label-2", "breast-no-images", "breast-val-one-class",
  ] { try bench.copy("tools/\(name).npz") }
  for name in ["missing-member", "wrong-dtype", "wrong-shape", "bomb-ratio"] { try bench.copy("npz/\(name).npz") }
  try bench.writeSettings()
  for name in ["dir", "slow", "wide"] { try directory.makeDirectories(name) }
  try directory.makePipe("pipe")
  try directory.write("precious", to: "out.h5")
  try directory.write("", to: "empty.h5")
  try directory.write("a text, not an artifact\n", to: "text.h5")

  let npz = "--source npz --allow-unofficial --quiet"
  try bench.complete(
    .prepareData, "--dataset breastmnist --resolution 28 \(npz) --input breast.npz --profile paper --output d.h5")
  try bench.complete(
    .prepareData,
    "--dataset breastmnist --resolution 28 \(npz) --input breast-val-one-class.npz --profile paper --output one.h5")
  try bench.complete(
    .prepareData, "--dataset breastmnist --resolution 28 --source sample --quiet --profile sample --output d2.h5")
  try bench.complete(
    .prepareData, "--dataset retinamnist --resolution 28 --source sample --quiet --profile paper --output retina.h5")
  try bench.complete(
    .prepareData, "--dataset breastmnist --resolution 224 --source sample --quiet --profile paper --output d224.h5")
  let whole = try directory.bytes("d.h5")
  try directory.write(Array(whole.prefix(whole.count / 2)), to: "half.h5")
  var flipped = whole
  flipped[600] ^= 1
  try directory.write(flipped, to: "flipped.h5")
  // The first training image; where it lies says the line that sets images apart.
  let end = String(decoding: whole.suffix(220), as: UTF8.self)
  let line = try #require(end.split(separator: "\n").first { $0.hasPrefix("qvit-apart ") })
  let firstImage = try #require(Int(line.dropFirst(11).prefix { $0 != "+" }))
  flipped = whole
  flipped[firstImage] ^= 1
  try directory.write(flipped, to: "flipped-image.h5")
  try writeHeader([("format", .text("qvit")), ("format_version", .integer(1))], to: directory.file("version1.h5"))

  for (data, student, evaluation, seed) in [
    ("d.h5", "s.h5", "mixed/evaluations/vit-scratch/breastmnist-28-s1.h5", 1),
    ("d2.h5", "s2.h5", "mixed/evaluations/vit-scratch/breastmnist-28-s2.h5", 2),
    ("d.h5", "s3.h5", "moved/evaluations/vit-scratch/breastmnist-28-s1.h5", 3),
    ("d.h5", "s4.h5", "unlike/evaluations/vit-scratch/breastmnist-28-s1.h5", 1),
  ] {
    try directory.makeDirectories(String(evaluation.prefix { $0 != "/" }) + "/evaluations/vit-scratch")
    try bench.complete(
      .train, "--data \(data) --config vit.json --seed \(seed) --epochs 1 --quiet --output \(student)")
    try bench.complete(.evaluate, "--data \(data) --model \(student) --output \(evaluation)")
  }
  // Under the same name another architecture, another rate.
  try bench.writeSettings("wide/vit", extending: "vit", #""model": {"qubits": 6}"#)
  try bench.writeSettings("slow/vit", extending: "vit", #""training": {"learning_rate": 0.004}"#)
  try bench.complete(
    .train, "--data d.h5 --config slow/vit.json --seed 2 --epochs 1 --quiet --output s5.h5")
  try bench.complete(
    .evaluate, "--data d.h5 --model s5.h5 --output unlike/evaluations/vit-scratch/breastmnist-28-s2.h5")
  try directory.makeDirectories("damaged/evaluations/vit-scratch")
  try directory.write(
    Array(directory.bytes("mixed/evaluations/vit-scratch/breastmnist-28-s1.h5").dropLast(9)),
    to: "damaged/evaluations/vit-scratch/breastmnist-28-s1.h5")

  try bench.writeSettings("t", extending: "teacher", #""weights": {"start": "random"}"#)
  try bench.writeSettings("di", extending: "distillation", #""training": {"epochs": 2}"#)
  try bench.complete(
    .finetuneTeacher, "--data d.h5 --config t.json --seed 1 --epochs 0 --quiet --output teacher.h5")
  try bench.complete(
    .distill,
    "--data d.h5 --teacher teacher.h5 --config vit.json --distillation di.json --seed 1 --quiet --output distilled.h5")
  for (name, text) in badSettings { try directory.write(text, to: "\(name).json") }
  for root in ["mixed", "unlike", "moved", "damaged"] {
    try bench.plan(root: root, seeds: ["mixed", "unlike"].contains(root) ? "1 2" : "1")
  }
  let table = "mixed/settings/tables/table1.json"
  for (name, word, other) in [
    ("as-sample", #""profile": "paper""#, #""profile": "sample""#),
    ("other-regime", #""regime": "scratch""#, #""regime": "scratsh""#),
  ] {
    let text = try directory.text(table)
    try #require(text.contains(word))
    try directory.write(text.replacing(word, with: other), to: "\(name).json")
  }
  return bench
}

/// An artifact that has only these attributes, sealed like a whole one.
private func writeHeader(_ attributes: [(String, HDF5Value)], to path: String) throws {
  let pending = try PendingFile(path: path)
  let file = try HDF5File.create(in: pending)
  for (name, value) in attributes { try file.root.setAttribute(name, value) }
  try file.close()
  try FileSeal.close(pending)
  try pending.publish()
}

private let badSettings = [
  ("unknown-key", #"{"extends": "vit", "training": {"epochz": 3}}"#),
  ("unknown-label", #"{"extends": "vit", "lable": "ViT"}"#),
  ("wrong-type", #"{"extends": "vit", "training": {"epochs": "3"}}"#),
  ("out-of-range", #"{"extends": "vit", "training": {"epochs": 0}}"#),
  ("fraction", #"{"extends": "vit", "training": {"batch_size": 2.5}}"#),
  ("choice", #"{"extends": "vit", "model": {"pooling": "meen"}}"#),
  ("kind", #"{"extends": "vit", "kind": "tinyvit"}"#),
  ("no-kind", #"{"extends": "student"}"#),
  ("no-base", #"{"kind": "vit", "model": {"qubits": 4, "heads": 2}, "training": {"epochs": 3}}"#),
  ("bad-base", #"{"extends": "vitt"}"#),
  ("circle", #"{"extends": "circle-2"}"#),
  ("circle-2", #"{"extends": "circle"}"#),
  ("itself", #"{"extends": "itself"}"#),
  ("bad-extends", #"{"extends": ["vit"]}"#),
  ("bad-label", #"{"extends": "vit", "label": "a\u0007b"}"#),
  ("vit-circuit", #"{"extends": "qvit", "kind": "vit"}"#),
  ("bad-qubit", #"{"extends": "qvit", "model": {"circuit": {"layout": [[0, 4]]}}}"#),
  ("self-pair", #"{"extends": "qvit", "model": {"circuit": {"layout": [[1, 1]]}}}"#),
  ("odd-qubits", #"{"extends": "vit", "model": {"qubits": 5}}"#),
  ("heads", #"{"extends": "vit", "model": {"qubits": 4, "heads": 3}}"#),
  ("invalid", "{\"training\": {\"epochs\": 3,}}\n"),
  ("twice", #"{"training": {}, "training": {}}"#),
  ("list", "[]"),
  ("nothing", ""),
  ("unknown-teacher", #"{"extends": "t", "training": {"epochz": 3}}"#),
  ("unknown-distillation", #"{"extends": "di", "training": {"epochz": 3}}"#),
  // Good ones, of which something else is wrong.
  ("six", #"{"extends": "vit", "model": {"qubits": 6}, "training": {"epochs": 2}}"#),
  ("pretrained", #"{"extends": "teacher"}"#),
  ("not-text", "\u{0}\u{1}"),
]

private let npz = "--dataset breastmnist --resolution 28 --source npz --profile paper"
private let sample = "--dataset breastmnist --resolution 28 --source sample --profile paper"
private let unofficial = "\(npz) --quiet --allow-unofficial"
private let train = "--data d.h5 --seed 1"
private let distill = "--config vit.json --distillation di.json --seed 1 --output out.h5"
private func report(_ root: String) -> String { "--table \(root)/settings/tables/table1.json" }

@Suite("Bad input: one line, the right exit code, nothing changed")
struct BadInputTests {
  private func fails(_ command: BadCommand, in bench: Bench) throws {
    let result = try bench.run(command.tool, command.words)
    #expect(result.status == command.status)
    #expect(result.output.isEmpty)
    let start = "\(command.tool.rawValue): error: \(command.message)"
    #expect(result.errors.hasPrefix(start), "\(result.errors)")
    #expect(result.errors.hasSuffix("\n") && result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
  }

  /// All commands run in one directory, whose files, names and bytes, must be the same afterwards.
  @Test("Commands that must fail", .timeLimit(.minutes(20)))
  func commands() throws {
    let bench = try furnish()
    let before = try bench.contents()
    for command in badCommands {
      try fails(command, in: bench)
      let after = try bench.contents()
      let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
      #expect(changed.isEmpty, "\(command.testDescription) left or changed \(changed.sorted())")
      guard changed.isEmpty else { break }
    }
  }
}

private let badCommands: [BadCommand] = [
  // Files in MedMNIST's layout
  BadCommand(
    .prepareData, "\(npz) --input breast.npz --output out.h5", 65, "breast.npz: MD5: expected 750601b1f35ba330"),
  BadCommand(.prepareData, "\(unofficial) --input breast-truncated.npz --output out.h5", 65, "breast-truncated.npz: "),
  BadCommand(.prepareData, "\(unofficial) --input breast-damaged.npz --output out.h5", 65, "breast-damaged.npz: "),
  BadCommand(
    .prepareData, "\(unofficial) --input breast-label-2.npz --output out.h5", 65,
    "breast-label-2.npz: test_labels.npy: label 5: expected 0 to 1, found 2"),
  BadCommand(
    .prepareData, "\(unofficial) --input breast-no-images.npz --output out.h5", 65,
    "breast-no-images.npz: test_images.npy: images: expected 1 to 16777216, found 0"),
  BadCommand(
    .prepareData, "\(unofficial) --input missing-member.npz --output out.h5", 65,
    "missing-member.npz: members: expected train_images.npy, "),
  BadCommand(.prepareData, "\(unofficial) --input wrong-dtype.npz --output out.h5", 65, "wrong-dtype.npz: "),
  BadCommand(.prepareData, "\(unofficial) --input wrong-shape.npz --output out.h5", 65, "wrong-shape.npz: "),
  BadCommand(.prepareData, "\(unofficial) --input bomb-ratio.npz --output out.h5", 65, "bomb-ratio.npz: "),
  BadCommand(.prepareData, "\(unofficial) --input empty.h5 --output out.h5", 65, "empty.h5: "),
  BadCommand(.prepareData, "\(unofficial) --input text.h5 --output out.h5", 65, "text.h5: "),
  BadCommand(
    .prepareData, "\(unofficial) --input none.npz --output out.h5", 66,
    "none.npz: cannot open: No such file or directory"),
  BadCommand(.prepareData, "\(unofficial) --input dir --output out.h5", 66, "dir: cannot open: Is a directory"),
  BadCommand(.prepareData, "\(unofficial) --input pipe --output out.h5", 66, "pipe: cannot open: Invalid argument"),
  BadCommand(
    .prepareData,
    "--dataset pneumoniamnist --resolution 224 --source npz --profile paper --allow-unofficial "
      + "--input breast.npz --output out.h5", 65,
    "breast.npz: train_images.npy: shape: expected [N, 224, 224] for pneumoniamnist at 224, found [12, 28, 28]"),
  // Options
  BadCommand(.prepareData, "\(npz) --output out.h5", 64, "--source npz needs --input FILE"),
  BadCommand(
    .prepareData, "\(sample) --input breast.npz --output out.h5", 64,
    "'--input' does not go with --source sample"),
  BadCommand(
    .prepareData, "--dataset breastmnits --resolution 28 --source sample --profile paper --output out.h5", 64,
    "option '--dataset': expected one of 'breastmnist'"),
  BadCommand(
    .prepareData, "--dataset breastmnist --resolution 64 --source sample --profile paper --output out.h5", 64,
    "option '--resolution': expected one of '28', '224', found '64'"),
  BadCommand(.train, "\(train) --seed 2 --config vit.json --output out.h5", 64, "option '--seed' is given twice"),
  BadCommand(.train, "\(train) --epochs 0 --config vit.json --output out.h5", 64, "option '--epochs': expected "),
  BadCommand(.report, "--table vit.json --root mixed --output t", 64, "'--root' does not go with --table"),
  BadCommand(.report, "--table vit.json --seeds 1 --output t", 64, "unknown option '--seeds'"),
  BadCommand(.report, "--output t", 64, "one of --table, --datasets, --page is needed"),
  BadCommand(
    .report, "--datasets breastmnist --resolutions 28 --root mixed --output t", 64, "--datasets needs --profile"),
  BadCommand(
    .report, "--datasets breastmnist --resolutions \"28 28\" --root mixed --profile paper --output t", 64,
    "option '--resolutions': '28' is "),
  BadCommand(
    .report, "--datasets breastmnist --resolutions 64 --root mixed --profile paper --output t", 64,
    "option '--resolutions': expected "),
  BadCommand(
    .report, "--datasets breastmnist --resolutions 28 --root mixed --profile other --output t", 64,
    "option '--profile': expected one of 'sample', 'paper', found 'other'"),
  // Outputs
  BadCommand(
    .prepareData, "\(sample) --output none/out.h5", 73, "none/out.h5: cannot create: No such file or directory"),
  BadCommand(.prepareData, "\(sample) --output dir", 73, "dir: cannot create: Is a directory"),
  BadCommand(.prepareData, "\(sample) --output pipe", 73, "pipe: cannot create: Invalid argument"),
  BadCommand(.prepareData, "\(sample) --output text.h5/out.h5", 73, "text.h5/out.h5: cannot create: Not a directory"),
  BadCommand(.train, "\(train) --config vit.json --output none/s.h5", 73, "none/s.h5: cannot create: No such file"),
  BadCommand(.train, "\(train) --config vit.json --output dir", 73, "dir: cannot create: Is a directory"),
  BadCommand(.evaluate, "--data d.h5 --model s.h5 --output none/e.h5", 73, "none/e.h5: cannot create: No such file"),
  BadCommand(
    .evaluate, "--data d.h5 --model s.h5 --csv text.h5 --output out.h5", 73, "text.h5"),
  BadCommand(
    .evaluate, "--data d.h5 --model s.h5 --csv none/csv --output out.h5", 73, "none/csv: cannot create: No such file"),
  BadCommand(
    .report, "\(report("mixed")) --output none/t", 73, "none/t.md: cannot create: No such"),
  // Artifacts
  BadCommand(.train, "--data none.h5 --seed 1 --config vit.json --output out.h5", 66, "none.h5: cannot open"),
  BadCommand(.train, "--data dir --seed 1 --config vit.json --output out.h5", 66, "dir: cannot open: Is a"),
  BadCommand(.train, "--data pipe --seed 1 --config vit.json --output out.h5", 66, "pipe: cannot open: Inv"),
  BadCommand(
    .train, "--data empty.h5 --seed 1 --config vit.json --output out.h5", 65,
    "empty.h5: not an artifact: an empty file"),
  BadCommand(
    .train, "--data text.h5 --seed 1 --config vit.json --output out.h5", 65,
    "text.h5: not an artifact: no HDF5 file"),
  BadCommand(
    .train, "--data half.h5 --seed 1 --config vit.json --output out.h5", 65,
    "half.h5: damaged or changed since it was written: "),
  BadCommand(
    .train, "--data flipped.h5 --seed 1 --config vit.json --output out.h5", 65,
    "flipped.h5: damaged or changed since it was written: expected SHA-256 "),
  BadCommand(
    .train, "--data flipped-image.h5 --seed 1 --config vit.json --quiet --output out.h5", 65,
    "flipped-image.h5: /train/images[0]: content does not match its digest: expected "),
  BadCommand(
    .train, "--data version1.h5 --seed 1 --config vit.json --output out.h5", 65,
    "version1.h5: expected format version 4, found 1"),
  BadCommand(
    .train, "--data s.h5 --seed 1 --config vit.json --output out.h5", 65,
    "s.h5: expected kind 'dataset', found 'student'"),
  BadCommand(
    .train, "--data one.h5 --seed 1 --config vit.json --quiet --output out.h5", 65,
    "one.h5: /val/labels: expected images of every class, because their AUC selects the epoch "
      + "(training.selection 'last-epoch' needs none), found none of class 1 (normal, benign)"),
  BadCommand(
    .evaluate, "--data d.h5 --model d.h5 --output out.h5", 65,
    "d.h5: expected kind 'student or teacher', found 'dataset'"),
  BadCommand(.evaluate, "--data half.h5 --model s.h5 --output out.h5", 65, "half.h5: damaged or changed"),
  BadCommand(.evaluate, "--data d.h5 --model none.h5 --output out.h5", 66, "none.h5: cannot open: No such file"),
  BadCommand(
    .evaluate, "--data d2.h5 --model s.h5 --output out.h5", 65,
    "s.h5: /inputs: expected made from d2.h5 (content "),
  BadCommand(
    .evaluate, "--data retina.h5 --model s.h5 --output out.h5", 65,
    "s.h5: /dataset: expected retinamnist at 28 pixels, found breastmnist at 28 pixels"),
  BadCommand(
    .evaluate, "--data d224.h5 --model s.h5 --output out.h5", 65,
    "s.h5: /dataset: expected breastmnist at 224 pixels, found breastmnist at 28 pixels"),
  // Settings
  BadCommand(
    .train, "\(train) --config unknown-key.json --output out.h5", 65,
    "unknown-key.json: training.epochz: unknown key (did you mean 'epochs'?)"),
  BadCommand(
    .train, "\(train) --config unknown-label.json --output out.h5", 65,
    "unknown-label.json: lable: unknown key (did you mean 'label'?)"),
  BadCommand(
    .train, "\(train) --config kind.json --output out.h5", 65,
    "kind.json: kind: expected one of 'vit', 'qvit', found the string \"tinyvit\""),
  BadCommand(.train, "\(train) --config no-kind.json --output out.h5", 65, "no-kind.json: kind: "),
  BadCommand(.train, "\(train) --config no-base.json --output out.h5", 65, "no-base.json: model.blocks: "),
  BadCommand(
    .train, "\(train) --config bad-base.json --output out.h5", 65,
    "bad-base.json: extends: there is no settings file 'vitt' to extend"),
  BadCommand(
    .train, "\(train) --config circle.json --output out.h5", 65,
    "./circle-2.json: extends: goes round in a circle: ./circle.json → ./circle-2.json → ./circle.json"),
  BadCommand(.train, "\(train) --config itself.json --output out.h5", 65, "itself.json: extends: there is no "),
  BadCommand(
    .train, "\(train) --config bad-extends.json --output out.h5", 65,
    "bad-extends.json: extends: expected the name of a settings file, found "),
  BadCommand(.train, "\(train) --config bad-label.json --output out.h5", 65, "bad-label.json: label: expected 1 to "),
  BadCommand(
    .train, "\(train) --config vit-circuit.json --output out.h5", 65,
    "vit-circuit.json: model.projection: expected no circuit in a ViT "),
  BadCommand(
    .train, "\(train) --model vit --config vit.json --output out.h5", 64, "unknown option '--model'"),
  BadCommand(.train, "\(train) --config wrong-type.json --output out.h5", 65, "wrong-type.json: training.epochs: exp"),
  BadCommand(.train, "\(train) --config out-of-range.json --output out.h5", 65, "out-of-range.json: training.epochs: "),
  BadCommand(.train, "\(train) --config fraction.json --output out.h5", 65, "fraction.json: training.batch_size: exp"),
  BadCommand(.train, "\(train) --config choice.json --output out.h5", 65, "choice.json: model.pooling: expected "),
  BadCommand(
    .train, "--data d.h5 --seed 1 --config bad-qubit.json --output out.h5", 65,
    "bad-qubit.json: model.circuit.layout[0]: expected a pair of two different qubits from 0 to 3, found [0,4]"),
  BadCommand(
    .train, "--data d.h5 --seed 1 --config self-pair.json --output out.h5", 65,
    "self-pair.json: model.circuit.layout[0]: expected a pair of two different qubits from 0 to 3, found [1,1]"),
  BadCommand(.train, "\(train) --config odd-qubits.json --output out.h5", 65, "odd-qubits.json: model.heads: "),
  BadCommand(.train, "\(train) --config heads.json --output out.h5", 65, "heads.json: model.heads: expected "),
  BadCommand(
    .train, "\(train) --config invalid.json --output out.h5", 65, "invalid.json: 1:27: expected a key in double quotes"),
  BadCommand(.train, "\(train) --config twice.json --output out.h5", 65, "twice.json: "),
  BadCommand(.train, "\(train) --config list.json --output out.h5", 65, "list.json: "),
  BadCommand(.train, "\(train) --config nothing.json --output out.h5", 65, "nothing.json: "),
  BadCommand(.train, "\(train) --config not-text.json --output out.h5", 65, "not-text.json: "),
  BadCommand(.train, "\(train) --config none.json --output out.h5", 66, "none.json: cannot open: No such file"),
  BadCommand(.train, "\(train) --config dir --output out.h5", 66, "dir: cannot open: Is a directory"),
  // Teachers and distillation
  BadCommand(.finetuneTeacher, "--data none.h5 --config t.json --seed 1 --output out.h5", 66, "none.h5: cannot"),
  BadCommand(.finetuneTeacher, "--data s.h5 --config t.json --seed 1 --output out.h5", 65, "s.h5: expected kind"),
  BadCommand(
    .finetuneTeacher, "--data d.h5 --config unknown-teacher.json --seed 1 --output out.h5", 65,
    "unknown-teacher.json: training.epochz: unknown key"),
  BadCommand(
    .finetuneTeacher, "--data d.h5 --config pretrained.json --seed 1 --output out.h5", 66,
    "pretrained.json: weights.start is 'pretrained', but --weights is not given"),
  BadCommand(
    .finetuneTeacher, "--data d.h5 --config t.json --weights none --seed 1 --output out.h5", 66, "none: cannot"),
  BadCommand(
    .finetuneTeacher, "--data d.h5 --config t.json --weights text.h5 --seed 1 --output out.h5", 65, "text.h5: "),
  BadCommand(
    .finetuneTeacher, "--data d.h5 --config t.json --weights dir --seed 1 --output out.h5", 66, "dir: cannot"),
  BadCommand(
    .finetuneTeacher, "--data d.h5 --config t.json --seed 1 --output none/t.h5", 73, "none/t.h5: cannot create"),
  BadCommand(
    .finetuneTeacher, "--data one.h5 --config t.json --seed 1 --output out.h5", 65, "one.h5: /val/labels: exp"),
  BadCommand(
    .distill, "--data d.h5 --teacher s.h5 \(distill)", 65, "s.h5: expected kind 'teacher', found 'student'"),
  BadCommand(.distill, "--data d.h5 --teacher none.h5 \(distill)", 66, "none.h5: cannot open: No such file"),
  BadCommand(
    .distill, "--data retina.h5 --teacher teacher.h5 \(distill)", 65,
    "teacher.h5: /dataset: expected retinamnist, found breastmnist"),
  BadCommand(
    .distill, "--data d2.h5 --teacher teacher.h5 \(distill)", 65, "teacher.h5: /profile: expected sample, found paper"),
  BadCommand(
    .distill, "--data d224.h5 --teacher teacher.h5 \(distill)", 65,
    "teacher.h5: /@descent: expected a teacher of the images of d224.h5, split as there, found one of other images"),
  BadCommand(
    .distill,
    "--data d.h5 --teacher teacher.h5 --config six.json --distillation di.json --seed 1 "
      + "--output out.h5", 65,
    "teacher.h5: /penultimate_width: expected 6 (the student's qubits), found 4"),
  BadCommand(
    .distill,
    "--data d.h5 --teacher teacher.h5 --config vit.json --distillation unknown-distillation.json --seed 1 "
      + "--output out.h5", 65, "unknown-distillation.json: training.epochz: unknown key"),
  BadCommand(
    .train, "\(train) --config vit.json --init s.h5 --output out.h5", 65,
    "s.h5: /@regime: expected distilled, found scratch"),
  BadCommand(
    .train, "--data d.h5 --seed 2 --config vit.json --init distilled.h5 --output out.h5", 65,
    "distilled.h5: /@seed: expected 2, found 1"),
  BadCommand(
    .train, "--data d.h5 --seed 1 --config qvit.json --init distilled.h5 --output out.h5", 65,
    "distilled.h5: /@variant: expected qvit, found vit"),
  BadCommand(
    .train, "--data d224.h5 --seed 1 --config vit.json --init distilled.h5 --output out.h5", 65,
    "distilled.h5: /dataset: expected breastmnist at 224 pixels, found breastmnist at 28 pixels"),
  BadCommand(
    .train, "\(train) --config six.json --init distilled.h5 --output out.h5", 65,
    "distilled.h5: /@variant: expected six, found vit"),
  BadCommand(
    .train, "\(train) --config wide/vit.json --init distilled.h5 --output out.h5", 65,
    "distilled.h5: /configuration: expected the architecture of the settings file, found another one"),
  BadCommand(
    .train, "\(train) --config vit.json --init teacher.h5 --output out.h5", 65, "teacher.h5: expected kind 'student'"),
  // Reports
  BadCommand(
    .report, "\(report("mixed")) --output t", 65,
    "mixed/evaluations/vit-scratch/breastmnist-28-s2.h5: profile sample, expected paper"),
  BadCommand(
    .report, "--table as-sample.json --output t", 65,
    "mixed/evaluations/vit-scratch/breastmnist-28-s1.h5: profile paper, expected sample"),
  BadCommand(
    .report, "\(report("unlike")) --output t", 65,
    "unlike/evaluations/vit-scratch/breastmnist-28-s2.h5: setting training.learning_rate 0.004, but "
      + "unlike/evaluations/vit-scratch/breastmnist-28-s1.h5 has 0.005; one table needs the same"),
  BadCommand(
    .report, "\(report("moved")) --output t", 65,
    "moved/evaluations/vit-scratch/breastmnist-28-s1.h5: vit (scratch) at 28 pixels on BreastMNIST, seed 3 is not "),
  BadCommand(
    .report, "\(report("damaged")) --output t", 65,
    "damaged/evaluations/vit-scratch/breastmnist-28-s1.h5: damaged or changed since it was written"),
  BadCommand(.report, "--table none.json --output t", 66, "none.json: cannot open: No such file"),
  BadCommand(.report, "--table nothing.json --output t", 65, "nothing.json: "),
  BadCommand(.report, "--table vit.json --output t", 65, "vit.json: name: "),
  BadCommand(
    .report, "--table other-regime.json --output t", 65,
    "other-regime.json: regime: expected one of 'scratch', 'distilled', 'kd', 'teacher', 'external', 'floor', found the string "
      + "\"scratsh\""),
]
