import Digests
import Files

/// An artifact opened for reading, after its seal, format, version, kind and completeness were checked.
struct ArtifactReader: Sendable {
  /// Its path.
  let path: String
  /// What it says about itself.
  let header: ArtifactHeader
  /// The digest of its content.
  let contentSHA256: String
  /// The root group.
  let root: HDF5Group
  /// Its bytes, and which of them the seal does not cover.
  let file: SealedFile

  /// Opens an artifact of a known kind.
  /// - Parameter kind: the kind expected, nil for any.
  /// - Throws: `FileError`, `ArtifactError`, `HDF5Error`.
  init(path: String, kind: ArtifactKind?) throws {
    self.path = path
    file = try SealedFile(path: path)
    root = try HDF5File.open(path: path).root
    header = try Self.header(of: root, fileSize: file.size)
    contentSHA256 = try root.requiredText(HeaderSchema.contentSHA256)
    if let kind, header.kind != kind {
      throw ArtifactError.wrongKind(path: path, expected: kind.rawValue, found: header.kind.rawValue)
    }
    guard header.kind == .dataset || file.apart.isEmpty else {
      throw ArtifactError.invalidValue(
        path: path, object: "the seal", expected: "a digest of the whole file", found: "one that leaves out images")
    }
  }

  /// - Throws: `ArtifactError` for more bytes than this file can hold, deflated as well as can be.
  func requireRoom(for bytes: Int, at place: HDF5Place) throws(ArtifactError) {
    guard bytes / Self.deflateLimit <= file.size else {
      throw .invalidValue(
        path: path, object: place.object, expected: "at most what \(file.size) bytes can hold", found: "\(bytes) bytes")
    }
  }

  /// All elements of an array, after its type, shape and digest were checked.
  /// - Parameter shape: the extents expected, nil for any.
  func array<Element: HDF5Element>(
    _ name: String, of element: Element.Type, shape: [Int?], in group: HDF5Group
  ) throws -> (values: [Element], shape: [Int]) {
    let dataset = try dataset(name, of: element, shape: shape, in: group)
    let values = try Self.elements(of: dataset, as: element, fileSize: file.size)
    return (values, dataset.shape)
  }

  /// All strings of a column, after its length and digest were checked.
  func strings(_ name: String, count: Int?, in group: HDF5Group) throws -> [String] {
    try Self.strings(name, count: count, in: group, fileSize: file.size)
  }

  /// A dataset whose type and shape were checked, for reading parts of it.
  func dataset<Element: HDF5Element>(
    _ name: String, of element: Element.Type, shape: [Int?], in group: HDF5Group
  ) throws -> HDF5Dataset {
    let dataset = try group.dataset(name)
    let place = dataset.place
    guard try dataset.holds(element) else {
      throw ArtifactError.wrongType(
        path: place.path, object: place.object, expected: Element.hdf5Name,
        found: try dataset.typeName() ?? "another type")
    }
    try Self.checkShape(of: dataset, shape)
    _ = try Self.byteCount(of: dataset, fileSize: file.size)
    return dataset
  }

  static func strings(_ name: String, count: Int?, in group: HDF5Group, fileSize: Int) throws -> [String] {
    let dataset = try group.dataset(name)
    let place = dataset.place
    guard let type = try dataset.typeName(), type.hasPrefix("string") else {
      throw ArtifactError.wrongType(
        path: place.path, object: place.object, expected: "strings of fixed length", found: "another type")
    }
    try checkShape(of: dataset, [count])
    let bytes = try bytes(of: dataset, fileSize: fileSize)
    let width = try dataset.elementSize()
    return try stride(from: 0, to: bytes.count, by: width).map { try text(bytes[$0..<($0 + width)], place) }
  }

  private static func checkShape(of dataset: HDF5Dataset, _ expected: [Int?]) throws(ArtifactError) {
    guard dataset.shape.count == expected.count, zip(dataset.shape, expected).allSatisfy({ $1 == nil || $0 == $1 })
    else {
      throw ArtifactError.wrongShape(
        path: dataset.place.path, object: dataset.place.object, expected: expected.map { $0 ?? -1 },
        found: dataset.shape)
    }
  }

  private static func elements<Element: HDF5Element>(
    of dataset: HDF5Dataset, as element: Element.Type, fileSize: Int
  ) throws -> [Element] {
    let count = try byteCount(of: dataset, fileSize: fileSize) / MemoryLayout<Element>.size
    try requireMemory(count * MemoryLayout<Element>.size, for: dataset.place.path)
    var values = [Element](repeating: .zero, count: count)
    try values.withUnsafeMutableBytes { try dataset.read(into: $0, rows: 0..<dataset.shape[0]) }
    try values.withUnsafeBytes { try checkDigest(of: $0, dataset) }
    return values
  }

  /// The raw content of a dataset, after its digest was checked.
  static func bytes(of dataset: HDF5Dataset, fileSize: Int) throws -> [UInt8] {
    let count = try byteCount(of: dataset, fileSize: fileSize)
    try requireMemory(count, for: dataset.place.path)
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try dataset.read(into: $0, rows: 0..<dataset.shape[0]) }
    try bytes.withUnsafeBytes { try checkDigest(of: $0, dataset) }
    return bytes
  }

  /// Deflate makes at most so many bytes of one.
  private static let deflateLimit = 1032

  /// The size of a dataset in memory, refused where no file of this size could hold it.
  private static func byteCount(of dataset: HDF5Dataset, fileSize: Int) throws -> Int {
    var bytes = try dataset.elementSize()
    for extent in dataset.shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard !overflow, extent == 0 || product / deflateLimit <= fileSize else {
        throw ArtifactError.invalidValue(
          path: dataset.place.path, object: dataset.place.object, expected: "at most what \(fileSize) bytes can hold",
          found: "shape \(dataset.shape)")
      }
      bytes = product
    }
    return bytes
  }

  /// The digest of a dataset's content, read in pieces of whole rows, after it was compared with the one stored.
  func checkedDigest(of dataset: HDF5Dataset) throws -> String {
    let size = try Self.byteCount(of: dataset, fileSize: file.size)
    let rows = dataset.shape.first ?? 0
    var digest = SHA256()
    if size > 0 {
      let bytesPerRow = size / rows
      // Whole chunks, so that none is inflated twice.
      let step = max(1, (8 << 20) / bytesPerRow / 64 * 64)
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(step, rows) * bytesPerRow, alignment: 64)
      defer { buffer.deallocate() }
      for start in stride(from: 0, to: rows, by: step) {
        let range = start..<min(start + step, rows)
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(range.count * bytesPerRow)])
        try dataset.read(into: part, rows: range)
        digest.update(UnsafeRawBufferPointer(part))
      }
    }
    let found = digest.finalize()
    try Self.compare(found, dataset)
    return found
  }

  private static func checkDigest(of bytes: UnsafeRawBufferPointer, _ dataset: HDF5Dataset) throws {
    var digest = SHA256()
    digest.update(bytes)
    try compare(digest.finalize(), dataset)
  }

  private static func compare(_ found: String, _ dataset: HDF5Dataset) throws {
    let expected = try dataset.requiredText(HeaderSchema.sha256)
    guard found == expected else {
      throw ArtifactError.digestMismatch(
        path: dataset.place.path, object: dataset.place.object, expected: expected, found: found)
    }
  }
}

extension HDF5Object {
  /// The value of a string attribute that must be there.
  func requiredText(_ name: String) throws -> String {
    guard case .text(let value) = try required(name) else { throw wrongType(name, "a string") }
    return value
  }

  /// The value of a string attribute that must be there and be one of an enumeration's words.
  func requiredWord<Word>(_ name: String) throws -> Word
  where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
    let text = try requiredText(name)
    guard let word = Word(rawValue: text) else {
      throw ArtifactError.invalidValue(
        path: place.path, object: place.attribute(name).object,
        expected: Word.allCases.map(\.rawValue).joined(separator: ", "), found: text)
    }
    return word
  }

  /// The value of an int64 attribute that must be there.
  func requiredInteger(_ name: String) throws -> Int {
    guard case .integer(let value) = try required(name) else { throw wrongType(name, "an int64") }
    return value
  }

  /// The value of a float64 attribute that must be there.
  func requiredNumber(_ name: String) throws -> Double {
    guard case .number(let value) = try required(name) else { throw wrongType(name, "a float64") }
    return value
  }

  /// The value of a string attribute, nil if there is none.
  func optionalText(_ name: String) throws -> String? {
    switch try attribute(name) {
    case nil: nil
    case .text(let value): value
    default: throw wrongType(name, "a string")
    }
  }

  private func required(_ name: String) throws -> HDF5Value {
    guard let value = try attribute(name) else {
      throw ArtifactError.missing(path: place.path, object: place.attribute(name).object)
    }
    return value
  }

  private func wrongType(_ name: String, _ expected: String) -> ArtifactError {
    .wrongType(path: place.path, object: place.attribute(name).object, expected: expected, found: "another type")
  }
}
