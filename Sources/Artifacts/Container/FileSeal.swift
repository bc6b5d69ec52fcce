import Digests
import Files
import Glibc

/// The last line of an artifact, behind the end of the HDF5 file: the SHA-256 of all bytes before it.
///
/// HDF5's own checksums do not cover everything (not the global heap, which holds the references to dimension scales), and
/// the library can crash or hang on damaged metadata (docs/artifacts.md has figures). So a reader checks the seal first and
/// hands only files to the library that are byte for byte what was written. HDF5 ignores what lies behind its end of file: h5ls, h5dump, h5py
/// and netCDF4 open a sealed file like any other.
enum FileSeal {
  private static let marker = Array("\nqvit-sha256 ".utf8)
  /// Bytes of the seal: marker, 64 hexadecimal digits, newline.
  static let size = marker.count + 64 + 1
  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Appends the seal to a file that is about to be published.
  static func close(_ file: borrowing PendingFile) throws {
    let written = try file.reopened()
    let line = marker + Array(try digest(of: written, count: written.size).utf8) + [UInt8(ascii: "\n")]
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: line.count, alignment: 1)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: line)
    guard lseek(file.descriptor, 0, SEEK_END) >= 0 else {
      throw FileError(.write, path: file.path, errorNumber: errno)
    }
    try file.write(UnsafeRawBufferPointer(buffer))
  }

  /// Checks that a file is an artifact and is what was written.
  /// - Returns: the file's size in bytes.
  /// - Throws: `FileError` if there is no such file; `ArtifactError`.
  @discardableResult
  static func check(path: String) throws -> Int {
    let file = try InputFile(path: path)
    guard file.size > 0 else { throw ArtifactError.notAnArtifact(path: path, found: "an empty file") }
    guard file.size >= signature.count, try file.bytes(at: 0, count: signature.count) == signature else {
      throw ArtifactError.notAnArtifact(path: path, found: "no HDF5 file")
    }
    let sealed = file.size - size
    guard sealed > 0 else { throw unsealed(path) }
    let line = try file.bytes(at: sealed, count: size)
    guard line.starts(with: marker), line.last == UInt8(ascii: "\n") else { throw unsealed(path) }
    let expected = String(decoding: line[marker.count..<(size - 1)], as: UTF8.self)
    let found = try digest(of: file, count: sealed)
    guard found == expected else {
      throw ArtifactError.changed(path: path, expected: "SHA-256 \(expected)", found: found)
    }
    return file.size
  }

  private static func unsealed(_ path: String) -> ArtifactError {
    .changed(path: path, expected: "a digest at the end", found: "none")
  }

  private static func digest(of file: borrowing InputFile, count: Int) throws -> String {
    var digest = SHA256()
    var offset = 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(max(count, 1), 1 << 20), alignment: 64)
    defer { buffer.deallocate() }
    while offset < count {
      let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, count - offset)])
      guard try file.read(into: wanted, at: offset) == wanted.count else {
        throw FileError(.endsEarly, path: file.path)
      }
      digest.update(UnsafeRawBufferPointer(wanted))
      offset += wanted.count
    }
    return digest.finalize()
  }
}
