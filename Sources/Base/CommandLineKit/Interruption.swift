public import Failures
import Files
import Glibc
import Threads
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

/// Requests to stop: SIGINT, SIGTERM, SIGUSR1 (Slurm's warning before a time limit) and SIGHUP (the terminal is gone).
///
/// Work that has nothing to save ends at once, wherever it is: its temporaries are removed, one line says so, the exit code
/// is 75. Work that has something to save postpones that (`postpone`): then a signal only sets a flag, for which it asks
/// between two steps. A second signal ends the process at once in any case.
public enum Interruption {
  /// Handles the signals from now on. `runTool` calls it before the tool's work begins.
  /// - Parameter tool: whose name the message begins with.
  static func install(tool: String) {
    // Reading these here makes sure that the handler never runs their lazy initialisation.
    _ = (requested, isPostponed.load(ordering: .relaxed), signalNumbers, wakeUp)
    hasWatch.store(startWatch(of: tool), ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = noteSignal
    action.sa_flags = SA_RESTART
    for number in signalNumbers { sigaction(number, &action, nil) }
    // Started with nohup, the end of the session does not concern this process.
    var present = sigaction()
    sigaction(SIGHUP, nil, &present)
    if unsafeBitCast(present.__sigaction_handler.sa_handler, to: Int.self) != 1 { sigaction(SIGHUP, &action, nil) }
  }

  /// Whether a signal has arrived.
  public static var requested: Bool { firstSignal.load(ordering: .relaxed) != 0 }

  /// Stops here if a signal has arrived.
  /// - Throws: `Interrupted`.
  public static func check() throws(Interrupted) {
    if requested { throw Interrupted() }
  }

  /// From now on a signal does no more than set `requested`: whoever calls this asks for it often enough, saves what there
  /// is to save, and throws `Interrupted`.
  public static func postpone() { watch.withLock { _ in isPostponed.store(true, ordering: .relaxed) } }

  /// From now on a signal ends the process at once; now, if one has arrived meanwhile.
  public static func allow() {
    watch.withLock {
      isPostponed.store(false, ordering: .relaxed)
      if requested { $0.end() }
    }
  }
}

private let signalNumbers = [SIGINT, SIGTERM, SIGUSR1]

/// When the first signal arrived, in nanoseconds of the monotonic clock; 0 before.
private let firstSignal = Atomic<Int>(0)

/// Signals closer together than this are one request: `timeout` and job managers signal a process and then its group.
private let echoNanoseconds = 100_000_000

/// Wakes the watching thread. Invariant: made before the handler is installed and never freed; posting and waiting are safe
/// from any thread, posting also from a handler.
private nonisolated(unsafe) let wakeUp: UnsafeMutablePointer<sem_t> = {
  let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  sem_init(semaphore, 0, 0)
  return semaphore
}()

/// Whether the watching thread could be started.
private let hasWatch = Atomic<Bool>(false)

/// Whether the work has something to save. Changed under `watch`'s lock, and read without by the handler where nobody watches.
private let isPostponed = Atomic<Bool>(false)

private func noteSignal(_ number: Int32) {
  // Only calls that are safe in a signal handler: clock_gettime, sem_post, write, _exit, atomics.
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  let nanoseconds = max(1, now.tv_sec * 1_000_000_000 + now.tv_nsec)
  let (first, earlier) = firstSignal.compareExchange(expected: 0, desired: nanoseconds, ordering: .relaxed)
  guard first else {
    if nanoseconds - earlier > echoNanoseconds { _exit(FailureKind.interrupted.rawValue) }
    return
  }
  if hasWatch.load(ordering: .relaxed) {
    sem_post(wakeUp)
  } else if !isPostponed.load(ordering: .relaxed) {
    // Temporaries stay, as after SIGKILL; the same command takes them over.
    let line: StaticString = "error: interrupted; the same command resumes\n"
    var request = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    if poll(&request, 1, 1_000) > 0 { write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount) }
    _exit(FailureKind.interrupted.rawValue)
  }
}

/// What the watching thread does with the first signal.
private struct Watch {
  var tool = ""

  func end() -> Never {
    PendingFile.abandonAll {
      // On a terminal the line may hold a progress bar.
      let start = isatty(STDERR_FILENO) == 1 ? "\n" : ""
      writeToStandardError("\(start)\(tool): error: \(Interrupted())\n")
      _exit(Interrupted().kind.rawValue)
    }
  }
}

private let watch = Guarded(Watch())

/// Starts the thread that waits for the first signal: unlike the handler it may take locks, remove files and write.
/// - Returns: whether the system had room for another thread.
private func startWatch(of tool: String) -> Bool {
  watch.withLock { $0.tool = tool }
  let thread = startThread {
    while sem_wait(wakeUp) != 0 {}
    watch.withLock { if !isPostponed.load(ordering: .relaxed) { $0.end() } }
  }
  guard let thread else { return false }
  pthread_detach(thread)
  return true
}
