import CHDF5

/// A group of an open file.
struct HDF5Group: HDF5Object {
  let identifier: HDF5Identifier
  let place: HDF5Place
  let file: HDF5Identifier

  /// What a member is.
  enum MemberKind {
    case group, dataset
  }

  /// Adds a group.
  func createGroup(_ name: String) throws(HDF5Error) -> HDF5Group {
    let place = place.member(name)
    let number = try HDF5Library.call(.create, place) { hdf5_create_group(identifier.number, name) }
    return HDF5Group(identifier: HDF5Identifier(number, place.session, in: file), place: place, file: file)
  }

  /// Adds a dataset of numbers.
  /// - Parameters:
  ///   - chunk: elements per chunk along each axis; no more than `shape`. nil for one piece of the file without filters.
  ///   - deflate: zlib's level, 0 for none.
  func createDataset<Element: HDF5Element>(
    _ name: String, of element: Element.Type, shape: [Int], chunk: [Int]?, deflate: Int
  ) throws(HDF5Error) -> HDF5Dataset {
    let type = HDF5Identifier(
      try HDF5Library.call(.create, place.member(name)) { H5Tcopy(Element.hdf5Type) }, place.session)
    return try createDataset(name, type: type, shape: shape, chunk: chunk, deflate: deflate)
  }

  /// Adds a dataset of strings of `width` bytes each.
  func createStringDataset(_ name: String, count: Int, width: Int) throws(HDF5Error) -> HDF5Dataset {
    let type = HDF5Identifier(
      try HDF5Library.call(.create, place.member(name)) { hdf5_create_string_type(max(width, 1)) }, place.session)
    return try createDataset(name, type: type, shape: [count], chunk: [min(count, 1024)], deflate: 4)
  }

  private func createDataset(
    _ name: String, type: HDF5Identifier, shape: [Int], chunk: [Int]?, deflate: Int
  ) throws(HDF5Error) -> HDF5Dataset {
    precondition(
      chunk.map { shape.count == $0.count } != false && !shape.isEmpty, "shape \(shape), chunk \(chunk ?? [])")
    let place = place.member(name)
    let extents = shape.map { hsize_t($0) }
    // A dataset without elements would have a chunk of none.
    let chunks = extents.contains(0) ? nil : chunk?.map { hsize_t($0) }
    let number = try HDF5Library.call(.create, place) {
      hdf5_create_dataset(
        identifier.number, name, type.number, Int32(extents.count), extents, chunks, UInt32(deflate))
    }
    return HDF5Dataset(
      identifier: HDF5Identifier(number, place.session, in: file), type: type, shape: shape, place: place, file: file)
  }

  /// The names of all members in the order they were added.
  func memberNames() throws(HDF5Error) -> [String] {
    var information = H5G_info_t()
    try HDF5Library.call(.read, place) { H5Gget_info(identifier.number, &information) }
    let order = information.storage_type == H5G_STORAGE_TYPE_SYMBOL_TABLE ? H5_INDEX_NAME : H5_INDEX_CRT_ORDER
    var names: [String] = []
    for index in 0..<information.nlinks {
      names.append(
        try readName(place) {
          H5Lget_name_by_idx(identifier.number, ".", order, H5_ITER_INC, index, $0, $1, hid_t(H5P_DEFAULT))
        })
    }
    return names
  }

  /// Whether there is a member of this name; links that lead elsewhere are none.
  func contains(_ name: String) throws(HDF5Error) -> Bool {
    try HDF5Library.call(.read, place.member(name)) { hdf5_holds(identifier.number, name) } > 0
  }

  /// What the member is; nil for anything but a group or a dataset, also for a link that leads elsewhere.
  func kind(of name: String) throws(HDF5Error) -> MemberKind? {
    let place = place.member(name)
    guard try contains(name) else { return nil }
    let member = HDF5Identifier(
      try HDF5Library.call(.open, place) { H5Oopen(identifier.number, name, hid_t(H5P_DEFAULT)) }, place.session,
      in: file)
    return switch try HDF5Library.call(.read, place, { Int64(H5Iget_type(member.number).rawValue) }) {
    case Int64(H5I_GROUP.rawValue): .group
    case Int64(H5I_DATASET.rawValue): .dataset
    default: nil
    }
  }

  /// A group in this group.
  /// - Throws: `ArtifactError.missing`; `HDF5Error`.
  func group(_ name: String) throws -> HDF5Group {
    let place = place.member(name)
    guard try contains(name) else { throw ArtifactError.missing(path: place.path, object: place.object) }
    let number = try HDF5Library.call(.open, place) { H5Gopen2(identifier.number, name, hid_t(H5P_DEFAULT)) }
    return HDF5Group(identifier: HDF5Identifier(number, place.session, in: file), place: place, file: file)
  }

  /// A dataset in this group.
  /// - Throws: `ArtifactError.missing`, `ArtifactError.wrongShape` without axes; `HDF5Error`.
  func dataset(_ name: String) throws -> HDF5Dataset {
    let place = place.member(name)
    guard try contains(name) else { throw ArtifactError.missing(path: place.path, object: place.object) }
    let dataset = HDF5Identifier(
      try HDF5Library.call(.open, place) { H5Dopen2(identifier.number, name, hid_t(H5P_DEFAULT)) }, place.session,
      in: file)
    let type = HDF5Identifier(try HDF5Library.call(.read, place) { H5Dget_type(dataset.number) }, place.session)
    var extents = [hsize_t](repeating: 0, count: Int(H5S_MAX_RANK))
    let rank = try HDF5Library.call(.read, place) { hdf5_shape(dataset.number, &extents) }
    // Arrays have axes; a scalar or an empty dataspace is never written, and selections of rows would not fit it.
    guard rank > 0 else {
      throw ArtifactError.wrongShape(path: place.path, object: place.object, expected: [-1], found: [])
    }
    let shape = extents.prefix(Int(rank)).map { Int(clamping: $0) }
    return HDF5Dataset(identifier: dataset, type: type, shape: shape, place: place, file: file)
  }
}
