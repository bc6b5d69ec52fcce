import Glibc
import VectorMath
import Testing
import _TestSupport

/// Kills over all stages: a few in every run of the tests, hundreds with `make check-interruption`.
private let killCount = getenv("QVIT_KILLS").flatMap { Int(String(cString: $0)) } ?? 10

/// A stage that is killed again and again.
private struct Victim: Sendable, CustomTestStringConvertible {
  var tool: Tool
  /// Its options; `IN` stands for the directory of the inputs.
  var words: String
  var outputs: [String]
  /// Beside the output of a training: its state, and its side log.
  var checkpoint: String?
  var log: String?
  /// Seconds a signal may take.
  var patience = 2.0

  var testDescription: String { tool.rawValue }
}

private let students = "--config IN/qvit.json --seed 1 --threads 1 --quiet --output s.h5"

private let victims = [
  Victim(
    tool: .prepareData,
    words: "--dataset pneumoniamnist --resolution 224 --source sample --profile paper --quiet --output d.h5",
    outputs: ["d.h5"]),
  Victim(
    tool: .finetuneTeacher, words: "--data IN/b.h5 --config IN/t.json --seed 1 --epochs 1 --quiet --output t.h5",
    outputs: ["t.h5"], checkpoint: "t.ckpt.h5", log: "t.timing.csv", patience: 30),
  Victim(
    tool: .distill, words: "--data IN/b.h5 --teacher IN/t.h5 --distillation IN/di.json \(students)", outputs: ["s.h5"],
    checkpoint: "s.ckpt.h5", log: "s.timing.csv"),
  Victim(
    tool: .train, words: "--data IN/d.h5 --epochs 30 \(students)", outputs: ["s.h5"], checkpoint: "s.ckpt.h5",
    log: "s.timing.csv"),
  Victim(tool: .evaluate, words: "--data IN/d.h5 --model IN/s.h5 --threads 1 --quiet --output e.h5", outputs: ["e.h5"]),
  Victim(
    tool: .report, words: "--table IN/settings/tables/table1.json --output t", outputs: ["t.md", "t.csv", "t.tex"]),
]

/// One stage under fire, and what came of it.
private final class Ordeal {
  let victim: Victim
  private let bench: Bench
  private let words: String
  private var moments: RandomStream
  private let whole: [String: [UInt8]]
  private let seconds: Double
  private var kills: [Int32: Int] = [:]
  private var withinCheckpoint = 0
  private var withinResult = 0
  private var afterCheckpoint = 0
  private var rounds = 0
  private var slowest = 0.0

  init(_ victim: Victim) throws {
    self.victim = victim
    bench = try Bench()
    words = try StageInputs.inserted(in: victim.words)
    moments = RandomStream(seed: 6, purpose: "kill \(victim.tool.rawValue)")
    let began = ContinuousClock.now
    try bench.complete(victim.tool, words + Self.interval(of: victim, "0"))
    seconds = (ContinuousClock.now - began) / .seconds(1)
    whole = try bench.contents()
    try clear()
  }

  private static func interval(of victim: Victim, _ seconds: String) -> String {
    victim.checkpoint == nil ? "" : " --checkpoint-interval \(seconds)"
  }

  private func clear() throws {
    for name in try bench.directory.entries() { unlink(bench.directory.file(name)) }
  }

  /// Starts, kills and restarts the stage until it was killed so often, each time to its end.
  func fire(kills count: Int) throws {
    while kills.values.reduce(0, +) < count {
      rounds += 1
      // Every other time something stands in the place of the result already.
      let old = rounds % 2 == 0 ? Array("precious".utf8) : nil
      if let old { for name in victim.outputs { try bench.directory.write(old, to: name) } }
      var isComplete = false
      for _ in 0..<5 where !isComplete && kills.values.reduce(0, +) < count {
        isComplete = try shoot()
        for name in victim.outputs {
          let found = bench.directory.contains(name) ? try bench.directory.bytes(name) : nil
          #expect(found == old || found == whole[name], "round \(rounds): a partial \(name)")
        }
      }
      if !isComplete { try bench.complete(victim.tool, words) }
      var found = try bench.contents()
      if let log = victim.log, found[log] != nil { found[log] = whole[log] }
      let different = Set(found.keys).union(whole.keys).filter { found[$0] != whole[$0] }.sorted()
      #expect(different.isEmpty, "round \(rounds): \(different)")
      try clear()
    }
  }

  /// Runs the stage once and ends it somewhere.
  /// - Returns: whether it was complete before.
  private func shoot() throws -> Bool {
    let signals = [SIGKILL, SIGKILL, SIGKILL, SIGKILL, SIGKILL, SIGTERM, SIGINT, SIGUSR1]
    let signal = signals[moments.index(below: signals.count)]
    let interval = ["0", "0.01", "30"][moments.index(below: 3)]
    let process = try bench.start(victim.tool, words + Self.interval(of: victim, interval))
    switch moments.index(below: 4) {
    case 0: aim(process) { size(of: $0 + ".part", above: 0) || size(of: $0, is: whole[$0]) }
    case 1 where victim.checkpoint != nil:
      aim(process) { _ in victim.checkpoint.map { bench.directory.contains($0 + ".part") } ?? false }
    default: usleep(UInt32(moments.uniform() * seconds * 1e6))
    }
    let killed = ContinuousClock.now
    process.signal(signal)
    let result = try process.wait()
    let elapsed = (ContinuousClock.now - killed) / .seconds(1)
    if result.status == 0 { return true }
    kills[signal, default: 0] += 1
    if signal == SIGKILL {
      #expect(result.status == 128 + SIGKILL)
    } else {
      // Before it has begun to listen, a signal ends it as it ends any process.
      let listened = ProcessResult(
        status: 75, errors: "\(victim.tool.rawValue): error: interrupted; the same command resumes\n")
      let started = ProcessResult(status: 128 + signal)
      #expect([listened, started].contains(ProcessResult(status: result.status, errors: result.errors)))
      #expect(elapsed < victim.patience)
      slowest = max(slowest, elapsed)
    }
    if let checkpoint = victim.checkpoint {
      if bench.directory.contains(checkpoint + ".part") { withinCheckpoint += 1 }
      if bench.directory.contains(checkpoint) { afterCheckpoint += 1 }
    }
    if victim.outputs.contains(where: { size(of: $0 + ".part", above: 0) }) { withinResult += 1 }
    return false
  }

  /// Waits for a moment that is short, and a little longer.
  private func aim(_ process: RunningProcess, at isThere: (String) -> Bool) {
    while !process.hasEnded(), !victim.outputs.contains(where: isThere) { usleep(50) }
    usleep(UInt32(moments.index(below: 2_000)))
  }

  private func size(of name: String, above bytes: Int) -> Bool {
    var status = stat()
    return stat(bench.directory.file(name), &status) == 0 && status.st_size > bytes
  }

  private func size(of name: String, is bytes: [UInt8]?) -> Bool {
    var status = stat()
    return stat(bench.directory.file(name), &status) == 0 && status.st_size == bytes?.count ?? -1
  }

  /// One line.
  var summary: String {
    let names = [SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGUSR1: "SIGUSR1"]
    let counts = kills.sorted { $0.key < $1.key }.map { "\(names[$0.key] ?? "") \($0.value)" }.joined(separator: ", ")
    return "\(victim.tool.rawValue): \(kills.values.reduce(0, +)) kills (\(counts)) in \(rounds) rounds; "
      + "\(withinResult) while the result was written, \(withinCheckpoint) while a checkpoint was, "
      + "\(afterCheckpoint) with a checkpoint to go on from; a signal took at most \((slowest * 1000).rounded()) ms"
  }
}

@Suite("Killed at any moment", .serialized, .timeLimit(.minutes(30)))
struct KillTests {
  @Test("The same command ends in the same bytes, and leaves nothing else", arguments: victims.indices)
  func kill(index: Int) throws {
    let began = ContinuousClock.now
    let ordeal = try Ordeal(victims[index])
    try ordeal.fire(kills: (killCount + index) / victims.count)
    guard getenv("QVIT_KILLS") != nil else { return }
    print("\(ordeal.summary); \(((ContinuousClock.now - began) / .seconds(1)).rounded()) s")
  }
}
