import Artifacts
import CFuzz
import CommandLineKit
import Failures
import Files
import Glibc
import _TestSupport

/// `fuzz`: changes input in many ways and watches what the readers do with it (docs/hostile-input.md).
@main
enum Main {
  static let command = Command(
    name: "fuzz",
    summary: "Feed damaged and hostile input to the readers and watch for crashes, hangs and memory.",
    discussion: """
      Case K of seed N is the same input whenever it is made. Cases run in child processes, which are killed when a case \
      takes too long; what crashed, hung or was not refused as it should be is kept, and --case K runs it again. Targets: \
      \(fuzzTargets.map { "\($0.name) (\($0.summary))" }.joined(separator: "; ")).
      """,
    options: [
      Option("target", .choice(of: fuzzTargets.map { $0.name }), "What is changed.", presence: .required),
      Option("seed", .integer(in: 0...Int(Int32.max)), "Seed of all cases.", presence: .defaultsTo("1")),
      Option(
        "executions", .integer(in: 1...1_000_000_000), "Number of cases; of a target with an end by default all.",
        presence: .optional),
      Option("seconds", .integer(in: 1...1_000_000), "Stop after so long."),
      Option(
        "limit", .number(in: 0.1...600),
        "Seconds of processor time that one case may take; ten times as much by the clock.", presence: .defaultsTo("20")
      ),
      Option("jobs", .integer(in: 1...256), "Processes at the same time.", presence: .defaultsTo("1")),
      Option(
        "keep", .path, "Directory for inputs with findings.", placeholder: "DIR",
        presence: .defaultsTo("fuzz-findings")),
      Option("case", .integer(in: 0...Int.max), "Run this case only, in this process."),
      Option("save", .path, "With --case: write the input there and do not run it."),
      Option("from", .integer(in: 0...Int.max), "First case; for child processes."),
      Option("board", .path, "Where a child process reports; for child processes."),
    ],
    examples: ["fuzz --target npz --seed 1 --executions 100000", "fuzz --target npz --seed 1 --case 4711"])

  static func main() {
    runTool(command, version: Software.version) { arguments in
      guard let type = fuzzTargets.first(where: { $0.name == arguments.string("target") }) else { return }
      var plan = Plan(
        target: type.name, seed: UInt64(arguments.integer("seed")), executions: arguments.optionalInteger("executions"))
      plan.stride = arguments.integer("jobs")
      if let number = arguments.optionalInteger("case") {
        try replay(type, plan, number, save: arguments.optionalString("save"))
      } else if let board = arguments.optionalString("board") {
        try work(type, plan, from: arguments.integer("from"), board: board)
      } else {
        try Supervisor(
          plan, type, limit: arguments.number("limit"), seconds: arguments.optionalInteger("seconds"),
          jobs: arguments.integer("jobs"), keep: arguments.string("keep")
        ).run()
      }
    }
  }

  /// Runs one case here, or only writes its input.
  private static func replay(_ type: any FuzzTarget.Type, _ plan: Plan, _ number: Int, save: String?) throws {
    let place = try TemporaryDirectory(in: memoryDirectory)
    let target = try type.init(directory: place.path)
    let input = try target.input(plan, number)
    if let save {
      let file = try PendingFile(path: save)
      try input.withUnsafeBytes { try file.write($0) }
      try file.publish()
      return
    }
    do {
      let outcome = try judge(target, input) { writeToStandardError("\($0)\n") }
      try writeToStandardOutput("case \(number): \(input.count) bytes, \(outcome)\n")
    } catch let finding as Finding { throw FoundSomething(count: 1, text: finding.description) }
  }

  /// Runs cases until the plan's end, each announced on the board before it begins.
  private static func work(_ type: any FuzzTarget.Type, _ plan: Plan, from first: Int, board path: String) throws {
    guard let board = fuzz_map_board(path) else { throw Finding("cannot map \(path)") }
    if fuzz_has_sanitizer() == 0 {
      fuzz_watch_crashes(board)
      fuzz_limit_memory(UInt64(type.memoryLimit) << 20)
    }
    // Below the supervisor's, which removes it whatever becomes of this process.
    let place = try TemporaryDirectory(in: directoryName(of: path))
    let target = try type.init(directory: place.path)
    let end = plan.end(of: target)
    var number = first
    while number < end {
      board.pointee.number = Int64(number)
      let input = try target.input(plan, number)
      do {
        let outcome = try judge(target, input)
        withUnsafeMutablePointer(to: &board.pointee.counts) { counts in
          UnsafeMutableRawPointer(counts).assumingMemoryBound(to: Int64.self)[outcome.rawValue] += 1
        }
      } catch let finding as Finding {
        board.pointee.findings += 1
        writeToStandardError("finding: case \(number): \(finding)\n")
      }
      if number & 63 == 0 || number + plan.stride >= end { board.pointee.peak = Int64(fuzz_peak()) }
      number += plan.stride
    }
    board.pointee.number = -1
  }
}

/// Which cases of which target.
struct Plan {
  let target: String
  let seed: UInt64
  let executions: Int?
  /// Numbers from one case of a worker to its next.
  var stride = 1

  func end(of target: some FuzzTarget) -> Int { executions ?? target.count ?? 100_000 }
}

extension FuzzTarget {
  /// The input of a case of a plan.
  func input(_ plan: Plan, _ number: Int) throws -> [UInt8] {
    var choices = Choices(seed: plan.seed, target: plan.target, number: number)
    // A part of a target with an end is drawn by chance; all of it is gone through in order.
    if let count, let wanted = plan.executions, wanted < count {
      let drawn = choices.index(below: 1 << 20) << 20 | choices.index(below: 1 << 20)
      return try input(&choices, number: drawn % count)
    }
    return try input(&choices, number: number)
  }
}

/// What the run ends with where something was found.
struct FoundSomething: Failure {
  let count: Int
  let text: String

  var kind: FailureKind { .internalError }
  var description: String { "\(count) finding\(count == 1 ? "" : "s"): \(text)" }
}

/// Where files are made that need no disk.
let memoryDirectory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
