/// A value that one thread at a time can get at.
public final class Guarded<Value>: @unchecked Sendable {
  // Invariant for Sendable: what `value` points to is touched with the lock held only, and comes from callers who have given
  // it away.
  private let value: UnsafeMutablePointer<Value>
  private let lock = Lock()

  /// Guards a value, which nobody else may use any more.
  public init(_ value: sending Value) {
    self.value = .allocate(capacity: 1)
    self.value.initialize(to: value)
  }

  deinit {
    value.deinitialize(count: 1)
    value.deallocate()
  }

  /// Calls `body` with the value while no other thread has it. Not re-entrant.
  /// - Throws: what `body` throws.
  public func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try lock.locked { () throws(Failure) -> Result in try body(&value.pointee) }
  }
}
