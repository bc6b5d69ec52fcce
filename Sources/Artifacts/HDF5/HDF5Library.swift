import CHDF5
import Synchronization

/// The only door to the HDF5 library. Every call passes through here, one at a time: the high-level part of the library
/// is not safe for threads even where the rest is.
enum HDF5Library {
  private static let door = Mutex(())

  /// Makes calls of the library; none of them may lead back here.
  /// - Returns: what `calls` returned, which is not negative.
  /// - Throws: `HDF5Error` with the library's own most specific message if `calls` returned a negative number.
  @discardableResult
  static func call<Result: SignedInteger & Sendable>(
    _ operation: HDF5Error.Operation, _ place: HDF5Place, _ calls: () -> Result
  ) throws(HDF5Error) -> Result {
    var reason = ""
    let result = door.withLock { _ in
      // The setting belongs to the thread, and this may be a new one.
      hdf5_silence()
      let result = calls()
      if result < 0 { reason = innermostMessage() }
      return result
    }
    guard result >= 0 else {
      throw HDF5Error(operation: operation, path: place.path, object: place.object, reason: reason)
    }
    return result
  }

  /// Gives up an identifier; a failure has no consequence, since whatever matters was closed with its result checked.
  static func release(_ identifier: hid_t) {
    door.withLock { _ in
      hdf5_silence()
      H5Idec_ref(identifier)
    }
  }

  private static func innermostMessage() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      hdf5_innermost_message(start)
      return String(cString: start)
    }
  }
}

/// Where in which file a call does its work, for its error.
struct HDF5Place: Sendable {
  /// The file.
  var path: String
  /// The object in it, from the root: `/train/images`.
  var object: String

  /// A member of this group.
  func member(_ name: String) -> HDF5Place {
    HDF5Place(path: path, object: object == "/" ? "/\(name)" : "\(object)/\(name)")
  }

  /// An attribute of this object.
  func attribute(_ name: String) -> HDF5Place { HDF5Place(path: path, object: "\(object)@\(name)") }
}

/// An open file, group, dataset or type of the library; closed when the last user drops it.
final class HDF5Identifier: Sendable {
  /// The library's number for it.
  let number: hid_t
  private let isOpen = Atomic<Bool>(true)

  /// Takes over an identifier.
  init(_ number: hid_t) { self.number = number }

  /// Closes an open file now; what the library still had to write is written.
  func closeFile(_ place: HDF5Place) throws(HDF5Error) {
    guard isOpen.exchange(false, ordering: .relaxed) else { return }
    try HDF5Library.call(.close, place) { H5Fclose(number) }
  }

  deinit {
    if isOpen.load(ordering: .relaxed) { HDF5Library.release(number) }
  }
}
