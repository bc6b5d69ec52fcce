public import Failures
import Glibc

/// A file operation that failed, with the path and the system's reason.
public struct FileError: Failure, Equatable {
  /// What was tried.
  public enum Operation: String, Sendable {
    case open = "cannot open"
    case read = "cannot read"
    case create = "cannot create"
    case write = "cannot write"
    case publish = "cannot move into place"
    case busy = "another process is writing"
    case foreign = "cannot create: a link, or no regular file, stands there; remove it"
    case endsEarly = "file ends early"
    case changed = "changed while it was read"
  }

  /// What was tried.
  public var operation: Operation
  /// The file it was tried on.
  public var path: String
  /// The system's error number; 0 where the system reported none.
  public var errorNumber: Int32

  /// A failed operation on `path` with the system's error number.
  public init(_ operation: Operation, path: String, errorNumber: Int32 = 0) {
    self.operation = operation
    self.path = path
    self.errorNumber = errorNumber
  }

  /// 66 for input that is not there, 73 for output that cannot be created, 65 for a file that is short or changes, 74 otherwise.
  public var kind: FailureKind {
    switch operation {
    case .open:
      // No room for another open file, or for what it needs, says nothing about the file.
      [EIO, EMFILE, ENFILE, ENOMEM].contains(errorNumber) ? .inputOutput : .missingInput
    case .read, .write, .publish: .inputOutput
    case .create, .busy, .foreign: errorNumber == ENOSPC || errorNumber == EIO ? .inputOutput : .cannotCreate
    case .endsEarly, .changed: .badData
    }
  }

  /// One line: path, what failed and why.
  public var description: String {
    errorNumber == 0
      ? "\(path): \(operation.rawValue)" : "\(path): \(operation.rawValue): \(String(cString: strerror(errorNumber)))"
  }
}
