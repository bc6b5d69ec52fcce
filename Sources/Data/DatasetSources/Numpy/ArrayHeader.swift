import Datasets

/// The header of a `.npy` file: element type, order and shape of one array.
///
/// Source: NumPy's `numpy/lib/format.py` ("NEP 1"), versions 1.0, 2.0 and 3.0.
struct ArrayHeader: Equatable {
  /// Type of an element.
  let element: ArrayElement
  /// Whether the first index varies fastest.
  let fortranOrder: Bool
  /// Length of each axis.
  let shape: [Int]
  /// Bytes of the header, magic string included.
  let size: Int

  /// Number of elements, the product of the shape.
  let count: Int

  static let sizeLimit = 64 << 10

  /// Reads the header at the beginning of a member and checks that the rest of the member is just the array.
  /// - Throws: `DatasetError` naming archive, member and field.
  init(from reader: inout ZipMemberReader, path: String) throws {
    let name = reader.member.name
    func mismatch(_ field: String, _ expected: String, _ found: some Any) -> DatasetError {
      .mismatch(path: path, member: name, field: field, expected: expected, found: "\(found)")
    }
    let start = try reader.bytes(8, of: ".npy header")
    guard Array(start[..<6]) == [0x93] + Array("NUMPY".utf8) else {
      throw mismatch("format", "the magic string of .npy", "other bytes")
    }
    let lengthSize: Int
    switch (start[6], start[7]) {
    case (1, 0): lengthSize = 2
    case (2, 0), (3, 0): lengthSize = 4
    default: throw mismatch(".npy version", "1.0, 2.0 or 3.0", "\(start[6]).\(start[7])")
    }
    let lengthBytes = try reader.bytes(lengthSize, of: ".npy header")
    let length = lengthSize == 2 ? lengthBytes.uint16(at: 0) : lengthBytes.uint32(at: 0)
    guard length <= Self.sizeLimit else {
      throw mismatch(".npy header length", "at most \(Self.sizeLimit)", length)
    }
    let text = try reader.bytes(length, of: ".npy header")
    var parser = PythonLiteralParser(text: text)
    guard case .dictionary(let fields)? = parser.parse() else {
      throw mismatch(".npy header", "a Python dictionary", String(decoding: text.prefix(60), as: UTF8.self))
    }
    guard Set(fields.keys) == ["descr", "fortran_order", "shape"] else {
      throw mismatch(
        ".npy header", "the keys descr, fortran_order, shape", fields.keys.sorted().joined(separator: ", "))
    }
    guard case .string(let descr)? = fields["descr"] else {
      throw mismatch("descr", "a plain type such as '|u1'", "a structured type")
    }
    guard let element = ArrayElement(descr: descr) else {
      throw mismatch("descr", "an integer type such as '|u1' or '<i8'", "'\(descr)'")
    }
    guard case .boolean(let fortranOrder)? = fields["fortran_order"] else {
      throw mismatch("fortran_order", "True or False", "something else")
    }
    guard case .tuple(let values)? = fields["shape"] else { throw mismatch("shape", "a tuple", "something else") }
    var shape: [Int] = []
    var count = 1
    for value in values {
      guard case .integer(let length) = value else { throw mismatch("shape", "integers", "something else") }
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow else { throw mismatch("shape", "fewer than 2^63 elements", "more") }
      shape.append(length)
      count = product
    }
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: element.size)
    guard !overflow, byteCount == reader.remaining else {
      throw mismatch(
        "size", "\(overflow ? "2^63" : "\(byteCount)") bytes of array \(describe(shape: shape))", reader.remaining)
    }
    self.element = element
    self.fortranOrder = fortranOrder
    self.shape = shape
    self.count = count
    size = 8 + lengthSize + length
  }
}

/// `[546, 28, 28]`.
func describe(shape: [Int]) -> String {
  "[" + shape.map(String.init).joined(separator: ", ") + "]"
}
