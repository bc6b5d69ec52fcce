import CHDF5
import Glibc
import Threads
import Synchronization

/// The only door to the HDF5 library. Every call passes through here, one at a time: the high-level part of the library
/// is not safe for threads even where the rest is.
enum HDF5Library {
  private static let door: Guarded<Void> = {
    ignoreEnvironment()
    hdf5_prepare()
    return Guarded(())
  }()

  /// What a file holds and whether it can be written must not depend on the environment. The library's own locks would keep
  /// us from opening a temporary that we have locked.
  private static func ignoreEnvironment() {
    setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1)
    let others = [
      "HDF5_DRIVER", "HDF5_DRIVER_CONFIG", "HDF5_VOL_CONNECTOR", "HDF5_PLUGIN_PATH", "HDF5_PLUGIN_PRELOAD",
      "HDF5_DEBUG", "HDF5_DISABLE_VERSION_CHECK",
    ]
    for name in others { unsetenv(name) }
  }

  /// Makes calls of the library; none of them may lead back here.
  /// - Returns: what `calls` returned, which is not negative.
  /// - Throws: `HDF5Error` with the library's own most specific message if `calls` returned a negative number.
  @discardableResult
  static func call<Result: SignedInteger & Sendable>(
    _ operation: HDF5Error.Operation, _ place: HDF5Place, _ calls: () -> Result
  ) throws(HDF5Error) -> Result {
    var reason = "the file is closed"
    let result: Result = door.withLock { _ in
      guard place.session.isLive else { return -1 }
      // The setting belongs to the thread, and this may be a new one.
      hdf5_silence()
      let result = calls()
      if result < 0 {
        reason = innermostMessage()
        if operation.changesFile { place.session.end() }
      }
      return result
    }
    guard result >= 0 else {
      throw HDF5Error(operation: operation, path: place.path, object: place.object, reason: reason)
    }
    return result
  }

  /// Closes an object or a type. An object that cannot be closed has lost what it had still to write.
  static func release(_ identifier: hid_t, _ session: HDF5Session) {
    door.withLock { _ in
      guard session.isLive else { return }
      hdf5_silence()
      if H5Idec_ref(identifier) < 0 { session.end() }
    }
  }

  /// The library's message; of its long reports of failed system calls, with times and addresses, only the system's
  /// reason.
  private static func innermostMessage() -> String {
    let message = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(HDF5_MESSAGE_SIZE)) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      hdf5_innermost_message(start)
      return String(cString: start)
    }
    let parts = message.split(separator: "error message = '", maxSplits: 1)
    guard parts.count == 2, let reason = parts[1].split(separator: "'").first else { return message }
    return "\(parts[0].prefix { $0 != ":" }): \(reason)"
  }
}

/// The time from opening a file to closing it. The library crashes when it closes a file after an object of it could not be
/// written (a full disk); so the first failed change ends the session, and from then on no call about the file reaches the
/// library, not even to close it. What the library holds then is lost until the end of the process.
final class HDF5Session: Sendable {
  private let live = Atomic<Bool>(true)

  /// Whether calls about the file may reach the library.
  var isLive: Bool { live.load(ordering: .sequentiallyConsistent) }

  /// Ends it, for good.
  func end() { live.store(false, ordering: .sequentiallyConsistent) }
}

/// Where in which file a call does its work, for its error.
struct HDF5Place: Sendable {
  /// The file.
  var path: String
  /// The object in it, from the root: `/train/images`.
  var object: String
  /// Whether the file is still open.
  var session: HDF5Session

  /// A member of this group.
  func member(_ name: String) -> HDF5Place {
    HDF5Place(path: path, object: object == "/" ? "/\(name)" : "\(object)/\(name)", session: session)
  }

  /// An attribute of this object.
  func attribute(_ name: String) -> HDF5Place {
    HDF5Place(path: path, object: "\(object)@\(name)", session: session)
  }
}

/// An open file, group, dataset, attribute or type of the library; closed when the last user drops it. An object keeps
/// its file open and is closed before it.
final class HDF5Identifier: Sendable {
  /// The library's number for it.
  let number: hid_t
  private let session: HDF5Session
  private let file: HDF5Identifier?

  /// Takes over an identifier.
  /// - Parameter file: the file it belongs to; nil for files and types.
  init(_ number: hid_t, _ session: HDF5Session, in file: HDF5Identifier? = nil) {
    self.number = number
    self.session = session
    self.file = file
  }

  /// Closes an open file now; what the library still had to write is written.
  func closeFile(_ place: HDF5Place) throws(HDF5Error) {
    try HDF5Library.call(.close, place) { H5Fclose(number) }
    session.end()
  }

  deinit { HDF5Library.release(number, session) }
}
