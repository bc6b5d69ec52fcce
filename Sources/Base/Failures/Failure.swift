/// What kind of trouble a failure is, as the exit code a tool ends with (the values of BSD's `sysexits.h`).
public enum FailureKind: Int32, Sendable {
  /// A wrong option or a wrong value of an option.
  case usage = 64
  /// Input that is there and is wrong: a damaged file, an unknown key, a label out of range.
  case badData = 65
  /// Input that is not there.
  case missingInput = 66
  /// Something is needed and cannot be had: a download that is refused, memory.
  case unavailable = 69
  /// A mistake in this program.
  case internalError = 70
  /// The output cannot be created: no such directory, no permission, somebody else is writing it.
  case cannotCreate = 73
  /// Reading or writing failed underway: a full disk, a disk error.
  case inputOutput = 74
  /// Stopped by a signal; the same command resumes.
  case interrupted = 75
}

/// An error that a user can cause and can understand. Its description is one line that names the path, the field, what
/// was expected and what was found.
public protocol Failure: Error, CustomStringConvertible, Sendable {
  /// The kind, and with it the exit code.
  var kind: FailureKind { get }
}
