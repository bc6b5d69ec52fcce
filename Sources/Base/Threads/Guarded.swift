import Glibc

/// A value that one thread at a time can get at.
///
/// Swift's own `Mutex` does the same, but its lock is made of instructions that the thread sanitizer does not see on Linux:
/// every value behind one would be reported as a race, and real races would drown in those reports. POSIX locks it knows.
public final class Guarded<Value>: @unchecked Sendable {
  // Invariant for Sendable: what `value` points to is touched between locking and unlocking only, and comes from callers who
  // have given it away.
  private let value: UnsafeMutablePointer<Value>
  private let lock: UnsafeMutablePointer<pthread_mutex_t>

  /// Guards a value, which nobody else may use any more.
  public init(_ value: sending Value) {
    self.value = .allocate(capacity: 1)
    self.value.initialize(to: value)
    lock = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
  }

  deinit {
    pthread_mutex_destroy(lock)
    lock.deallocate()
    value.deinitialize(count: 1)
    value.deallocate()
  }

  /// Calls `body` with the value while no other thread has it. Not re-entrant.
  /// - Throws: what `body` throws.
  public func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body(&value.pointee)
  }
}
