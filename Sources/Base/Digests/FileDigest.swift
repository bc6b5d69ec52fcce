public import Files
import Threads

/// Is told how far a digest has come, and may throw to stop.
public typealias DigestProgress = (_ done: Int, _ total: Int) throws -> Void

/// MD5 and SHA-256 of a whole file, in one pass, each on a thread of its own.
/// - Parameter progress: is told the mebibytes done and their total.
/// - Throws: `FileError`, for a file that changes its size underway `changed`; what `progress` throws.
public func digests(of file: borrowing InputFile, progress: DigestProgress = { _, _ in }) throws -> (
  md5: String, sha256: String
) {
  var md5 = MD5()
  var sha256 = SHA256()
  var offset = 0
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try file.read(into: buffer, at: offset)
    md5.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    offset += count
    return count
  }
  var done = 0
  let total = file.size
  try readAhead(capacity: 1 << 20, produce: read) { piece in
    sha256.update(piece)
    done += piece.count
    try progress(done >> 20, total >> 20)
  }
  guard offset == file.size else {
    throw FileError(.changed, path: file.path)
  }
  return (md5.finalize(), sha256.finalize())
}
