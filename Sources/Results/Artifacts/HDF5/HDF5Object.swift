import CHDF5

/// What groups and datasets have in common: attributes.
protocol HDF5Object: Sendable {
  /// The open object.
  var identifier: HDF5Identifier { get }
  /// The open file.
  var file: HDF5Identifier { get }
  /// The file and the path within it.
  var place: HDF5Place { get }
}

extension HDF5Object {
  /// Adds an attribute.
  func setAttribute(_ name: String, _ value: HDF5Value) throws(HDF5Error) {
    let place = place.attribute(name)
    try HDF5Library.call(.write, place) {
      switch value {
      case .integer(let value):
        return withUnsafeBytes(of: Int64(value)) {
          hdf5_write_attribute(identifier.number, name, hdf5_type_int64(), $0.baseAddress)
        }
      case .number(let value):
        return withUnsafeBytes(of: value) {
          hdf5_write_attribute(identifier.number, name, hdf5_type_float64(), $0.baseAddress)
        }
      case .text(let value):
        let bytes = value.isEmpty ? [0] : Array(value.utf8)
        let type = hdf5_create_string_type(bytes.count)
        defer { hdf5_release(type) }
        return bytes.withUnsafeBytes { hdf5_write_attribute(identifier.number, name, type, $0.baseAddress) }
      }
    }
  }

  /// The names of all attributes in alphabetical order.
  /// - Throws: `HDF5Error`; `ArtifactError` for more attributes than any object of ours has: finding one by its name takes the
  ///   longer the more there are.
  func attributeNames() throws -> [String] {
    let count = try HDF5Library.call(.read, place.attribute("")) { hdf5_attribute_count(identifier.number) }
    guard count <= HDF5Value.mostAttributes else {
      throw ArtifactError.invalidValue(
        path: place.path, object: place.object, expected: "at most \(HDF5Value.mostAttributes) attributes",
        found: "\(count)")
    }
    var names: [String] = []
    for index in 0..<count {
      names.append(
        try readName(place.attribute("")) {
          H5Aget_name_by_idx(
            identifier.number, ".", H5_INDEX_NAME, H5_ITER_INC, hsize_t(index), $0, $1, hid_t(H5P_DEFAULT))
        })
    }
    return names
  }

  /// The value of an attribute; nil if there is none.
  /// - Throws: `HDF5Error`; `ArtifactError.wrongType` for an attribute that is no int64, float64 or string of fixed
  ///   length.
  func attribute(_ name: String) throws -> HDF5Value? {
    let place = place.attribute(name)
    guard try HDF5Library.call(.read, place, { H5Aexists(identifier.number, name) }) > 0 else { return nil }
    let attribute = HDF5Identifier(
      try HDF5Library.call(.read, place) { H5Aopen(identifier.number, name, hid_t(H5P_DEFAULT)) }, place.session,
      in: file)
    let type = HDF5Identifier(try HDF5Library.call(.read, place) { H5Aget_type(attribute.number) }, place.session)
    let elements = try HDF5Library.call(.read, place) { hdf5_attribute_elements(attribute.number) }
    let size = Int(try HDF5Library.call(.read, place) { Int64(clamping: H5Tget_size(type.number)) })
    let kind = try HDF5Library.call(.read, place) { hdf5_kind(type.number) }
    guard elements == 1, kind > 0, size > 0, size <= HDF5Value.longestText else {
      throw ArtifactError.wrongType(
        path: place.path, object: place.object, expected: "one int64, float64 or UTF-8 string",
        found: "\(elements) elements of another type or size")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    try bytes.withUnsafeMutableBytes { buffer in
      _ = try HDF5Library.call(.read, place) { H5Aread(attribute.number, type.number, buffer.baseAddress) }
    }
    switch kind {
    case 1: return .integer(Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }))
    case 2: return .number(bytes.withUnsafeBytes { $0.loadUnaligned(as: Double.self) })
    default: return .text(try text(bytes[...], place))
    }
  }
}

extension HDF5Value {
  /// Bytes of the longest string that is stored as an attribute.
  static let longestText = 1 << 20
  /// The most attributes of an object.
  static let mostAttributes = 256
}

/// A string padded with zero bytes.
func text(_ bytes: ArraySlice<UInt8>, _ place: HDF5Place) throws(ArtifactError) -> String {
  let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
  guard let text = String(validating: bytes[..<end], as: UTF8.self) else {
    throw ArtifactError.invalidValue(
      path: place.path, object: place.object, expected: "a UTF-8 string", found: "other bytes")
  }
  return text
}

/// Calls a function that writes a name of unknown length and returns its length.
func readName(
  _ place: HDF5Place, _ call: (UnsafeMutablePointer<CChar>?, Int) -> Int
) throws(HDF5Error) -> String {
  let length = try HDF5Library.call(.read, place) { call(nil, 0) }
  var name = [CChar](repeating: 0, count: min(length, 4096) + 1)
  let capacity = name.count
  var failure: HDF5Error?
  name.withUnsafeMutableBufferPointer { buffer in
    do throws(HDF5Error) {
      try HDF5Library.call(.read, place) { call(buffer.baseAddress, capacity) }
    } catch { failure = error }
  }
  if let failure { throw failure }
  return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
