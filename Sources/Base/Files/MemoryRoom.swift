public import Failures
import Glibc

/// Memory that the system does not give.
public struct NotEnoughMemory: Failure, Equatable {
  /// What it was wanted for.
  public var path: String
  /// How much, in bytes.
  public var bytes: Int

  /// Unavailable, 69.
  public var kind: FailureKind { .unavailable }

  /// One line: the path and the size.
  public var description: String { "\(path): not enough memory for \(bytes) bytes" }
}

/// Makes sure that there is room for a large array before it is made: an array that cannot be made ends the process without a
/// word. Small ones are not asked for.
/// - Throws: `NotEnoughMemory`.
public func requireMemory(_ bytes: Int, for path: String) throws(NotEnoughMemory) {
  guard bytes >= 1 << 20 else { return }
  guard let room = malloc(bytes) else { throw NotEnoughMemory(path: path, bytes: bytes) }
  free(room)
}
