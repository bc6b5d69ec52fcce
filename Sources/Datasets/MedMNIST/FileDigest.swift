import Digests
public import Files

/// MD5 and SHA-256 of a whole file, in one pass.
/// - Throws: `FileError`; `DatasetError` if the file changes its size underway.
public func digests(of file: borrowing InputFile) throws -> (md5: String, sha256: String) {
  var md5 = MD5()
  var sha256 = SHA256()
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
  defer { buffer.deallocate() }
  var offset = 0
  while true {
    let count = try file.read(into: buffer, at: offset)
    if count == 0 { break }
    let part = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    md5.update(part)
    sha256.update(part)
    offset += count
  }
  guard offset == file.size else {
    throw DatasetError.mismatch(
      path: file.path, member: nil, field: "size", expected: "\(file.size) bytes", found: "\(offset)")
  }
  return (md5.finalize(), sha256.finalize())
}
