import CHDF5
import Files

/// An open HDF5 file. Its groups and datasets keep it open; safe to use from several threads, one call at a time.
///
/// Files are written in version 1.10 of the format, without times, with links and attributes in the order of their
/// creation: the same content gives the same bytes.
struct HDF5File: Sendable {
  /// The root group, `/`.
  let root: HDF5Group
  private let place: HDF5Place
  private let identifier: HDF5Identifier

  /// Creates a file in the claimed temporary; errors name the target.
  /// - Throws: `HDF5Error`.
  static func create(in pending: borrowing PendingFile) throws(HDF5Error) -> HDF5File {
    let place = HDF5Place(path: pending.path, object: "file", session: HDF5Session())
    let path = pending.descriptorPath
    return try HDF5File(place, HDF5Library.call(.create, place) { hdf5_create_file(path) })
  }

  /// Opens a file for reading.
  /// - Throws: `HDF5Error`.
  static func open(path: String) throws(HDF5Error) -> HDF5File {
    let place = HDF5Place(path: path, object: "file", session: HDF5Session())
    return try HDF5File(place, HDF5Library.call(.open, place) { hdf5_open_file(path) })
  }

  private init(_ place: HDF5Place, _ number: hid_t) throws(HDF5Error) {
    self.place = place
    identifier = HDF5Identifier(number, place.session)
    let rootPlace = HDF5Place(path: place.path, object: "/", session: place.session)
    let group = try HDF5Library.call(.open, rootPlace) { H5Gopen2(number, "/", hid_t(H5P_DEFAULT)) }
    root = HDF5Group(
      identifier: HDF5Identifier(group, place.session, in: identifier), place: rootPlace, file: identifier)
  }

  /// Writes what the library still holds back and closes the file; nothing in it can be used afterwards.
  /// - Throws: `HDF5Error`, for example on a full disk.
  func close() throws(HDF5Error) { try identifier.closeFile(place) }
}
