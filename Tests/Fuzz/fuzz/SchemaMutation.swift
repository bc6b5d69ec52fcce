import CHDF5
import Digests
import Glibc

// Macros that Swift cannot import.
private let readAndWrite: UInt32 = 1  // H5F_ACC_RDWR
private let allObjects: UInt32 = 0x1e  // H5F_OBJ_DATASET, _GROUP, _DATATYPE, _ATTR

/// Changes an HDF5 file through the library, so that it stays a good HDF5 file that says something else: objects go, move or
/// turn into others, attributes and arrays get other types, shapes and values, with digests that fit.
struct SchemaMutation {
  /// An object of the file with its attributes.
  struct Member {
    var path: String
    var isGroup: Bool
    var attributes: [String]
  }

  private let file: hid_t
  private let members: [Member]

  /// Changes a file in one to three places.
  static func apply(to path: String, _ choices: inout Choices) throws {
    let file = H5Fopen(path, readAndWrite, hid_t(H5P_DEFAULT))
    guard file >= 0 else { throw Finding("the HDF5 library does not open its own file") }
    hdf5_silence()
    let mutation = SchemaMutation(file: file, members: Self.members(of: file, path: "/"))
    for _ in 0...(choices.index(below: 3)) { mutation.change(&choices) }
    // What could not be closed above would keep the file open.
    var left = [hid_t](repeating: -1, count: 64)
    let count = H5Fget_obj_ids(file, allObjects, left.count, &left)
    for identifier in left.prefix(max(0, Int(count))) { H5Idec_ref(identifier) }
    H5Fclose(file)
  }

  private static func members(of file: hid_t, path: String) -> [Member] {
    let object = H5Oopen(file, path, hid_t(H5P_DEFAULT))
    defer { H5Oclose(object) }
    let isGroup = H5Iget_type(object) == H5I_GROUP
    let attributes = (0..<max(0, Int(hdf5_attribute_count(object)))).map { index in
      name { H5Aget_name_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, hsize_t(index), $0, $1, hid_t(H5P_DEFAULT)) }
    }
    var found = [Member(path: path, isGroup: isGroup, attributes: attributes)]
    guard isGroup else { return found }
    var information = H5G_info_t()
    H5Gget_info(object, &information)
    for index in 0..<information.nlinks {
      let child = name {
        H5Lget_name_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, index, $0, $1, hid_t(H5P_DEFAULT))
      }
      found += members(of: file, path: path == "/" ? "/\(child)" : "\(path)/\(child)")
    }
    return found
  }

  private static func name(_ call: (UnsafeMutablePointer<CChar>?, Int) -> Int) -> String {
    var name = [CChar](repeating: 0, count: 256)
    let length = name.withUnsafeMutableBufferPointer { call($0.baseAddress, $0.count) }
    return String(decoding: name.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func change(_ choices: inout Choices) {
    let member = choices.one(of: members)
    let other = choices.one(of: members)
    switch choices.index(below: 12) {
    case 0: H5Ldelete(file, member.path, hid_t(H5P_DEFAULT))
    case 1: H5Lmove(file, member.path, file, other.path + choices.one(of: ["", "x", "/x"]), 0, 0)
    case 2: link(member, other, &choices)
    case 3, 4, 5, 6: changeAttribute(of: member, &choices)
    case 7, 8, 9: changeElements(of: choices.one(of: members.filter { !$0.isGroup }), &choices)
    case 10: replaceArray(choices.one(of: members.filter { !$0.isGroup }), &choices)
    default: add(below: member, &choices)
    }
  }

  /// Another object, or no object at all, under a name.
  private func link(_ member: Member, _ other: Member, _ choices: inout Choices) {
    let place = choices.isOneIn(3) ? (member.isGroup ? member.path + "/more" : member.path + "2") : member.path
    if place == member.path { H5Ldelete(file, place, hid_t(H5P_DEFAULT)) }
    switch choices.index(below: 4) {
    case 0: H5Lcreate_soft(other.path, file, place, 0, 0)
    case 1: H5Lcreate_soft(choices.one(of: ["/nowhere", place, "."]), file, place, 0, 0)
    case 2: H5Lcreate_external(choices.one(of: ["/etc/passwd", "/proc/self/exe", "/dev/zero"]), "/", file, place, 0, 0)
    default: H5Lcreate_hard(file, other.path, file, place, 0, 0)
    }
  }

  private func changeAttribute(of member: Member, _ choices: inout Choices) {
    let names = member.attributes + ["sha256", "more"]
    let name = choices.one(of: names)
    let object = H5Oopen(file, member.path, hid_t(H5P_DEFAULT))
    guard object >= 0 else { return }
    defer { H5Oclose(object) }
    let isNew = H5Aexists(object, name) <= 0
    let old = isNew ? [] : text(of: name, object)
    if !isNew { H5Adelete(object, name) }
    if choices.isOneIn(6), !isNew { return }
    switch choices.index(below: 8) {
    case 0, 1, 2:
      let value = Int64(
        choices.isOneIn(3) ? choices.one(of: [0, 1, 2, 3, 5, 7, 28, 224, 256, -1]) : choices.boundary())
      withUnsafeBytes(of: value) { _ = hdf5_write_attribute(object, name, hdf5_type_int64(), $0.baseAddress) }
    case 3:
      let value = choices.boundaryNumber()
      withUnsafeBytes(of: value) { _ = hdf5_write_attribute(object, name, hdf5_type_float64(), $0.baseAddress) }
    case 4, 5: write(text(from: old, &choices), to: name, object)
    default: writeOdd(name, object, &choices)
    }
  }

  /// A text made from the old one, or none of it.
  private func text(from old: [UInt8], _ choices: inout Choices) -> [UInt8] {
    var bytes = old
    switch choices.index(below: 5) {
    case 0:
      let words = [
        "", "vit", "qvit", "tinyvit", "kd", "teacher", "external", "paper", "tinyvit-q4", "binary-class", "folder",
        "{}", "é",
      ]
      return Array(choices.one(of: words).utf8)
    case 1: return [UInt8](repeating: 0x78, count: choices.one(of: [1, 300, 60_000]))
    case 2: return [0xFF, 0xC3, 0x28]
    default:
      let tokens = ["\"teacher\":{\"data\":{\"resolution\":-1e300}}", "null", "\"heads\":3"]
      Mutation(tokens: tokens.map { Array($0.utf8) }).apply(to: &bytes, &choices)
      return Array(bytes.prefix(60_000))
    }
  }

  private func text(of name: String, _ object: hid_t) -> [UInt8] {
    let attribute = H5Aopen(object, name, hid_t(H5P_DEFAULT))
    let type = H5Aget_type(attribute)
    defer {
      H5Tclose(type)
      H5Aclose(attribute)
    }
    let size = Int(H5Tget_size(type))
    guard H5Tget_class(type) == H5T_STRING, H5Tis_variable_str(type) == 0, hdf5_attribute_elements(attribute) == 1
    else { return [] }
    var bytes = [UInt8](repeating: 0, count: size)
    H5Aread(attribute, type, &bytes)
    return bytes
  }

  private func write(_ text: [UInt8], to name: String, _ object: hid_t) {
    let bytes = text.isEmpty ? [0] : text
    let type = hdf5_create_string_type(bytes.count)
    hdf5_write_attribute(object, name, type, bytes)
    H5Tclose(type)
  }

  /// An attribute of a type or shape that none has.
  private func writeOdd(_ name: String, _ object: hid_t, _ choices: inout Choices) {
    let string = hdf5_create_string_type(4)
    if choices.isOneIn(3) { H5Tset_size(string, -1) }  // of variable length
    let type = choices.one(of: [hdf5_type_uint8(), hdf5_type_int32(), hdf5_type_float32(), hdf5_type_int64(), string])
    let space: hid_t
    switch choices.index(below: 4) {
    case 0: space = H5Screate(H5S_NULL)
    case 1: space = H5Screate(H5S_SCALAR)
    default:
      let extents = (0..<(1 + choices.index(below: 2))).map { _ in hsize_t(choices.index(below: 4)) }
      space = H5Screate_simple(Int32(extents.count), extents, nil)
    }
    let attribute = H5Acreate2(object, name, type, space, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT))
    H5Aclose(attribute)
    H5Sclose(space)
    H5Tclose(string)
  }

  /// Other numbers or bytes in an array, and a digest that fits.
  private func changeElements(of member: Member, _ choices: inout Choices) {
    let dataset = H5Dopen2(file, member.path, hid_t(H5P_DEFAULT))
    guard dataset >= 0 else { return }
    let type = H5Dget_type(dataset)
    let space = H5Dget_space(dataset)
    defer {
      H5Sclose(space)
      H5Tclose(type)
      H5Dclose(dataset)
    }
    let (size, count) = (Int(H5Tget_size(type)), Int(H5Sget_simple_extent_npoints(space)))
    let isFixed = H5Tdetect_class(type, H5T_VLEN) == 0 && H5Tis_variable_str(type) <= 0
    guard isFixed, size > 0, count > 0, count < (1 << 22) / size else { return }
    var bytes = [UInt8](repeating: 0, count: size * count)
    H5Dread(dataset, type, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), &bytes)
    for _ in 0...(choices.index(below: 3)) {
      let place = choices.index(below: count) * size
      let value: [UInt8]
      switch (H5Tget_class(type), size) {
      case (H5T_FLOAT, 4): value = withUnsafeBytes(of: Float(choices.boundaryNumber())) { Array($0) }
      case (H5T_FLOAT, 8): value = withUnsafeBytes(of: choices.boundaryNumber()) { Array($0) }
      case (H5T_INTEGER, 8): value = withUnsafeBytes(of: choices.boundary()) { Array($0) }
      case (H5T_STRING, _):
        value = choices.one(of: [[], [0xFF], Array("train".utf8), Array("../../x".utf8), Array("dataset".utf8)])
      default: value = [choices.byte()]
      }
      for (offset, byte) in value.prefix(size).enumerated() { bytes[place + offset] = byte }
    }
    H5Dwrite(dataset, type, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), bytes)
    if !choices.isOneIn(8) { setDigest(SHA256.hexDigest(of: bytes), of: dataset) }
  }

  private func setDigest(_ digest: String, of dataset: hid_t) {
    if H5Aexists(dataset, "sha256") > 0 { H5Adelete(dataset, "sha256") }
    write(Array(digest.utf8), to: "sha256", dataset)
  }

  /// An array of another type and shape under the same name, filled with zeros without taking room for them.
  private func replaceArray(_ member: Member, _ choices: inout Choices) {
    H5Ldelete(file, member.path, hid_t(H5P_DEFAULT))
    let string = hdf5_create_string_type(choices.one(of: [1, 8, 64, 5000]))
    defer { H5Tclose(string) }
    let type = choices.one(of: [
      hdf5_type_uint8(), hdf5_type_int32(), hdf5_type_int64(), hdf5_type_float32(), hdf5_type_float64(), string,
    ])
    let sizes = [0, 1, 2, 3, 4, 28, 70, 224, 257, 1 << 16, 1 << 31, 1 << 40, 1 << 62]
    let extents = (0..<choices.index(below: 6)).map { _ in hsize_t(choices.one(of: sizes)) }
    let chunk = extents.map { min(max($0, 1), 16) }
    let isChunked = !extents.isEmpty && !extents.contains(0)
    let dataset: hid_t
    if extents.isEmpty {
      let space = H5Screate(choices.isOneIn(2) ? H5S_SCALAR : H5S_NULL)
      dataset = H5Dcreate2(file, member.path, type, space, 0, 0, 0)
      H5Sclose(space)
    } else {
      dataset = chunk.withUnsafeBufferPointer {
        hdf5_create_dataset(
          file, member.path, type, Int32(extents.count), extents, isChunked ? $0.baseAddress : nil, 1)
      }
    }
    guard dataset >= 0 else { return }
    var bytes = Int(H5Tget_size(type))
    for extent in extents {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: Int(extent))
      bytes = overflow ? Int.max : product
    }
    if bytes < 1 << 20 { setDigest(SHA256.hexDigest(of: [UInt8](repeating: 0, count: bytes)), of: dataset) }
    H5Dclose(dataset)
  }

  private func add(below member: Member, _ choices: inout Choices) {
    let long = String(repeating: "n", count: 5000)
    let name = choices.one(of: ["more", "é", "e\u{301}", "..", "val", "manifest", long, " "])
    let path = member.isGroup ? "\(member.path)/\(name)" : member.path + name
    if choices.isOneIn(2) {
      H5Gclose(hdf5_create_group(file, path))
    } else {
      H5Dclose(hdf5_create_dataset(file, path, hdf5_type_int64(), 1, [1], nil, 0))
    }
  }
}
