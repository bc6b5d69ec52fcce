public import Failures
import Glibc

/// A call of the HDF5 library that failed.
public struct HDF5Error: Failure, Equatable {
  /// What was tried.
  public enum Operation: String, Sendable {
    case create = "cannot create"
    case write = "cannot write"
    case close = "cannot finish"
    case open = "cannot open"
    case read = "cannot read"

    /// Whether it changes the file.
    var changesFile: Bool {
      switch self {
      case .create, .write, .close: true
      case .open, .read: false
      }
    }
  }

  /// What was tried.
  public var operation: Operation
  /// The file.
  public var path: String
  /// The object in it: `/train/images`, or `/train/images@sha256` for an attribute.
  public var object: String
  /// HDF5's most specific message.
  public var reason: String

  /// 65 where reading fails, 74 where writing fails, the disk does, or the system has no room for another open file.
  public var kind: FailureKind {
    // The library has turned the system's error number into its text.
    let ofSystem = [EIO, EMFILE, ENFILE, ENOMEM].contains { reason.contains(String(cString: strerror($0))) }
    return operation.changesFile || ofSystem ? .inputOutput : .badData
  }

  /// One line: path, object, what failed and why.
  public var description: String {
    "\(path): \(operation.rawValue) \(object): HDF5: \(reason.isEmpty ? "no reason given" : reason)"
  }
}
