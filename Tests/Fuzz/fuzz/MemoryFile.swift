import CFuzz
import Digests
import Glibc

/// A file that is written anew for every case, where that needs no disk.
final class MemoryFile {
  private let descriptor: Int32
  /// Where a reader finds it.
  let path: String

  init(in directory: String) throws {
    path = "\(directory)/case"
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Finding("\(path): error \(errno)") }
  }

  deinit { close(descriptor) }

  /// Replaces the content.
  func write(_ bytes: [UInt8]) throws {
    guard ftruncate(descriptor, off_t(bytes.count)) == 0 else { throw Finding("memory file: error \(errno)") }
    try bytes.withUnsafeBytes { try put($0, at: 0) }
  }

  /// The content.
  func bytes() throws -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Finding("memory file: error \(errno)") }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    guard pread(descriptor, &bytes, bytes.count, 0) == bytes.count else { throw Finding("memory file: error \(errno)") }
    return bytes
  }

  private func put(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    guard pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)) == bytes.count else {
      throw Finding("memory file: error \(errno)")
    }
  }
}

/// The last line of an artifact (docs/artifacts.md), for files that are changed and then sealed like whole ones.
enum Seal {
  static let size = 78

  /// What comes before the seal.
  static func removed(from file: [UInt8]) -> [UInt8] { Array(file.dropLast(size)) }

  /// The file with a seal that fits it.
  static func added(to content: [UInt8]) -> [UInt8] {
    content + Array("\nqvit-sha256 \(SHA256.hexDigest(of: content))\n".utf8)
  }
}
