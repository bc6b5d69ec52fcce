import Glibc

/// Calls `produce` on a thread of its own and `consume` on the caller's, so that the two overlap: while one piece is
/// consumed, the next ones are produced, at most `depth` of them. The pieces arrive one after the other in the order they
/// were produced, so the result is that of calling the two in turn.
/// - Parameters:
///   - capacity: bytes of a piece at most; `depth` buffers of this size are held.
///   - produce: fills a buffer from its beginning and returns the number of bytes; 0 ends the stream.
///   - consume: is given the bytes of one piece, valid during the call.
/// - Throws: what `consume` throws, at once; what `produce` throws, once the pieces before were consumed. When it throws or
///   returns, `produce` is not running any more.
public func readAhead(
  capacity: Int, depth: Int = 4, produce: (UnsafeMutableRawBufferPointer) throws -> Int,
  consume: (UnsafeRawBufferPointer) throws -> Void
) throws {
  precondition(capacity > 0 && depth > 1, "\(depth) buffers of \(capacity) bytes")
  try withoutActuallyEscaping(produce) { produce in
    let queue = PieceQueue(capacity: capacity, depth: depth, produce)
    defer { queue.stop() }
    while let piece = try queue.next() {
      try consume(piece)
      queue.release()
    }
  }
}

/// A ring of buffers between a producing thread and its owner.
///
/// Unchecked Sendable, by this invariant: the counters, `failure`, `hasEnded` and `isStopped` are touched with the mutex
/// held; buffer i of the ring belongs to the producer while piece i is not counted in `produced`, and to the owner until it
/// is counted in `consumed`. `produce` is called by the one thread only, which `stop` joins.
private final class PieceQueue: @unchecked Sendable {
  private let produce: (UnsafeMutableRawBufferPointer) throws -> Int
  private let buffers: [UnsafeMutableRawBufferPointer]
  private var counts: [Int]
  private var produced = 0
  private var consumed = 0
  private var failure: (any Error)?
  private var hasEnded = false
  private var isStopped = false
  private var thread = pthread_t()
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>

  init(capacity: Int, depth: Int, _ produce: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
    self.produce = produce
    buffers = (0..<depth).map { _ in .allocate(byteCount: capacity, alignment: 64) }
    counts = [Int](repeating: 0, count: depth)
    mutex = .allocate(capacity: 1)
    changed = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
    // The owner joins the thread before it lets go of the queue.
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<PieceQueue>.fromOpaque(argument).takeUnretainedValue().run() }
        return nil
      }, Unmanaged.passUnretained(self).toOpaque())
    precondition(status == 0, "cannot start a thread: error \(status)")
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
    for buffer in buffers { buffer.deallocate() }
  }

  /// The next piece, which stays valid until `release`; nil at the end.
  func next() throws -> UnsafeRawBufferPointer? {
    try locked {
      while produced == consumed && !hasEnded { pthread_cond_wait(changed, mutex) }
      if produced > consumed {
        let slot = consumed % buffers.count
        return UnsafeRawBufferPointer(rebasing: buffers[slot][..<counts[slot]])
      }
      if let failure { throw failure }
      return nil
    }
  }

  /// Gives the buffer of the piece last taken back to the producer.
  func release() {
    locked {
      consumed += 1
      pthread_cond_signal(changed)
    }
  }

  /// Ends the thread, after the piece it is producing.
  func stop() {
    locked {
      isStopped = true
      pthread_cond_signal(changed)
    }
    pthread_join(thread, nil)
  }

  private func run() {
    while let slot = freeSlot() {
      var count = 0
      var failure: (any Error)?
      do { count = try produce(buffers[slot]) } catch { failure = error }
      locked {
        if count > 0 {
          counts[slot] = count
          produced += 1
        } else {
          self.failure = failure
          hasEnded = true
        }
        pthread_cond_signal(changed)
      }
      if count == 0 { return }
    }
  }

  private func freeSlot() -> Int? {
    locked {
      while produced - consumed == buffers.count && !isStopped { pthread_cond_wait(changed, mutex) }
      return isStopped ? nil : produced % buffers.count
    }
  }

  private func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }
}
