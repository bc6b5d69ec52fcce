import CFuzz
import CommandLineKit
import Failures
import Glibc
import DataStages
import PlanStages
import ReportStages
import TrainingStages
import _TestSupport

/// Command lines: words left out, repeated, moved, replaced. One in 64 that can be read is carried out.
final class ArgumentsTarget: FuzzTarget {
  static let name = "arguments"
  static let summary = "command lines of the tools"

  private let directory: String
  private let tools: [(command: Command, run: (ParsedArguments) throws -> Void)] = [
    (PrepareDataStage.command, PrepareDataStage.run), (FinetuneTeacherStage.command, FinetuneTeacherStage.run),
    (DistillStage.command, DistillStage.run), (TrainStage.command, TrainStage.run),
    (EvaluateStage.command, EvaluateStage.run), (ReportStage.command, ReportStage.run),
    (VerifyStage.command, VerifyStage.run), (PlanStage.command, PlanStage.run),
  ]
  private static let lines = [
    "--dataset breastmnist --resolution 28 --source npz --input breast.npz --allow-unofficial --profile paper --output out.h5",
    "--data d.h5 --config c.json --weights w --seed 1 --epochs 1 --threads 2 --output out.h5",
    "--data d.h5 --teacher t.h5 --config c.json --distillation c.json --seed 1 --epochs 1 --output out.h5",
    "--data d.h5 --config c.json --seed 1 --epochs 1 --threads 1 --checkpoint-interval 30 --quiet "
      + "--output out.h5",
    "--data d.h5 --model s.h5 --csv csv --threads 1 --output out.h5",
    "--datasets breastmnist --resolutions 28 --root . --profile paper --make make --output out",
    "--root dir --profile paper --raw . --folders . --weights w --quiet",
    "--profile sample --root dir --config . --tables mine.json --datasets breastmnist --resolutions 28 --variants c "
      + "--seeds 1 --epochs 1 --teacher-seeds 1 --teacher-resolution 28 --make make --goals mine --verbs help --output out",
  ]
  /// Names in the directory, and values that options might stumble over. Nothing here runs for long, and nothing leads out
  /// of the directory.
  private static let words = [
    "", "-", "--", "---", "=", "--=", "--output", "--output=", "--output=out.h5", "--help=1", "--quiet", "--quiet=yes",
    "-h", "0", "-1", "1", "+1", "0x10", "1e3", "1e-3", "1.5", "nan", "inf", "2147483647", "2147483648",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "１", "1\u{0}2", "\u{301}", "é", "\n",
    "\u{1b}[31m",
    "out.h5", "dir", "dir/out.h5", "none/out.h5", "d.h5", "d.h5/out.h5", "c.json", "breast.npz", ".", "%s%n", "$(true)",
    "'", "\"", "28", "224", "28 28", "28 224", "vit qvit", "1 2 3", "table1", "mine.json", "--table", "--scores",
    "paper", "oasis", "mine", "../b/out.h5",
    "sample", "folder", "npz", "70/10/20", "0/0/0", "999999/999999/999999", "1/1", "--data", "--montage", "--epochs",
    "--seed",
  ]

  init(directory: String) throws {
    self.directory = directory
    for name in ["a", "a/b", "a/b/dir"] { mkdir("\(directory)/\(name)", 0o777) }
    guard chdir("\(directory)/a/b") == 0 else { throw Finding("no \(directory)") }
    let nowhere = open("/dev/null", O_WRONLY)
    dup2(nowhere, STDOUT_FILENO)
    try makeFiles()
  }

  private func makeFiles() throws {
    let settings = try ["student", "vit", "qvit"].map { name in
      ("\(name).json", Array(try Fixtures.packageText("pipeline/config/\(name).json").utf8))
    }
    let fixtures = [
      "breast.npz": try Fixtures.bytes("tools/breast.npz"), "c.json": Array(#"{"extends": "vit"}"#.utf8),
      "mine.json": Array(
        #"{"caption": "c", "rows": [{"variant": "c", "regime": "scratch", "resolution": 28}]}"#.utf8),
    ].merging(settings) { $1 }
    for (name, bytes) in fixtures {
      guard let file = fopen(name, "wb") else { throw Finding("no \(name)") }
      fwrite(bytes, 1, bytes.count, file)
      fclose(file)
    }
    let words = Self.lines[0].replacing("out.h5", with: "d.h5") + " --quiet"
    guard case .run(let parsed) = try PrepareDataStage.command.parse(words.split(separator: " ").map(String.init))
    else { return }
    try PrepareDataStage.run(parsed)
  }

  /// The tool's number, a number by chance, and the words, each with a zero byte behind it.
  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    let tool = choices.index(below: tools.count)
    var words = Self.lines[tool].split(separator: " ").map { Array($0.utf8) }
    for _ in 0...(choices.index(below: 4)) {
      let place = choices.index(below: words.count + 1)
      switch choices.index(below: 6) {
      case 0 where place < words.count: words.remove(at: place)
      case 1 where place < words.count: words[place] = Array(choices.one(of: Self.words).utf8)
      case 2 where place < words.count: words.insert(words[place], at: choices.index(below: words.count))
      case 3 where place < words.count:
        var word = words[place]
        // Only words that are no paths or numbers of epochs: a changed one could lead anywhere, or run for ever.
        if word.starts(with: Array("--".utf8)) { Mutation().apply(to: &word, &choices) }
        words[place] = word
      case 4:
        let option = choices.one(of: tools[tool].command.options)
        words.insert(Array("--\(option.name)".utf8), at: place)
      default: words.insert(Array(choices.one(of: Self.words).utf8), at: place)
      }
    }
    return [UInt8(tool), choices.byte()] + words.flatMap { $0.filter { $0 != 0 } + [0] }
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    let (command, body) = tools[Int(input[0])]
    let words = input.dropFirst(2).split(separator: 0, omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
    guard case .run(let parsed) = try command.parse(words) else { return .accepted }
    // What would compute for long is only read: the teacher, and more epochs than one or two.
    guard input[1] % 64 == 0, command.name != "finetune-teacher", command.epochs(parsed) <= 2 else { return .accepted }
    let before = ["a", "a/b", "a/b/dir"].map { names(in: "\(directory)/\($0)") }
    var failure: (any Error)?
    do { try body(parsed) } catch { failure = error }
    defer { cleanUp() }
    let after = names(in: "\(directory)/a/b")
    let targets = command.targets(parsed)
    for name in after where !before[1].contains(name) && !targets.contains(where: { name.hasPrefix($0) }) {
      throw Finding("left \(name) for targets \(targets)")
    }
    guard names(in: "\(directory)/a") == before[0] else { throw Finding("wrote outside") }
    if let failure { throw failure }
    return .accepted
  }

  private func cleanUp() {
    let kept = ["breast.npz", "c.json", "d.h5", "dir", "mine.json", "qvit.json", "student.json", "vit.json"]
    for name in names(in: ".") where !kept.contains(name) { fuzz_remove_tree(name) }
    for name in names(in: "dir") { fuzz_remove_tree("dir/\(name)") }
    if access("d.h5", R_OK) != 0 { try? makeFiles() }
  }
}

extension Command {
  fileprivate func declares(_ name: String) -> Bool { options.contains { $0.name == name } }

  fileprivate func epochs(_ parsed: ParsedArguments) -> Int {
    declares("epochs") ? parsed.optionalInteger("epochs") ?? 100 : 1
  }

  /// What the outputs' names begin with.
  fileprivate func targets(_ parsed: ParsedArguments) -> [String] {
    // The one tool that makes directories, for its settings too.
    guard name != "plan" else {
      return ["settings"] + ["root", "output"].flatMap { parsed.string($0).split(separator: "/").map(String.init) }
    }
    return ["output", "montage", "csv", "export"].filter(declares).compactMap { parsed.optionalString($0) }.map {
      path in
      let name = path.split(separator: "/").last.map(String.init) ?? path
      return name.hasSuffix(".h5") ? String(name.dropLast(3)) : name
    }
  }
}
