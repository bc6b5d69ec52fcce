import Digests
public import Files

/// MD5 and SHA-256 of a whole file, in one pass, each on a thread of its own.
/// - Parameter progress: is told the mebibytes done and their total.
/// - Throws: `FileError`; `DatasetError` if the file changes its size underway; what `progress` throws.
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
    throw DatasetError.mismatch(
      path: file.path, member: nil, field: "size", expected: "\(file.size) bytes", found: "\(offset)")
  }
  return (md5.finalize(), sha256.finalize())
}
