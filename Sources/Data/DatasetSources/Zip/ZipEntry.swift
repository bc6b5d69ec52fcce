import Datasets

/// An entry of the central directory, with its Zip64 numbers put in, before it is compared with its local header.
///
/// Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.12 and 4.5.3.
struct ZipEntry {
  static let fixedSize = 46

  let name: String
  let nameBytes: [UInt8]
  let flags: Int
  let method: ZipMember.Method
  let crc32: UInt32
  let compressedSize: Int
  let size: Int
  let headerOffset: Int

  /// The flags that change how the member is read: encryption, data descriptor, patch data, UTF-8 name.
  static let meaningfulFlags = 1 << 0 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 11 | 1 << 13

  /// Bit 3: sizes and CRC-32 follow the data; the local header may hold zeros.
  var hasDataDescriptor: Bool { flags & 1 << 3 != 0 }

  /// The entry at `offset` of the directory's bytes; moves `offset` behind it.
  init(of directory: [UInt8], at offset: inout Int, number: Int, path: String) throws(DatasetError) {
    var label: String?
    func mismatch(_ field: String, _ expected: String, _ found: some Any) -> DatasetError {
      .mismatch(path: path, member: label, field: field, expected: expected, found: "\(found)")
    }
    let start = offset
    guard directory.count - start >= Self.fixedSize, directory.uint32(at: start) == 0x0201_4B50 else {
      throw mismatch("directory entry \(number)", "signature 02014b50", "something else")
    }
    let nameSize = directory.uint16(at: start + 28)
    let extraSize = directory.uint16(at: start + 30)
    let commentSize = directory.uint16(at: start + 32)
    let end = start + Self.fixedSize + nameSize + extraSize + commentSize
    guard end <= directory.count else {
      throw mismatch("directory entry \(number)", "\(end - start) bytes", "\(directory.count - start)")
    }
    let nameEnd = start + Self.fixedSize + nameSize
    nameBytes = Array(directory[start + Self.fixedSize..<nameEnd])
    guard let name = String(validating: nameBytes, as: UTF8.self) else {
      throw mismatch("name of member \(number)", "UTF-8", "other bytes")
    }
    label = name
    self.name = name
    guard isPlainPath(name) else {
      throw mismatch("name", "a relative path without '..', '\\' and ':'", "'\(name)'")
    }
    flags = directory.uint16(at: start + 8) & Self.meaningfulFlags
    guard flags & (1 << 0 | 1 << 6 | 1 << 13) == 0 else { throw mismatch("flags", "no encryption", flags) }
    guard flags & 1 << 5 == 0 else { throw mismatch("flags", "no patch data", flags) }
    guard let method = ZipMember.Method(rawValue: directory.uint16(at: start + 10)) else {
      throw mismatch("method", "0 (stored) or 8 (deflated)", directory.uint16(at: start + 10))
    }
    self.method = method
    crc32 = directory.littleEndian(UInt32.self, at: start + 16)

    var wide = Zip64Field(extra: Array(directory[nameEnd..<nameEnd + extraSize]))
    guard let size = wide.resolve(directory.uint32(at: start + 24)),
      let compressedSize = wide.resolve(directory.uint32(at: start + 20)),
      let headerOffset = wide.resolve(directory.uint32(at: start + 42))
    else { throw mismatch("Zip64 field", "sizes and offset below 2^63", "a missing or larger one") }
    let disk = directory.uint16(at: start + 34)
    guard disk == 0 || disk == 0xFFFF && wide.resolveDisk() == 0 else {
      throw mismatch("disk number", "0 (one file)", disk)
    }
    self.size = size
    self.compressedSize = compressedSize
    self.headerOffset = headerOffset

    switch method {
    case .stored:
      guard size == compressedSize else { throw mismatch("size", "\(compressedSize) (stored)", size) }
    case .deflated:
      // Deflate cannot shrink anything to less than 1/1032.
      guard size / 1032 <= compressedSize else {
        throw mismatch("size", "at most 1032 times the \(compressedSize) compressed bytes", size)
      }
    }
    offset = end
  }
}

/// The extra field 1 of an entry: 64-bit values, in a fixed order, of just those numbers that are all ones in the entry.
struct Zip64Field {
  private var values: [UInt8] = []
  private var position = 0

  init(extra: [UInt8]) {
    var offset = 0
    while offset + 4 <= extra.count {
      let end = offset + 4 + extra.uint16(at: offset + 2)
      guard end <= extra.count else { return }
      if extra.uint16(at: offset) == 1 {
        values = Array(extra[offset + 4..<end])
        return
      }
      offset = end
    }
  }

  /// The number that a 32-bit field stands for; nil if its 64-bit value is missing or no file size.
  mutating func resolve(_ short: Int) -> Int? {
    guard short == 0xFFFF_FFFF else { return short }
    guard position + 8 <= values.count else { return nil }
    defer { position += 8 }
    return values.uint64(at: position)
  }

  /// The 32-bit disk number that stands last.
  mutating func resolveDisk() -> Int? {
    position + 4 <= values.count ? values.uint32(at: position) : nil
  }
}

/// Whether a member's name stays below the directory it would be unpacked in, on any system.
private func isPlainPath(_ name: String) -> Bool {
  guard !name.unicodeScalars.contains(where: { $0 == "\\" || $0 == ":" || $0.value == 0 }) else { return false }
  var parts = name.split(separator: "/", omittingEmptySubsequences: false)
  if parts.count > 1, parts.last == "" { parts.removeLast() }
  return parts.allSatisfy { $0 != "" && $0 != "." && $0 != ".." }
}
