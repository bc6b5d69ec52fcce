import Datasets
import Glibc
import Metrics
import Testing
import Training
import _TestSupport

@testable import Artifacts

private let finished = (Bench.settings + ["d.h5", "s.h5", "s.timing.csv"]).sorted()

/// A dataset and a training of it that takes a while.
private struct LongTraining {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.writeSettings()
    try bench.complete(
      .prepareData, "--dataset breastmnist --resolution 28 --source sample --profile paper --quiet --output d.h5")
  }

  func words(_ options: String = "", seed: Int = 1, epochs: Int = 300, model: String = "qvit") -> String {
    "--data d.h5 --config \(model).json --seed \(seed) --epochs \(epochs) --threads 1 \(options) --output s.h5"
  }

  /// Starts the training and waits until it has claimed its target.
  func start(_ words: String) throws -> RunningProcess {
    let process = try bench.start(.train, words)
    bench.directory.await("s.h5.part")
    return process
  }

  /// Starts the training, stops it with a signal, and checks what it leaves.
  func interrupt(_ words: String, with signal: Int32 = SIGTERM, after milliseconds: UInt32 = 50) throws {
    try bench.interrupt(.train, words, of: "s", with: signal, after: milliseconds)
    // Of images from a file there is also a note of what they were read from.
    let left = try bench.directory.entries().filter { $0 != "d.source.txt" }
    #expect(left == (Bench.settings + ["d.h5", "s.ckpt.h5"]).sorted())
  }
}

/// Few images, which a teacher is fine-tuned on in seconds.
private struct TeacherBench {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.writeSettings()
    try bench.prepareBreast()
    try bench.writeSettings(
      "t", extending: "teacher", #""weights": {"start": "random"}, "training": {"epochs": 1, "batch_size": 3}"#)
  }
}

/// What an uninterrupted training of seed 1 gives.
private let whole = Result {
  let training = try LongTraining()
  try training.bench.complete(.train, training.words("--quiet"))
  return try training.bench.directory.bytes("s.h5")
}

/// What a training says besides components of the penultimate vector that say nothing, which is true and another matter.
private func warnings(of result: ProcessResult) -> String {
  result.errors.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.contains("penultimate vector") }
    .joined(separator: "\n")
}

@Suite("Interrupted trainings", .timeLimit(.minutes(20)))
struct InterruptionTests {
  @Test(
    "A signal saves the state, and the same command ends in the same bytes",
    arguments: [(SIGTERM, 0), (SIGINT, 30), (SIGUSR1, 150)] as [(Int32, UInt32)])
  func signal(signal: Int32, milliseconds: UInt32) throws {
    let training = try LongTraining()
    try training.interrupt(training.words("--quiet"), with: signal, after: milliseconds)
    try training.interrupt(training.words("--quiet"), with: signal, after: milliseconds)
    let result = try training.bench.complete(.train, training.words())
    #expect(result.errors.contains(": resuming in epoch "), "\(result.errors)")
    #expect(try training.bench.directory.bytes("s.h5") == whole.get())
    #expect(try training.bench.directory.entries() == finished)
  }

  @Test(
    "Without room for threads one does everything, signals included",
    .enabled(if: canRefuseThreads, "the limit of the stack is fixed here"))
  func noThreads() throws {
    let training = try LongTraining()
    let words = training.words("--quiet").replacing("--threads 1", with: "--threads 2")
    let process = try training.bench.startWithoutThreads(.train, words)
    training.bench.directory.await("s.h5.part")
    usleep(100_000)
    process.signal(SIGTERM)
    #expect(
      try process.wait()
        == ProcessResult(status: 75, errors: "train: error: interrupted; the same command resumes\n"))
    #expect(try training.bench.startWithoutThreads(.train, words).wait().status == 0)
    #expect(try training.bench.directory.bytes("s.h5") == whole.get())

    let drawing = try training.bench.startWithoutThreads(
      .prepareData, "--dataset pathmnist --resolution 224 --source sample --profile paper --quiet --output p.h5")
    training.bench.directory.await("p.h5.part")
    drawing.signal(SIGTERM)
    #expect(
      try drawing.wait()
        == ProcessResult(status: 75, errors: "error: interrupted; the same command resumes\n"))
    #expect(!training.bench.directory.contains("p.h5"))
  }

  @Test("Killed at any moment, the same command ends in the same bytes", arguments: ["0", "0.02"])
  func killed(interval: String) throws {
    let training = try LongTraining()
    let words = training.words("--quiet --checkpoint-interval \(interval)")
    var kills = 0
    for milliseconds in [0, 1, 5, 17, 40, 90, 150, 230] as [UInt32] {
      let process = try training.start(words)
      usleep(milliseconds * 1_000)
      process.signal(SIGKILL)
      if try process.wait().status == 0 { break }
      kills += 1
      #expect(!training.bench.directory.contains("s.h5"))
    }
    #expect(kills >= 4)
    try training.bench.complete(.train, training.words("--quiet"))
    #expect(try training.bench.directory.bytes("s.h5") == whole.get())
    #expect(try training.bench.directory.entries() == finished)
  }

  @Test(
    "A checkpoint that does not belong to the command is set aside, not used",
    arguments: [
      ("--seed 2", "--seed 1"), ("--seed 1 --epochs 301", "--seed 1"),
      ("--seed 1 --config vit.json", "--seed 1 --config qvit.json"),
    ])
  func checkpointOfAnother(first: String, second: String) throws {
    func words(_ options: String, output: String = "s.h5") -> String {
      let config = options.contains("--config") ? "" : "--config qvit.json"
      let epochs = options.contains("--epochs") ? "" : "--epochs 300"
      return "--data d.h5 --quiet --threads 1 \(config) \(epochs) \(options) --output \(output)"
    }
    let training = try LongTraining()
    try training.interrupt(words(first))
    let result = try training.bench.complete(.train, words(second))
    #expect(
      warnings(of: result)
        == "train: warning: s.ckpt.h5: belongs to another command (other seed, settings, data or version); "
        + "set aside as s.ckpt.h5.unused\n")
    #expect(try training.bench.directory.bytes("s.h5") == whole.get())
    #expect(
      try training.bench.directory.entries()
        == (Bench.settings + ["d.h5", "s.ckpt.h5.unused", "s.h5", "s.timing.csv"]).sorted())
  }

  @Test(
    "Nor is one of other settings, data, results or program",
    arguments: ["a learning rate", "other images", "a version of the program", "a version of the results"])
  func checkpointOfOther(what: String) throws {
    let training = try LongTraining()
    let directory = training.bench.directory
    switch what {
    case "a learning rate":
      let settings = try directory.text("student.json")
      try directory.write(settings.replacing("0.005", with: "0.004"), to: "student.json")
      try training.interrupt(training.words("--quiet"))
      try directory.write(settings, to: "student.json")
    case "other images":
      let data = try directory.bytes("d.h5")
      try training.bench.prepareBreast()
      unlink(directory.file("breast.npz"))
      try training.interrupt(training.words("--quiet"))
      try directory.write(data, to: "d.h5")
    default:
      try training.interrupt(training.words("--quiet"))
      let path = directory.file("s.ckpt.h5")
      let count = try ArtifactReader(path: path, kind: .checkpoint).root.dataset("parameters").shape[0]
      let like = TrainingState(parameters: [Float](repeating: 0, count: count), settings: Adam.Settings())
      var checkpoint = try CheckpointArtifact.read(path: path, like: like)
      if what == "a version of the program" {
        checkpoint.header.software = "qvit 0.0.9"
      } else {
        checkpoint.header.resultsVersion += 1
      }
      try checkpoint.write(to: path)
    }
    let result = try training.bench.complete(.train, training.words("--quiet"))
    #expect(
      warnings(of: result)
        == "train: warning: s.ckpt.h5: belongs to another command (other seed, settings, data or version); "
        + "set aside as s.ckpt.h5.unused\n")
    #expect(try directory.bytes("s.h5") == whole.get())
  }

  @Test("A distillation does not go on from one with another teacher")
  func checkpointOfAnotherTeacher() throws {
    let bench = try TeacherBench().bench
    try bench.writeSettings("di", extending: "distillation", #""training": {"epochs": 4000}"#)
    for (seed, isFirst) in [(1, true), (2, false)] {
      try bench.complete(
        .finetuneTeacher, "--data d.h5 --config t.json --seed \(seed) --epochs 0 --quiet --output t.h5")
      let words =
        "--data d.h5 --teacher t.h5 --config vit.json --distillation di.json --seed 1 --threads 1 --quiet "
        + "--output s.h5"
      if isFirst {
        try bench.interrupt(.distill, words, of: "s")
      } else {
        let result = try bench.complete(.distill, words)
        #expect(result.errors.hasPrefix("distill: warning: s.ckpt.h5: belongs to another command"))
      }
    }
  }

  @Test(
    "A teacher interrupted while it computes its targets keeps its training",
    arguments: [SIGTERM, SIGKILL])
  func targets(signal: Int32) throws {
    let bench = try TeacherBench().bench
    let words = "--data d.h5 --config t.json --seed 1 --threads 1 --export w.safetensors --output t.h5"
    try bench.complete(.finetuneTeacher, words)
    let (whole, exported) = (try bench.directory.bytes("t.h5"), try bench.directory.bytes("w.safetensors"))
    unlink(bench.directory.file("t.h5"))
    unlink(bench.directory.file("w.safetensors"))
    let process = try bench.start(.finetuneTeacher, words)
    // No other state than that of the end is saved within the 30 seconds of the default interval.
    bench.directory.await("t.ckpt.h5")
    process.signal(signal)
    #expect(try process.wait().status == (signal == SIGTERM ? 75 : 128 + SIGKILL))
    #expect(bench.directory.contains("t.ckpt.h5") && !bench.directory.contains("t.h5"))
    let result = try bench.complete(.finetuneTeacher, words)
    #expect(result.errors.contains(": trained already\n"), "\(result.errors)")
    #expect(try bench.directory.bytes("t.h5") == whole)
    #expect(try bench.directory.bytes("w.safetensors") == exported)
    #expect(!bench.directory.contains("t.ckpt.h5"))
  }

  @Test("A teacher in bfloat16 ends in the same bytes, interrupted or not, on any number of threads")
  func roundedTeacher() throws {
    let bench = try TeacherBench().bench
    for precision in ["bfloat16", "float32"] {
      try bench.writeSettings(
        precision, extending: "teacher",
        #""model": {"architecture": "tiny-vit-sample"}, "weights": {"start": "random"}, "#
          + #""training": {"epochs": 60, "batch_size": 4, "precision": "\#(precision)"}"#)
    }
    func words(_ threads: Int, _ output: String, _ precision: String = "bfloat16") -> String {
      "--data d.h5 --config \(precision).json --seed 1 --threads \(threads) --quiet --output \(output).h5"
    }
    try bench.complete(.finetuneTeacher, words(2, "whole"))
    let whole = try bench.directory.bytes("whole.h5")
    try bench.interrupt(.finetuneTeacher, words(1, "t"), of: "t")
    try bench.complete(.finetuneTeacher, words(1, "t"))
    #expect(try bench.directory.bytes("t.h5") == whole)
    try bench.complete(.finetuneTeacher, words(2, "exact", "float32"))
    let (rounded, _) = try TeacherArtifact.read(path: bench.directory.file("whole.h5"))
    let (exact, _) = try TeacherArtifact.read(path: bench.directory.file("exact.h5"))
    #expect(rounded.header.configuration.contains(#""precision":"bfloat16""#), "\(rounded.header.configuration)")
    #expect(!exact.header.configuration.contains("precision"))
    #expect(rounded.history.map(\.trainingLoss) != exact.history.map(\.trainingLoss))
    // What evaluates it rounds as it did when it computed its targets.
    try bench.complete(.evaluate, "--data d.h5 --model whole.h5 --quiet --output e.h5")
    let (evaluation, _) = try EvaluationArtifact.read(path: bench.directory.file("e.h5"))
    let scores = try #require(evaluation[.val]).scores
    let logits = try #require(rounded.targets[.val]).logits
    for image in 0..<scores.count / 2 {
      let margin = Double(logits[2 * image]) - Double(logits[2 * image + 1])
      #expect((Double(scores[2 * image]) - 1 / (1 + exp(-margin))).magnitude < 1e-6)
    }
  }

  @Test("A damaged checkpoint is set aside", arguments: ["a bit", "the end", "a text"])
  func damagedCheckpoint(damage: String) throws {
    let training = try LongTraining()
    try training.interrupt(training.words("--quiet"))
    var bytes = try training.bench.directory.bytes("s.ckpt.h5")
    switch damage {
    case "a bit": bytes[bytes.count / 2] ^= 4
    case "the end": bytes.removeLast(bytes.count / 3)
    default: bytes = Array("a text".utf8)
    }
    try training.bench.directory.write(bytes, to: "s.ckpt.h5")
    let result = try training.bench.complete(.train, training.words("--quiet"))
    let errors = warnings(of: result)
    #expect(errors.hasPrefix("train: warning: s.ckpt.h5: cannot be used ("), "\(errors)")
    #expect(errors.hasSuffix("); set aside as s.ckpt.h5.unused\n") && errors.count { $0 == "\n" } == 1, "\(errors)")
    #expect(try training.bench.directory.bytes("s.h5") == whole.get())
  }

  @Test("So do teachers and distillations")
  func teacherAndDistillation() throws {
    let bench = try TeacherBench().bench
    try bench.writeSettings("di", extending: "distillation", #""training": {"epochs": 4000}"#)
    for (tool, name, words) in [
      (Tool.finetuneTeacher, "t", "--data d.h5 --config t.json --seed 1 --quiet --output t.h5"),
      (
        .distill, "s",
        "--data d.h5 --teacher t.h5 --config vit.json --distillation di.json --seed 1 --threads 1 "
          + "--quiet --output s.h5"
      ),
    ] {
      try bench.interrupt(tool, words, of: name)
      #expect(bench.directory.contains("\(name).ckpt.h5"))
      try bench.complete(tool, words)
      #expect(!bench.directory.contains("\(name).ckpt.h5"))
      let resumed = try bench.directory.bytes("\(name).h5")
      try bench.complete(tool, words)
      #expect(try bench.directory.bytes("\(name).h5") == resumed)
    }
  }

  /// What a stage says whose target another one goes on writing.
  private func busy(_ tool: Tool, _ name: String) -> ProcessResult {
    ProcessResult(
      status: 73,
      errors: "\(tool.rawValue): \(name): waiting for another process that is writing it\n"
        + "\(tool.rawValue): error: \(name): another process is writing\n")
  }

  @Test("A second training of the same target stops after some seconds; the first one is not disturbed")
  func secondTraining() throws {
    let training = try LongTraining()
    let long = training.words("--quiet", epochs: 1_000_000)
    let first = try training.start(long)
    #expect(try training.bench.run(.train, long) == busy(.train, "s.h5"))
    first.signal(SIGTERM)
    #expect(
      try first.wait() == ProcessResult(status: 75, errors: "train: error: interrupted; the same command resumes\n"))
    #expect(try training.bench.directory.entries() == (Bench.settings + ["d.h5", "s.ckpt.h5"]).sorted())
  }

  @Test("Of stages started together with one target, the losers stop or all give the same file")
  func together() throws {
    let bench = try Bench()
    let words = "--dataset oasis --resolution 28 --source sample --profile paper --quiet --output d.h5"
    try bench.complete(.prepareData, words)
    let expected = try bench.directory.bytes("d.h5")
    let processes = try (0..<4).map { _ in try bench.start(.prepareData, words) }
    let results = try processes.map { try $0.wait() }
    #expect(results.contains { $0.status == 0 })
    // Whoever waits long enough makes the same once more.
    for result in results where result.status != 0 {
      #expect(result == busy(.prepareData, "d.h5"))
    }
    #expect(try bench.directory.bytes("d.h5") == expected)
    #expect(try bench.directory.entries() == ["d.h5"])
  }

  @Test("An interrupted prepare-data leaves nothing, a killed one nothing that counts", arguments: [SIGTERM, SIGKILL])
  func prepareData(signal: Int32) throws {
    let bench = try Bench()
    let words = "--dataset oasis --resolution 224 --source sample --profile paper --quiet --output d.h5"
    let process = try bench.start(.prepareData, words)
    bench.directory.await("d.h5.part")
    process.signal(signal)
    let result = try process.wait()
    if signal == SIGTERM {
      #expect(result.status == 75)
      #expect(result.errors == "prepare-data: error: interrupted; the same command resumes\n")
      #expect(try bench.directory.entries().isEmpty)
    } else {
      #expect(result.status == 128 + SIGKILL)
      #expect(try bench.directory.entries() == ["d.h5.part"])
    }
    try bench.complete(.prepareData, words.replacing("224", with: "28"))
    let first = try bench.directory.bytes("d.h5")
    try bench.complete(.prepareData, words.replacing("224", with: "28"))
    #expect(try bench.directory.bytes("d.h5") == first)
    #expect(try bench.directory.entries() == ["d.h5"])
  }
}
