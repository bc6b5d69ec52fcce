import Glibc

/// A mutex, and conditions to wait for with it held.
///
/// Swift's own `Mutex` has no conditions, and its lock is made of instructions that the thread sanitizer does not see on Linux:
/// every value behind one would be reported as a race, and real races would drown in those reports. POSIX locks it knows.
public final class Lock: @unchecked Sendable {
  // Invariant for Sendable: the mutex is made for several threads; its address never changes, and it goes when nobody has the
  // lock any more.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  /// A lock that nobody holds.
  public init() {
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Calls `body` while no other thread holds the lock. Not re-entrant.
  /// - Throws: what `body` throws.
  public func locked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Something that threads wait for with a lock held: a change of what the lock guards.
  public final class Condition: @unchecked Sendable {
    // Invariant for Sendable: as for the lock.
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private let lock: Lock

    /// A change of what `lock` guards.
    public init(of lock: Lock) {
      self.lock = lock
      condition = .allocate(capacity: 1)
      pthread_cond_init(condition, nil)
    }

    deinit {
      pthread_cond_destroy(condition)
      condition.deallocate()
    }

    /// Lets go of the lock until another thread says that something has changed; it can also return without that. To be called
    /// with the lock held, which it is again on return.
    public func wait() { pthread_cond_wait(condition, lock.mutex) }

    /// Wakes one of the threads that wait.
    public func signal() { pthread_cond_signal(condition) }

    /// Wakes all threads that wait.
    public func broadcast() { pthread_cond_broadcast(condition) }
  }
}
