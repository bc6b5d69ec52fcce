import Artifacts
import Datasets
import Metrics
import Testing
import Training
import _TestSupport

@Suite("From images to a table, as a new user would")
struct ChainTests {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.writeSettings()
  }

  @discardableResult
  private func prepare() throws -> ProcessResult {
    try bench.complete(
      .prepareData, "--dataset breastmnist --resolution 28 --source sample --profile sample --output d.h5")
  }

  /// The lines on standard error, but those about components of the penultimate vector that are dead after a few epochs: these
  /// are told in any case.
  private func withoutDeadComponents(_ result: ProcessResult) -> [Substring] {
    result.errors.split(separator: "\n").filter { !$0.hasSuffix("the same for all training images") }
  }

  private func planGrid() throws { try bench.plan(profile: "sample", variants: "vit qvit", seeds: "1 2") }

  @Test("Each tool writes its result, and says only how it went")
  func wholeChain() throws {
    let prepared = try prepare()
    #expect(prepared.output.isEmpty)
    #expect(
      prepared.errors.split(separator: "\n").map(String.init).first
        == "prepare-data breastmnist-28: generated sample data, not comparable to the paper")
    for evaluations in ["vit", "qvit"] { try bench.directory.makeDirectories("evaluations/\(evaluations)-scratch") }
    for model in ["vit", "qvit"] {
      for seed in 1...2 {
        let trained = try bench.complete(
          .train, "--data d.h5 --config \(model).json --seed \(seed) --output \(model)\(seed).h5")
        #expect(trained.output.isEmpty)
        let title = "train \(model)_28 on breastmnist, scratch, seed \(seed): 960 images in "
        #expect(trained.errors.hasPrefix(title), "\(trained.errors)")
        #expect(trained.errors.hasSuffix("\n") && withoutDeadComponents(trained).count == 1)
        let evaluated = try bench.complete(
          .evaluate,
          "--data d.h5 --model \(model)\(seed).h5 --output evaluations/\(model)-scratch/breastmnist-28-s\(seed).h5")
        #expect(evaluated.output.isEmpty && evaluated.errors.isEmpty)
      }
    }
    try planGrid()
    let reported = try bench.complete(.report, "--table ./settings/tables/table1.json --output t")
    #expect(reported.errors.isEmpty)
    #expect(reported.output.contains("*** sample data, not comparable to the paper ***"))
    #expect(!reported.output.contains("—"), "a missing cell")
    #expect(
      reported.output.replacing("\n", with: " ").contains("QViT_28 984 (paper: around 1K, agrees)"))
    #expect(reported.output.hasSuffix("\nWritten: t.md, .csv, .tex\n"))
    #expect(!reported.output.contains("\u{1b}"), "escapes that only a terminal understands")
    #expect(
      Set(try bench.directory.entries()).subtracting(Bench.settings) == [
        "d.h5", "evaluations", "plan.mk", "qvit1.h5", "qvit1.timing.csv", "qvit2.h5", "qvit2.timing.csv", "settings",
        "t.csv", "t.inputs.json", "t.md", "t.tex", "vit1.h5", "vit1.timing.csv", "vit2.h5", "vit2.timing.csv",
      ])
    #expect(try bench.directory.text("t.md").contains("sample data, not comparable to the paper"))
    #expect(try bench.directory.text("t.tex").contains("\\toprule"))
  }

  @Test("Distilled students and their teacher")
  func tableTwo() throws {
    try bench.copy("tools/breast.npz")
    try bench.writeSettings(
      "t", extending: "teacher", #""weights": {"start": "random"}, "training": {"epochs": 1, "batch_size": 8}"#)
    try bench.writeSettings("di", extending: "distillation", #""training": {"epochs": 5}"#)
    for name in ["tinyvit-q4-teacher", "qvit-kd"] { try bench.directory.makeDirectories("evaluations/\(name)") }
    try bench.complete(
      .prepareData,
      "--dataset breastmnist --resolution 28 --source npz --input breast.npz --allow-unofficial --profile paper "
        + "--quiet --output d.h5")
    let tuned = try bench.complete(.finetuneTeacher, "--data d.h5 --config t.json --seed 1 --output t.h5")
    let distilled = try bench.complete(
      .distill, "--data d.h5 --teacher t.h5 --config qvit.json --distillation di.json --seed 1 --output i.h5")
    try bench.complete(
      .train, "--data d.h5 --config qvit.json --init i.h5 --seed 1 --quiet --output s.h5")
    // Progress comes before on a slow machine.
    func lines(_ result: ProcessResult) -> [Substring] { result.errors.split(separator: "\n") }
    #expect(lines(tuned).contains { $0.hasPrefix("finetune-teacher TinyViT on breastmnist, seed 1: 12 images in ") })
    #expect(
      lines(distilled).contains { $0.hasPrefix("distill qvit_28 on breastmnist, distilled, seed 1: 60 images in ") })
    #expect(tuned.output.isEmpty && distilled.output.isEmpty)
    try bench.complete(
      .evaluate, "--data d.h5 --model t.h5 --output evaluations/tinyvit-q4-teacher/breastmnist-224-s1.h5")
    try bench.complete(.evaluate, "--data d.h5 --model s.h5 --output evaluations/qvit-kd/breastmnist-28-s1.h5")
    try bench.plan("table2", variants: "qvit")
    let reported = try bench.complete(.report, "--table ./settings/tables/table2.json --output t2")
    for text in ["Table 2.", "QViT-KD_28", "TinyViT", "not the official file"] {
      #expect(reported.output.contains(text), "\(text)")
    }
    #expect(reported.errors.isEmpty)
  }

  @Test("After penultimate vectors a student has the teacher's last layer, after logits the one that was fitted")
  func heads() throws {
    let inputs = try StageInputs.inserted(in: "--data IN/b.h5 --teacher IN/t.h5 --config IN/qvit.json --seed 1 --quiet")
    let targets = [
      ("penultimate", #""target": "penultimate""#), ("own", #""target": "logits", "head": "own""#),
      ("teacher", #""target": "logits", "head": "teacher""#),
    ]
    var heads: [String: [Float]] = [:]
    var bodies: [String: [NamedArray]] = [:]
    for (name, members) in targets {
      try bench.writeSettings(name, extending: "distillation", "\(members), \"training\": {\"epochs\": 20}")
      try bench.complete(.distill, "\(inputs) --distillation \(name).json --output \(name).h5")
      let (student, _) = try StudentArtifact.read(path: bench.directory.file("\(name).h5"))
      heads[name] = student.parameters.filter { $0.name.hasPrefix("head.") }.flatMap(\.values)
      bodies[name] = student.parameters.filter { !$0.name.hasPrefix("head.") }
    }
    let (teacher, _) = try TeacherArtifact.read(path: StageInputs.inserted(in: "IN/t.h5"))
    let classifier = teacher.classifier.weight + teacher.classifier.bias
    #expect(heads["penultimate"] == classifier && heads["teacher"] == classifier)
    #expect(heads["own"] != classifier)
    #expect(bodies["own"] == bodies["teacher"] && bodies["own"] != bodies["penultimate"])

    // What was fitted is what is written: the loss of the last epoch is that of the student.
    func losses(_ name: String) throws -> (written: Double, recorded: Double) {
      try bench.complete(
        .evaluate, "--data \(StageInputs.inserted(in: "IN/b.h5")) --model \(name).h5 --output \(name)-e.h5 --quiet")
      let (student, _) = try StudentArtifact.read(path: bench.directory.file("\(name).h5"))
      let val = try #require(
        EvaluationArtifact.read(path: bench.directory.file("\(name)-e.h5")).evaluation[.val])
      let (logits, target) = (try #require(val.logits), try #require(teacher.targets[.val]).logits)
      let squares = zip(logits, target).map { Double(($0 - $1) * ($0 - $1)) }
      return (squares.reduce(0, +) / Double(squares.count), try #require(student.history.last).validationLoss)
    }
    let (own, exchanged) = (try losses("own"), try losses("teacher"))
    #expect((own.written / own.recorded - 1).magnitude < 1e-4, "\(own)")
    #expect((exchanged.written / own.written - 1).magnitude > 0.1, "\(exchanged), \(own)")
  }

  @Test("A missing evaluation is a dash with the command that fills it")
  func missingCell() throws {
    try prepare()
    try bench.directory.makeDirectories("evaluations/vit-scratch")
    try bench.complete(.train, "--data d.h5 --config vit.json --seed 1 --quiet --output s.h5")
    try bench.complete(
      .evaluate, "--data d.h5 --model s.h5 --output evaluations/vit-scratch/breastmnist-28-s1.h5")
    try planGrid()
    let reported = try bench.complete(.report, "--table ./settings/tables/table1.json --output t")
    #expect(reported.output.contains("—"))
    for cell in ["vit-scratch/breastmnist-28-s2", "qvit-scratch/breastmnist-28-s1", "qvit-scratch/breastmnist-28-s2"] {
      #expect(reported.output.contains("\(cell).h5"), "no command for \(cell)")
    }
    #expect(!reported.output.contains("vit-scratch/breastmnist-28-s1.h5 evaluations/vit"))
    #expect(reported.errors.isEmpty)
  }

  @Test("--quiet is quiet")
  func quiet() throws {
    let prepared = try bench.complete(
      .prepareData, "--dataset oasis --resolution 28 --source sample --profile sample --quiet --output d.h5")
    let trained = try bench.complete(
      .train, "--data d.h5 --config vit.json --seed 1 --epochs 1 --quiet --output s.h5")
    #expect(prepared.errors.isEmpty && withoutDeadComponents(trained).isEmpty)
  }
}

@Suite("What every tool answers")
struct AnswerTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  @Test(arguments: Tool.allCases)
  func help(tool: Tool) throws {
    let result = try bench.run(tool, "--help")
    #expect(result.status == 0 && result.errors.isEmpty)
    #expect(try snapshotDifference(result.output, "help/\(tool.rawValue).txt") == nil)
  }

  @Test(arguments: Tool.allCases)
  func version(tool: Tool) throws {
    let result = try bench.run(tool, "--version")
    #expect(result.status == 0 && result.errors.isEmpty)
    #expect(result.output.wholeMatch(of: /[a-z-]+ [0-9]+\.[0-9]+\.[0-9]+\n/) != nil, "\(result.output)")
    #expect(result.output.hasPrefix(tool.rawValue + " "))
  }

  @Test(arguments: Tool.allCases)
  func unknownOption(tool: Tool) throws {
    let result = try bench.run(tool, "--outptu x")
    #expect(result.status == 64 && result.output.isEmpty)
    let suggestion = tool == .verify ? "" : " (did you mean '--output'?)"
    #expect(result.errors == "\(tool.rawValue): error: unknown option '--outptu'\(suggestion)\n")
  }

  @Test(arguments: Tool.allCases)
  func nothing(tool: Tool) throws {
    let result = try bench.run(tool, "")
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("\(tool.rawValue): error: missing '--"))
  }
}
