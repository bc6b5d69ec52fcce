import Glibc

/// Calls `produce` on a thread of its own and `consume` on the caller's, so that the two overlap: while one piece is
/// consumed, the next ones are produced, at most `depth` of them. The pieces arrive one after the other in the order they
/// were produced, so the result is that of calling the two in turn, which is what happens where the system has no room for
/// another thread.
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
    guard let thread = startThread({ queue.run() }) else { return try inTurn(capacity, produce, consume) }
    defer {
      queue.stop()
      pthread_join(thread, nil)
    }
    while let piece = try queue.next() {
      try consume(piece)
      queue.release()
    }
  }
}

/// The same without a second thread.
func inTurn(
  _ capacity: Int, _ produce: (UnsafeMutableRawBufferPointer) throws -> Int,
  _ consume: (UnsafeRawBufferPointer) throws -> Void
) throws {
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 64)
  defer { buffer.deallocate() }
  while true {
    let count = try produce(buffer)
    if count == 0 { return }
    try consume(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }
}

/// A ring of buffers between a producing thread and its owner.
///
/// Unchecked Sendable, by this invariant: the counters, `failure`, `hasEnded` and `isStopped` are touched with the lock
/// held; buffer i of the ring belongs to the producer while piece i is not counted in `produced`, and to the owner until it
/// is counted in `consumed`. `produce` is called by the one thread only, which ends before `readAhead` does.
private final class PieceQueue: @unchecked Sendable {
  private let produce: (UnsafeMutableRawBufferPointer) throws -> Int
  private let buffers: [UnsafeMutableRawBufferPointer]
  private var counts: [Int]
  private var produced = 0
  private var consumed = 0
  private var failure: (any Error)?
  private var hasEnded = false
  private var isStopped = false
  private let lock = Lock()
  private let changed: Lock.Condition

  init(capacity: Int, depth: Int, _ produce: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
    self.produce = produce
    buffers = (0..<depth).map { _ in .allocate(byteCount: capacity, alignment: 64) }
    counts = [Int](repeating: 0, count: depth)
    changed = Lock.Condition(of: lock)
  }

  deinit { for buffer in buffers { buffer.deallocate() } }

  // MARK: The owner's side

  /// The next piece, which stays valid until `release`; nil at the end.
  func next() throws -> UnsafeRawBufferPointer? {
    try lock.locked { () throws -> UnsafeRawBufferPointer? in
      while produced == consumed && !hasEnded { changed.wait() }
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
    lock.locked {
      consumed += 1
      changed.signal()
    }
  }

  /// Ends the producer, after the piece it is producing.
  func stop() {
    lock.locked {
      isStopped = true
      changed.signal()
    }
  }

  // MARK: The producer's side

  /// Produces until the end.
  func run() {
    while let slot = freeSlot() {
      var count = 0
      var failure: (any Error)?
      do { count = try produce(buffers[slot]) } catch { failure = error }
      lock.locked {
        if count > 0 {
          counts[slot] = count
          produced += 1
        } else {
          self.failure = failure
          hasEnded = true
        }
        changed.signal()
      }
      if count == 0 { return }
    }
  }

  private func freeSlot() -> Int? {
    lock.locked {
      while produced - consumed == buffers.count && !isStopped { changed.wait() }
      return isStopped ? nil : produced % buffers.count
    }
  }
}
