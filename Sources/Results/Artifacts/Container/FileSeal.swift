import Digests
import Files
import Glibc

/// The last line of an artifact, behind the end of the HDF5 file: the SHA-256 of all bytes before it, but for those that
/// the line before it sets apart.
///
/// HDF5's own checksums do not cover everything (not the global heap, which holds the references to dimension scales), and
/// the library can crash or hang on damaged metadata (docs/artifacts.md has figures). So a reader checks the seal first and
/// hands only files to the library whose metadata are byte for byte what was written. HDF5 ignores what lies behind its end
/// of file: h5ls, h5dump, h5py and netCDF4 open a sealed file like any other.
///
/// Set apart are a dataset's images, which have a digest each, stored under the seal: a file of 16 GB is opened at once,
/// and every image is checked when it is read.
enum FileSeal {
  fileprivate static let marker = Array("\nqvit-sha256 ".utf8)
  fileprivate static let apartMarker = Array("\nqvit-apart".utf8)
  /// Bytes of the seal: marker, 64 hexadecimal digits, newline.
  static let size = marker.count + 64 + 1
  /// The longest line that sets bytes apart: three splits, 19 digits to a number.
  fileprivate static let longestApartLine = apartMarker.count + 3 * 40

  /// Appends the seal to a file that is about to be published.
  /// - Parameter apart: the bytes that have digests of their own.
  static func close(_ file: borrowing PendingFile, apart: [Range<Int>] = []) throws {
    guard lseek(file.descriptor, 0, SEEK_END) >= 0 else {
      throw FileError(.write, path: file.path, errorNumber: errno)
    }
    let apart = apart.sorted { $0.lowerBound < $1.lowerBound }
    try append(
      apart.isEmpty ? [] : apartMarker + apart.flatMap { Array(" \($0.lowerBound)+\($0.count)".utf8) }, to: file)
    let written = try file.reopened()
    let found = try digest(of: written, count: written.size, without: apart)
    try append(marker + Array(found.utf8) + [UInt8(ascii: "\n")], to: file)
  }

  private static func append(_ bytes: [UInt8], to file: borrowing PendingFile) throws(FileError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: bytes)
    try file.write(UnsafeRawBufferPointer(buffer))
  }

  /// The ranges that a line sets apart; nil if it is no such line.
  fileprivate static func ranges(_ line: ArraySlice<UInt8>) -> [Range<Int>]? {
    guard line.starts(with: apartMarker) else { return nil }
    var ranges: [Range<Int>] = []
    for word in line.dropFirst(apartMarker.count).split(separator: UInt8(ascii: " ")) {
      let numbers = word.split(separator: UInt8(ascii: "+")).map { Int(String(decoding: $0, as: UTF8.self)) }
      guard numbers.count == 2, let start = numbers[0], let count = numbers[1], count > 0,
        start >= ranges.last?.upperBound ?? 0, start <= Int.max - count
      else { return nil }
      ranges.append(start..<start + count)
    }
    return ranges
  }

  fileprivate static func digest(
    of file: borrowing InputFile, count: Int, without apart: [Range<Int>]
  ) throws -> String {
    var digest = SHA256()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(max(count, 1), 1 << 18), alignment: 64)
    defer { buffer.deallocate() }
    var offset = 0
    for gap in apart + [count..<count] {
      while offset < gap.lowerBound {
        let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, gap.lowerBound - offset)])
        guard try file.read(into: wanted, at: offset) == wanted.count else {
          throw FileError(.endsEarly, path: file.path)
        }
        digest.update(UnsafeRawBufferPointer(wanted))
        offset += wanted.count
      }
      offset = gap.upperBound
    }
    return digest.finalize()
  }
}

/// An artifact's file, opened for reading, after its seal was checked. It goes on being this file when another takes its
/// place.
final class SealedFile: Sendable {
  /// The bytes that the seal does not cover, in ascending order.
  let apart: [Range<Int>]
  private let file: InputFile
  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Its path.
  var path: String { file.path }
  /// Its size in bytes.
  var size: Int { file.size }

  /// Opens a file and checks that it is an artifact and is what was written.
  /// - Throws: `FileError` if there is no such file; `ArtifactError`.
  init(path: String) throws {
    file = try InputFile(path: path)
    guard file.size > 0 else { throw ArtifactError.notAnArtifact(path: path, found: "an empty file") }
    guard file.size >= Self.signature.count, try file.bytes(at: 0, count: Self.signature.count) == Self.signature else {
      throw ArtifactError.notAnArtifact(path: path, found: "no HDF5 file")
    }
    let sealed = file.size - FileSeal.size
    guard sealed > 0 else { throw Self.unsealed(path) }
    let line = try file.bytes(at: sealed, count: FileSeal.size)
    guard line.starts(with: FileSeal.marker), line.last == UInt8(ascii: "\n") else { throw Self.unsealed(path) }
    let expected = String(decoding: line[FileSeal.marker.count..<(FileSeal.size - 1)], as: UTF8.self)
    let before = try file.bytes(
      at: max(0, sealed - FileSeal.longestApartLine), count: min(sealed, FileSeal.longestApartLine))
    let ranges = before.lastIndex(of: UInt8(ascii: "\n")).flatMap { FileSeal.ranges(before[$0...]) } ?? []
    apart = ranges.allSatisfy { $0.upperBound <= sealed } ? ranges : []
    let found = try FileSeal.digest(of: file, count: sealed, without: apart)
    guard found == expected else {
      throw ArtifactError.changed(path: path, expected: "SHA-256 \(expected)", found: found)
    }
  }

  /// Fills a buffer with the bytes from `offset` on.
  /// - Throws: `FileError`, if the file was truncated since it was opened `endsEarly`.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    guard try file.read(into: buffer, at: offset) == buffer.count else { throw FileError(.endsEarly, path: path) }
  }

  /// When the file was last changed; nil if it was so lately that another change might not be seen.
  /// - Throws: `FileError`.
  func lastChange() throws(FileError) -> UInt64? { try file.lastChange() }

  /// Says that some bytes will be wanted soon.
  func announce(_ bytes: Range<Int>) { file.announce(bytes) }

  private static func unsealed(_ path: String) -> ArtifactError {
    .changed(path: path, expected: "a digest at the end", found: "none")
  }
}
