public import Failures
import Glibc

/// Standard output that cannot be written, for example because its disk is full.
public struct StandardOutputError: Failure, Equatable {
  /// The system's error number.
  public var errorNumber: Int32

  /// Input/output, 74.
  public var kind: FailureKind { .inputOutput }

  /// One line.
  public var description: String { "standard output: cannot write: \(String(cString: strerror(errorNumber)))" }
}

/// Writes a result to standard output, whole. A reader that has gone away (`report … | head`) is no error.
/// - Throws: `StandardOutputError`.
public func writeToStandardOutput(_ text: String) throws(StandardOutputError) {
  let reason = write(text, to: STDOUT_FILENO)
  if reason != 0, reason != EPIPE { throw StandardOutputError(errorNumber: reason) }
}

/// Writes a message to standard error; nobody can be told if that fails. Where standard error takes nothing (a pipe that
/// nobody reads, a terminal that was stopped), this waits, but once a signal asks to stop only for a second: nothing keeps
/// the state from being saved.
public func writeToStandardError(_ text: String) {
  var text = text
  text.withUTF8 { bytes in
    var rest = UnsafeRawBufferPointer(bytes)
    var patience = 10
    while let base = rest.baseAddress, !rest.isEmpty {
      var request = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
      guard poll(&request, 1, 100) != 0 else {
        if Interruption.requested { patience -= 1 }
        if patience == 0 { return }
        continue
      }
      // A pipe that takes anything takes so much.
      let count = Glibc.write(STDERR_FILENO, base, min(rest.count, 4096))
      if count < 0 {
        if errno == EINTR { continue }
        return
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }
}

/// - Returns: the system's error number, 0 if all is written.
private func write(_ text: String, to descriptor: Int32) -> Int32 {
  var text = text
  return text.withUTF8 { bytes in
    var rest = UnsafeRawBufferPointer(bytes)
    while let base = rest.baseAddress, !rest.isEmpty {
      let count = Glibc.write(descriptor, base, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return 0
  }
}
