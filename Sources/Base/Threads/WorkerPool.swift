internal import CLanes
internal import CProcessors
import Glibc
import Synchronization

/// Runs numbered chunks of work on a fixed number of threads.
///
/// Which thread runs which chunk is left to chance; a caller that writes chunk i's results to a place of its own and
/// combines them in the order of i gets the same bits from any number of threads. The calling thread takes part, so a pool
/// of one thread starts none.
public final class WorkerPool: Sendable {
  /// The number of threads that work, the caller's included.
  public let threads: Int
  private let state: State

  /// Starts `threads − 1` workers that wait for work, or as many as the system allows: results do not depend on it.
  /// - Precondition: threads ≥ 1.
  public init(threads: Int) {
    precondition(threads >= 1, "a pool of \(threads) threads")
    state = State()
    var started = 1
    while started < threads, state.startWorker() { started += 1 }
    self.threads = started
  }

  deinit { state.stop() }

  /// Calls `body` once for each chunk 0 ..< `chunks`, on several threads at once; returns when all have ended.
  ///
  /// Not re-entrant: one caller at a time, and `body` must not call `run` on the same pool.
  public func run(chunks: Int, _ body: (Int) -> Void) {
    run(chunks: chunks) { chunk, _ in body(chunk) }
  }

  /// The same, and tells `body` the number of the thread it runs on, 0 ..< `threads`, so that each can have a workspace of
  /// its own. Results must not depend on that number.
  public func run(chunks: Int, _ body: (_ chunk: Int, _ thread: Int) -> Void) {
    guard threads > 1, chunks > 1 else {
      for chunk in 0..<chunks { body(chunk, 0) }
      return
    }
    withoutActuallyEscaping(body) { state.run(chunks: chunks, $0) }
  }

  /// The same for work that can fail. All chunks are run; then the failure of the lowest chunk that failed is thrown.
  public func run<Failure: Error>(
    chunks: Int, trying body: (_ chunk: Int, _ thread: Int) throws(Failure) -> Void
  ) throws(Failure) {
    let first = Guarded<(chunk: Int, failure: Failure)?>(nil)
    run(chunks: chunks) { (chunk: Int, thread: Int) -> Void in
      do throws(Failure) { try body(chunk, thread) } catch {
        first.withLock { if chunk < $0?.chunk ?? Int.max { $0 = (chunk, error) } }
      }
    }
    if let failure = first.withLock({ $0?.failure }) { throw failure }
  }

  /// The number of processors this process may run on: those of the machine, or what `taskset` or a job manager left of them.
  public static var processors: Int { max(1, Int(processors_allowed())) }
}

extension WorkerPool {
  /// What the caller and the workers share.
  ///
  /// Unchecked Sendable, by this invariant: `body` and `chunks` are written by the caller only while no worker is active
  /// (`active` is 0 and the generation has not been raised), and read by workers only between seeing the raised
  /// generation (acquiring) and lowering `active` (releasing). `handles` is touched by the owner only.
  private final class State: @unchecked Sendable {
    private let generation = Atomic<Int>(0)
    private let nextChunk = Atomic<Int>(0)
    private let active = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let started = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    private var body: ((Int, Int) -> Void)?
    private var chunks = 0
    private var handles: [pthread_t] = []
    private let lock = Lock()
    private let raised: Lock.Condition

    /// How often a waiting thread looks before it lets others run between looks: about 20 microseconds.
    private static let spins = 2_000
    /// How often it lets others run before it sleeps: about a millisecond, more than a chunk of a student's batch takes. A
    /// thread that slept while another works on the last chunk would wake too late for its half of the next batch.
    private static let yields = 2_000

    init() { raised = Lock.Condition(of: lock) }

    /// - Returns: whether the system had room for another thread.
    func startWorker() -> Bool {
      guard let thread = startThread({ self.work() }) else { return false }
      handles.append(thread)
      return true
    }

    func stop() {
      stopping.store(true, ordering: .releasing)
      raiseGeneration()
      for handle in handles { pthread_join(handle, nil) }
    }

    func run(chunks: Int, _ body: @escaping (Int, Int) -> Void) {
      self.body = body
      self.chunks = chunks
      nextChunk.store(0, ordering: .relaxed)
      active.store(handles.count, ordering: .relaxed)
      raiseGeneration()
      takeChunks(body, thread: 0)
      var looks = 0
      while active.load(ordering: .acquiring) != 0 {
        looks += 1
        if looks > Self.spins { sched_yield() } else { lanes_pause() }
      }
      self.body = nil
    }

    private func raiseGeneration() {
      generation.add(1, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
        lock.locked { raised.broadcast() }
      }
    }

    private func takeChunks(_ body: (Int, Int) -> Void, thread: Int) {
      while true {
        let chunk = nextChunk.add(1, ordering: .relaxed).oldValue
        if chunk >= chunks { return }
        body(chunk, thread)
      }
    }

    private func work() {
      let thread = started.add(1, ordering: .relaxed).newValue
      var seen = 0
      while true {
        seen = awaitGeneration(after: seen)
        if stopping.load(ordering: .acquiring) { return }
        if let body { takeChunks(body, thread: thread) }
        active.subtract(1, ordering: .releasing)
      }
    }

    private func awaitGeneration(after seen: Int) -> Int {
      for look in 0..<Self.spins + Self.yields {
        let now = generation.load(ordering: .acquiring)
        if now != seen { return now }
        if look < Self.spins { lanes_pause() } else { sched_yield() }
      }
      lock.locked {
        sleepers.add(1, ordering: .sequentiallyConsistent)
        while generation.load(ordering: .sequentiallyConsistent) == seen { raised.wait() }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
      }
      return generation.load(ordering: .acquiring)
    }
  }
}
