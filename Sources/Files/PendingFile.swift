import Glibc

/// A file on its way to `path`: written beside it as `path.part`, and moved into place only when it is whole.
///
/// Until `publish()` whatever stood at `path` stays untouched; a `PendingFile` that is dropped removes its temporary. A
/// temporary that a killed process left behind is taken over. A lock on the temporary keeps two processes from writing
/// one target at the same time: the second one fails with `busy`.
public struct PendingFile: ~Copyable {
  /// Where the file will stand.
  public let path: String
  /// Where it is being written: `path` with `.part` at its end.
  public let temporaryPath: String
  /// The open temporary, positioned at its start and empty.
  public let descriptor: Int32
  private var published = false

  /// Creates (or takes over) and locks the temporary.
  /// - Throws: `FileError` (kind cannot create) if the directory is missing or not writable, if `path` is a directory,
  ///   a device or a pipe, or if another process is writing it.
  public init(path: String) throws(FileError) {
    var status = stat()
    // A device or a pipe must not be replaced by a file.
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw FileError(.create, path: path, errorNumber: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
    }
    let temporaryPath = path + ".part"
    while true {
      let descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw FileError(.create, path: path, errorNumber: errno) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let reason = errno
        close(descriptor)
        throw reason == EWOULDBLOCK
          ? FileError(.busy, path: path) : FileError(.create, path: path, errorNumber: reason)
      }
      // The previous owner may have moved this file into place between our open and our lock.
      var opened = stat()
      var named = stat()
      if fstat(descriptor, &opened) == 0, stat(temporaryPath, &named) == 0, opened.st_ino == named.st_ino,
        opened.st_dev == named.st_dev
      {
        guard ftruncate(descriptor, 0) == 0 else {
          let reason = errno
          close(descriptor)
          throw FileError(.create, path: path, errorNumber: reason)
        }
        self.path = path
        self.temporaryPath = temporaryPath
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  deinit {
    if !published { unlink(temporaryPath) }
    close(descriptor)
  }

  /// Appends bytes.
  /// - Throws: `FileError` (kind input/output), for example on a full disk.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, base + done, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(.write, path: path, errorNumber: errno)
      }
      done += count
    }
  }

  /// Makes the file durable and moves it to `path`, replacing what stood there; afterwards the directory entry is
  /// durable too.
  /// - Throws: `FileError` (kind input/output); `path` is then unchanged.
  public consuming func publish() throws(FileError) {
    guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
      throw FileError(.publish, path: path, errorNumber: errno)
    }
    published = true
    let directory = open(directoryName(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }
}

/// Writes a whole text file atomically.
/// - Throws: `FileError`.
public func writeFile(_ text: String, to path: String) throws {
  let file = try PendingFile(path: path)
  var text = text
  try text.withUTF8 { try file.write(UnsafeRawBufferPointer($0)) }
  try file.publish()
}

/// The directory part of a path: everything before its last slash, `.` if there is none.
public func directoryName(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The last part of a path: everything behind its last slash.
public func fileName(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return path }
  return String(path[path.index(after: slash)...])
}
