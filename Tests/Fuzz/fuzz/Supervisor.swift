import CFuzz
import CommandLineKit
import Files
import Glibc
import _TestSupport

/// Runs the cases of a plan in child processes, starts a new one behind a case that ended one, and kills one that does not
/// get on.
final class Supervisor {
  private let plan: Plan
  private let type: any FuzzTarget.Type
  private let limit: Double
  private let seconds: Int?
  private let jobs: Int
  private let keep: String
  private let place: TemporaryDirectory
  private let began = ContinuousClock.now
  /// Cases by outcome.
  private var counts = [0, 0, 0]
  private var inLibrary = 0
  private var peak: Int64 = 0
  private var findings: [String] = []
  /// This program.
  private let executable: String

  init(
    _ plan: Plan, _ type: any FuzzTarget.Type, limit: Double, seconds: Int?, jobs: Int, keep: String
  ) throws {
    self.plan = plan
    self.type = type
    self.limit = limit
    self.seconds = seconds
    self.jobs = jobs
    self.keep = keep
    place = try TemporaryDirectory(in: memoryDirectory)
    var path = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &path, path.count)
    guard length > 0 else { throw Finding("this program is nowhere: error \(errno)") }
    executable = String(decoding: path[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// One child process and its view of the board.
  private final class Worker {
    var process: pid_t
    let board: UnsafeMutablePointer<fuzz_board>
    let log: String
    var lastNumber: Int64 = -2
    var since = ContinuousClock.now
    /// Processor time of the process when its case began.
    var computedBefore = 0.0
    var hung = false

    init(process: pid_t, board: UnsafeMutablePointer<fuzz_board>, log: String) {
      self.process = process
      self.board = board
      self.log = log
    }
  }

  func run() throws {
    var workers: [Worker] = []
    for job in 0..<jobs { workers.append(try start(job, from: job)) }
    var stopped = false
    while !workers.isEmpty {
      usleep(5_000)
      if findings.count > 200, !stopped {
        stopped = true
        writeToStandardError("fuzz: \(plan.target): stopped after \(findings.count) findings\n")
        for worker in workers { kill(worker.process, SIGKILL) }
      }
      if let seconds, began.duration(to: .now) > .seconds(seconds), !stopped {
        stopped = true
        for worker in workers { kill(worker.process, SIGKILL) }
      }
      for (index, worker) in workers.enumerated().reversed() {
        var status: Int32 = 0
        guard waitpid(worker.process, &status, WNOHANG) == worker.process else {
          watch(worker)
          continue
        }
        workers.remove(at: index)
        let next = try ended(worker, status: status, stopped: stopped)
        if let next { workers.insert(try start(next % jobs, from: next), at: index) }
      }
    }
    try report()
  }

  private func start(_ job: Int, from first: Int) throws -> Worker {
    let path = "\(place.path)/board-\(job)"
    let log = "\(place.path)/log-\(job)"
    guard let board = fuzz_map_board(path) else { throw Finding("cannot map \(path)") }
    board.pointee = fuzz_board()
    board.pointee.number = Int64(first)
    var arguments = [
      executable, "--target", plan.target, "--seed", "\(plan.seed)", "--from", "\(first)", "--board", path,
      "--jobs", "\(jobs)",
    ]
    if let executions = plan.executions { arguments += ["--executions", "\(executions)"] }
    return Worker(process: try spawn(arguments, log: log), board: board, log: log)
  }

  /// Ends a process whose case takes too long, first in a way that shows where it is.
  private func watch(_ worker: Worker) {
    let number = worker.board.pointee.number
    if number != worker.lastNumber {
      worker.lastNumber = number
      worker.since = .now
      worker.computedBefore = Self.processorSeconds(of: worker.process)
      return
    }
    // What counts is computed time: on a busy machine a case can wait for long. One that computes nothing has ten times
    // as much.
    let waited = worker.since.duration(to: .now) / .seconds(1)
    let computed = Self.processorSeconds(of: worker.process) - worker.computedBefore
    if computed > limit || waited > 10 * limit {
      kill(worker.process, worker.hung ? SIGKILL : SIGABRT)
      worker.hung = true
      usleep(200_000)
    }
  }

  private static func processorSeconds(of process: pid_t) -> Double {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Counts what a process did.
  /// - Returns: the case to go on with; nil if the process came to its end.
  private func ended(_ worker: Worker, status: Int32, stopped: Bool) throws -> Int? {
    let board = worker.board.pointee
    withUnsafeBytes(of: board.counts) { raw in
      for (index, count) in raw.bindMemory(to: Int64.self).enumerated() { counts[index] += Int(count) }
    }
    peak = max(peak, board.peak)
    let log = (try? contents(ofFile: worker.log, limit: 1 << 26)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    for line in log.split(separator: "\n") where line.hasPrefix("finding: ") { try note(String(line.dropFirst(9))) }
    if stopped || (status == 0 && board.number == -1) { return nil }
    let number = Int(board.number)
    let how = status & 0x7f == 0 ? "exit code \(status >> 8 & 0xff)" : "signal \(status & 0x7f)"
    if number < 0 { throw Finding("a child process failed with \(how): \(log.suffix(500))") }
    if board.in_library == 1 || sanitizerBlamesLibrary(log), type is any EntersHDF5.Type {
      inLibrary += 1
    } else {
      try note("case \(number): \(worker.hung ? "took more than \(limit) s" : how)", log: log)
    }
    return number + jobs
  }

  /// Whether the address sanitizer ended the process at a call that came from the HDF5 library: its report begins with the
  /// calls that led to the mistake.
  private func sanitizerBlamesLibrary(_ log: String) -> Bool {
    let lines = log.split(separator: "\n", omittingEmptySubsequences: false).drop {
      !$0.contains("ERROR: AddressSanitizer")
    }
    return lines.prefix { !$0.isEmpty }.contains { $0.contains("libhdf5") }
  }

  /// Keeps a finding, with its input.
  private func note(_ text: String, log: String? = nil) throws {
    findings.append(text)
    writeToStandardError("fuzz: \(plan.target): \(text)\n")
    guard findings.count <= 50,
      let number = text.split(separator: " ").dropFirst().first.flatMap({ Int($0.dropLast()) })
    else { return }
    mkdir(keep, 0o777)
    let name = "\(keep)/\(plan.target)-seed\(plan.seed)-case\(number)"
    var arguments = [
      executable, "--target", plan.target, "--seed", "\(plan.seed)", "--case", "\(number)", "--save", name,
    ]
    if let executions = plan.executions { arguments += ["--executions", "\(executions)"] }
    let process = try spawn(arguments, log: "\(place.path)/log-save")
    waitpid(process, nil, 0)
    if let log { try writeFile(String(log.suffix(20_000)), to: name + ".txt") }
  }

  private func report() throws {
    let elapsed = began.duration(to: .now) / .seconds(1)
    let all = counts.reduce(0, +) + inLibrary
    let sanitizer = fuzz_has_address_sanitizer() != 0 ? ", address sanitizer" : ""
    let rate = Int(Double(all) / max(elapsed, 1e-3))
    var line =
      "\(plan.target): seed \(plan.seed), \(all) executions in \(Int(elapsed)) s (\(rate)/s\(sanitizer)): "
      + "accepted \(counts[0]), refused \(counts[1])"
    if counts[2] > 0 { line += ", harmless \(counts[2])" }
    if inLibrary > 0 { line += ", ended in the HDF5 library \(inLibrary)" }
    line += ", findings \(findings.count), peak \(peak >> 10) of \(type.memoryLimit) MiB\n"
    try writeToStandardOutput(line)
    if let first = findings.first { throw FoundSomething(count: findings.count, text: first) }
  }

  private func spawn(_ arguments: [String], log: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    // The sanitizer's own limits take the place of the address space's.
    let sanitizer = "ASAN_OPTIONS=detect_leaks=0:max_allocation_size_mb=\(type.memoryLimit):allocator_may_return_null=0"
    let strings = ["env", "SWIFT_BACKTRACE=enable=no", sanitizer] + arguments
    let copies = strings.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    var process: pid_t = 0
    let failure = posix_spawn(&process, "/usr/bin/env", &actions, nil, copies, environ)
    guard failure == 0 else { throw Finding("cannot start \(arguments[0]): error \(failure)") }
    return process
  }
}

/// A target whose inputs go into the HDF5 library although they were made to hurt it: what ends there is counted, and is no
/// finding about this program (docs/hostile-input.md).
protocol EntersHDF5 {}
