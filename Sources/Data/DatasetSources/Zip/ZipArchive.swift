import Datasets
import Files

/// A ZIP archive opened for reading, its directory checked: every member lies inside the file, overlaps no other, has a
/// name of its own, and its local header agrees with the central directory.
///
/// Reads what numpy writes (stored and deflated members, Zip64 local headers) and Zip64 archives of any size. Not
/// supported, and refused: encryption, other methods, archives in several files.
///
/// Source: PKWARE's APPNOTE.TXT 6.3.10.
public final class ZipArchive: Sendable {
  /// The members in the order of the central directory.
  public let members: [ZipMember]
  let file: InputFile

  /// The path the archive was opened by.
  public var path: String { file.path }
  /// Size of the archive in bytes.
  public var size: Int { file.size }

  /// Opens an archive and reads its directory.
  /// - Throws: `FileError`, or `DatasetError.mismatch` naming the archive, the member and the field.
  public init(path: String) throws {
    let file = try InputFile(path: path)
    let directory = try ZipDirectory(of: file)
    let bytes = try file.bytes(at: directory.offset, count: directory.size)
    var offset = 0
    var names: Set<String> = []
    var members: [ZipMember] = []
    var ranges: [(range: Range<Int>, name: String)] = []
    for number in 0..<directory.count {
      let entry = try ZipEntry(of: bytes, at: &offset, number: number, path: path)
      guard names.insert(entry.name).inserted else {
        throw DatasetError.mismatch(
          path: path, member: entry.name, field: "name", expected: "each name once", found: "two members")
      }
      let dataOffset = try Self.dataOffset(of: entry, in: file, before: directory.offset)
      ranges.append((entry.headerOffset..<dataOffset + entry.compressedSize, entry.name))
      members.append(
        ZipMember(
          name: entry.name, method: entry.method, crc32: entry.crc32, compressedSize: entry.compressedSize,
          size: entry.size, dataOffset: dataOffset))
    }
    guard offset == bytes.count else {
      throw DatasetError.mismatch(
        path: path, member: nil, field: "central directory", expected: "\(directory.count) entries in \(offset) bytes",
        found: "\(bytes.count) bytes")
    }
    ranges.sort { $0.range.lowerBound < $1.range.lowerBound }
    for (one, next) in zip(ranges, ranges.dropFirst()) where one.range.upperBound > next.range.lowerBound {
      throw DatasetError.mismatch(
        path: path, member: next.name, field: "offset",
        expected: "at least \(one.range.upperBound) (end of \(one.name))",
        found: "\(next.range.lowerBound)")
    }
    self.members = members
    self.file = file
  }

  /// The member called `name`, if there is one.
  public func member(_ name: String) -> ZipMember? {
    members.first { $0.name == name }
  }

  /// Where the bytes of `entry` begin: behind its local header, which must say what the directory says.
  private static func dataOffset(
    of entry: ZipEntry, in file: borrowing InputFile, before limit: Int
  ) throws -> Int {
    let path = file.path
    func mismatch(_ field: String, _ expected: String, _ found: some Any) -> DatasetError {
      .mismatch(path: path, member: entry.name, field: field, expected: expected, found: "\(found)")
    }
    let fixedSize = 30
    guard entry.headerOffset <= limit - fixedSize else {
      throw mismatch("offset", "at most \(limit - fixedSize)", entry.headerOffset)
    }
    let header = try file.bytes(at: entry.headerOffset, count: fixedSize)
    guard header.uint32(at: 0) == 0x0403_4B50 else {
      throw mismatch("local header", "signature 04034b50", String(header.uint32(at: 0), radix: 16))
    }
    let nameSize = header.uint16(at: 26)
    let extraSize = header.uint16(at: 28)
    let dataOffset = entry.headerOffset + fixedSize + nameSize + extraSize
    guard dataOffset <= limit, entry.compressedSize <= limit - dataOffset else {
      throw mismatch(
        "compressed size", "at most \(max(0, limit - dataOffset)) up to the directory", entry.compressedSize)
    }
    let variable = try file.bytes(at: entry.headerOffset + fixedSize, count: nameSize + extraSize)
    guard Array(variable[..<nameSize]) == entry.nameBytes else {
      throw mismatch("local header", "the name of the directory", "another name")
    }
    guard header.uint16(at: 8) == entry.method.rawValue else {
      throw mismatch("local header method", "\(entry.method.rawValue)", header.uint16(at: 8))
    }
    guard header.uint16(at: 6) & ZipEntry.meaningfulFlags == entry.flags else {
      throw mismatch("local header flags", "\(entry.flags)", header.uint16(at: 6))
    }
    guard !entry.hasDataDescriptor else { return dataOffset }
    var wide = Zip64Field(extra: Array(variable[nameSize...]))
    let size = wide.resolve(header.uint32(at: 22))
    let compressedSize = wide.resolve(header.uint32(at: 18))
    guard size == entry.size, compressedSize == entry.compressedSize else {
      throw mismatch(
        "local header sizes", "\(entry.compressedSize) and \(entry.size)",
        "\(compressedSize.map(String.init) ?? "none") and \(size.map(String.init) ?? "none")")
    }
    guard header.littleEndian(UInt32.self, at: 14) == entry.crc32 else {
      throw mismatch(
        "local header CRC-32", hexadecimal(entry.crc32), hexadecimal(header.littleEndian(UInt32.self, at: 14)))
    }
    return dataOffset
  }
}

/// Eight hexadecimal digits.
func hexadecimal(_ number: UInt32) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
