import Glibc

/// A file opened for reading at any position. Reading never moves a shared position, so one `InputFile` can serve
/// several readers.
public struct InputFile: ~Copyable, Sendable {
  /// The path it was opened by.
  public let path: String
  /// Its size in bytes when it was opened.
  public let size: Int
  private let descriptor: Int32

  /// Opens a regular file.
  /// - Throws: `FileError` (kind missing input) if there is none or it is a directory or a device.
  public init(path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError(.open, path: path, errorNumber: errno) }
    try self.init(descriptor: descriptor, path: path)
  }

  /// Takes over an open file.
  init(descriptor: Int32, path: String) throws(FileError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = errno
      close(descriptor)
      throw FileError(.open, path: path, errorNumber: reason)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileError(.open, path: path, errorNumber: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
    }
    self.path = path
    self.size = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Reads up to `buffer.count` bytes from `offset`; fewer only at the end of the file.
  /// - Returns: the number of bytes read.
  /// - Throws: `FileError` (kind input/output).
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
    guard let base = buffer.baseAddress else { return 0 }
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, base + done, buffer.count - done, off_t(offset + done))
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(.read, path: path, errorNumber: errno)
      }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Says that some bytes will be wanted soon, so that the system can read them meanwhile.
  public func announce(_ bytes: Range<Int>) {
    posix_fadvise(descriptor, off_t(bytes.lowerBound), off_t(bytes.count), POSIX_FADV_WILLNEED)
  }

  /// When the file was last changed, in nanoseconds since 1970: whoever writes to it moves this time on, and nobody can set it
  /// back. Nil for a change in the last second, because the system's clock may not tell the next one from it.
  /// - Throws: `FileError` (kind input/output).
  public func lastChange() throws(FileError) -> UInt64? {
    var status = stat()
    var now = timespec()
    guard fstat(descriptor, &status) == 0, clock_gettime(CLOCK_REALTIME_COARSE, &now) == 0 else {
      throw FileError(.read, path: path, errorNumber: errno)
    }
    func nanoseconds(_ time: timespec) -> UInt64 {
      UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }
    let change = nanoseconds(status.st_ctim)
    return change > 0 && change &+ 1_000_000_000 < nanoseconds(now) ? change : nil
  }

  /// Reads exactly `count` bytes from `offset`.
  /// - Throws: `FileError` (`endsEarly`, kind bad data) if the file is shorter.
  public func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    precondition(offset >= 0 && count >= 0, "negative offset \(offset) or count \(count)")
    guard count <= size - offset else { throw FileError(.endsEarly, path: path) }
    var bytes = [UInt8](repeating: 0, count: count)
    var found = 0
    var failure: FileError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(FileError) { found = try read(into: buffer, at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
    guard found == count else { throw FileError(.endsEarly, path: path) }
    return bytes
  }
}

/// The whole of a small file (a configuration, a list of facts), at most `limit` bytes.
/// - Throws: `FileError` if it cannot be read; `endsEarly` never; a larger file is refused as `FileTooLarge`,
///   `NotEnoughMemory`.
public func contents(ofFile path: String, limit: Int = 16 << 20) throws -> [UInt8] {
  let file = try InputFile(path: path)
  guard file.size <= limit else { throw FileTooLarge(path: path, size: file.size, limit: limit) }
  try requireMemory(file.size, for: path)
  return try file.bytes(at: 0, count: file.size)
}
