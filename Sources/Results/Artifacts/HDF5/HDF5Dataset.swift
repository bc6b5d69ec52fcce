import CHDF5

/// A dataset of an open file: numbers or strings in row-major order.
struct HDF5Dataset: HDF5Object {
  let identifier: HDF5Identifier
  let type: HDF5Identifier
  /// Elements along each axis.
  let shape: [Int]
  let place: HDF5Place
  let file: HDF5Identifier

  /// Writes `bytes`, the rows `rows` along the first axis.
  func write(_ bytes: UnsafeRawBufferPointer, rows: Range<Int>) throws(HDF5Error) {
    let (start, count) = selection(rows)
    guard !count.contains(0) else { return }
    try HDF5Library.call(.write, place) {
      hdf5_transfer(identifier.number, type.number, Int32(shape.count), start, count, nil, bytes.baseAddress)
    }
  }

  /// Hands what the library still holds back to the system; without it a full disk shows nowhere.
  func flush() throws(HDF5Error) {
    try HDF5Library.call(.write, place) { H5Dflush(identifier.number) }
  }

  /// Reads the rows `rows` along the first axis.
  /// - Throws: `HDF5Error`, among others where a chunk's Fletcher-32 checksum is wrong.
  func read(into bytes: UnsafeMutableRawBufferPointer, rows: Range<Int>) throws(HDF5Error) {
    let (start, count) = selection(rows)
    guard !count.contains(0) else { return }
    try HDF5Library.call(.read, place) {
      hdf5_transfer(identifier.number, type.number, Int32(shape.count), start, count, bytes.baseAddress, nil)
    }
  }

  /// The bytes of the file in which the elements lie in one piece; nil if they do not.
  func extent() throws(HDF5Error) -> Range<Int>? {
    let start = Int(try HDF5Library.call(.read, place) { hdf5_offset(identifier.number) })
    let size = try shape.reduce(elementSize()) { $0.multipliedReportingOverflow(by: $1).partialValue }
    guard start > 0, size > 0, start <= Int.max - size else { return nil }
    return start..<start + size
  }

  private func selection(_ rows: Range<Int>) -> (start: [hsize_t], count: [hsize_t]) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= (shape.first ?? 0), "rows \(rows) of \(shape)")
    let start = [hsize_t(rows.lowerBound)] + [hsize_t](repeating: 0, count: shape.count - 1)
    return (start, [hsize_t(rows.count)] + shape.dropFirst().map { hsize_t($0) })
  }

  /// Bytes per element.
  func elementSize() throws(HDF5Error) -> Int {
    Int(try HDF5Library.call(.read, place) { Int64(clamping: H5Tget_size(type.number)) })
  }

  /// Whether the elements in the file are of this very type.
  func holds<Element: HDF5Element>(_ element: Element.Type) throws(HDF5Error) -> Bool {
    try HDF5Library.call(.read, place) { H5Tequal(type.number, Element.hdf5Type) } > 0
  }

  /// The element type's name as in `HDF5Element.hdf5Name`, `string12` for strings of 12 bytes, nil for any other type.
  func typeName() throws(HDF5Error) -> String? {
    if try holds(UInt8.self) { return UInt8.hdf5Name }
    if try holds(Int32.self) { return Int32.hdf5Name }
    if try holds(Int64.self) { return Int64.hdf5Name }
    if try holds(Float.self) { return Float.hdf5Name }
    if try holds(Double.self) { return Double.hdf5Name }
    guard try HDF5Library.call(.read, place, { hdf5_kind(type.number) }) == 3 else { return nil }
    return "string\(try elementSize())"
  }

  /// Makes this dataset the scale called `name`: the coordinates along one axis of other datasets.
  func makeScale(_ name: String) throws(HDF5Error) {
    try HDF5Library.call(.write, place) { H5DSset_scale(identifier.number, name) }
  }

  /// Whether it is a scale.
  func isScale() throws(HDF5Error) -> Bool {
    try HDF5Library.call(.read, place) { H5DSis_scale(identifier.number) } > 0
  }

  /// Names `axis` after a scale.
  func attach(_ scale: HDF5Dataset, label: String, axis: Int) throws(HDF5Error) {
    try HDF5Library.call(.write, place) {
      H5DSattach_scale(identifier.number, scale.identifier.number, UInt32(axis)) < 0
        ? -1 : H5DSset_label(identifier.number, UInt32(axis), label)
    }
  }
}
