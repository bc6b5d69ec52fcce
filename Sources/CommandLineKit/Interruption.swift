public import Failures
import Glibc
import Synchronization

/// A stage that stopped because a signal asked it to.
public struct Interrupted: Failure, Equatable {
  /// A stop on request.
  public init() {}

  /// Interrupted, 75.
  public var kind: FailureKind { .interrupted }

  /// One line.
  public var description: String { "interrupted; the same command resumes" }
}

/// Requests to stop: SIGINT, SIGTERM and SIGUSR1 (Slurm's warning before a time limit) set a flag, which long loops ask for
/// between two steps. A second signal ends the process at once.
public enum Interruption {
  /// Handles the signals from now on. `runTool` calls it before the tool's work begins.
  public static func install() {
    // Reading both here makes sure that the handler never runs their lazy initialisation.
    _ = (requested, signalNumbers)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = noteSignal
    action.sa_flags = SA_RESTART
    for number in signalNumbers { sigaction(number, &action, nil) }
  }

  /// Whether a signal has arrived.
  public static var requested: Bool { firstSignal.load(ordering: .relaxed) != 0 }

  /// Stops here if a signal has arrived.
  /// - Throws: `Interrupted`.
  public static func check() throws(Interrupted) {
    if requested { throw Interrupted() }
  }
}

private let signalNumbers = [SIGINT, SIGTERM, SIGUSR1]

/// When the first signal arrived, in nanoseconds of the monotonic clock; 0 before.
private let firstSignal = Atomic<Int>(0)

/// Signals closer together than this are one request: `timeout` and job managers signal a process and then its group.
private let echoNanoseconds = 100_000_000

private func noteSignal(_ number: Int32) {
  // Only calls that are safe in a signal handler: clock_gettime, _exit, atomics.
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  let nanoseconds = max(1, now.tv_sec * 1_000_000_000 + now.tv_nsec)
  let (first, earlier) = firstSignal.compareExchange(expected: 0, desired: nanoseconds, ordering: .relaxed)
  if !first, nanoseconds - earlier > echoNanoseconds { _exit(FailureKind.interrupted.rawValue) }
}
