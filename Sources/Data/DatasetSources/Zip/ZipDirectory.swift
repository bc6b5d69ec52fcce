import Datasets
import Files

/// The end of a ZIP archive: where its central directory lies.
///
/// Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16.
struct ZipDirectory {
  static let endSize = 22
  static let locatorSize = 20
  static let end64Size = 56
  /// Larger directories than this hold no images of ours.
  static let sizeLimit = 16 << 20

  /// Where the directory begins in the file.
  let offset: Int
  /// Its size in bytes.
  let size: Int
  /// Number of its entries.
  let count: Int

  /// Finds the end record at the very end of `file` (a comment may follow it) and, if there is one, its Zip64 record.
  init(of file: borrowing InputFile) throws {
    let path = file.path
    func mismatch(_ field: String, _ expected: String, _ found: some Any) -> DatasetError {
      .mismatch(path: path, member: nil, field: field, expected: expected, found: "\(found)")
    }
    let tailSize = min(file.size, Self.endSize + 0xFFFF)
    let tail = try file.bytes(at: file.size - tailSize, count: tailSize)
    guard
      let start = stride(from: tailSize - Self.endSize, through: 0, by: -1).first(where: {
        tail.uint32(at: $0) == 0x0605_4B50 && $0 + Self.endSize + tail.uint16(at: $0 + 20) == tailSize
      })
    else { throw mismatch("end of central directory", "a whole ZIP archive (.npz)", "none (no archive, or cut short)") }
    guard tail.uint16(at: start + 4) == 0, tail.uint16(at: start + 6) == 0 else {
      throw mismatch("disk number", "0 (one file)", tail.uint16(at: start + 4))
    }
    var end = file.size - tailSize + start
    var count = tail.uint16(at: start + 10)
    var size = tail.uint32(at: start + 12)
    var offset = tail.uint32(at: start + 16)
    guard tail.uint16(at: start + 8) == count else {
      throw mismatch("directory entries on this disk", "\(count)", tail.uint16(at: start + 8))
    }

    if end >= Self.locatorSize + Self.end64Size {
      let locator = try file.bytes(at: end - Self.locatorSize, count: Self.locatorSize)
      if locator.uint32(at: 0) == 0x0706_4B50 {
        let recordOffset = locator.uint64(at: 8)
        guard locator.uint32(at: 4) == 0, locator.uint32(at: 16) <= 1 else {
          throw mismatch("Zip64 disks", "1 (one file)", locator.uint32(at: 16))
        }
        guard let recordOffset, recordOffset == end - Self.locatorSize - Self.end64Size else {
          throw mismatch(
            "Zip64 end record offset", "\(end - Self.locatorSize - Self.end64Size)",
            recordOffset.map(String.init) ?? "more than 2^63")
        }
        let record = try file.bytes(at: recordOffset, count: Self.end64Size)
        guard record.uint32(at: 0) == 0x0606_4B50 else {
          throw mismatch("Zip64 end record", "signature 06064b50", String(record.uint32(at: 0), radix: 16))
        }
        guard record.uint64(at: 4) == Self.end64Size - 12 else {
          throw mismatch("Zip64 end record size", "44", record.uint64(at: 4) ?? Int.max)
        }
        guard record.uint32(at: 16) == 0, record.uint32(at: 20) == 0 else {
          throw mismatch("Zip64 disk number", "0 (one file)", record.uint32(at: 16))
        }
        guard let here = record.uint64(at: 24), let all = record.uint64(at: 32), here == all,
          let size64 = record.uint64(at: 40), let offset64 = record.uint64(at: 48)
        else { throw mismatch("Zip64 end record", "counts, size and offset below 2^63", "a larger one") }
        // The short record holds the same numbers, or all ones where they do not fit.
        guard count == 0xFFFF || count == all, size == 0xFFFF_FFFF || size == size64,
          offset == 0xFFFF_FFFF || offset == offset64
        else { throw mismatch("end of central directory", "the numbers of the Zip64 record", "others") }
        (count, size, offset, end) = (all, size64, offset64, recordOffset)
      }
    }
    guard size <= Self.sizeLimit else {
      throw mismatch("central directory size", "at most \(Self.sizeLimit)", size)
    }
    guard offset <= end, end - offset == size else {
      throw mismatch("central directory", "\(size) bytes before offset \(end)", "offset \(offset)")
    }
    guard count <= size / ZipEntry.fixedSize else {
      throw mismatch("directory entries", "at most \(size / ZipEntry.fixedSize) in \(size) bytes", count)
    }
    self.offset = offset
    self.size = size
    self.count = count
  }
}
