import Glibc
import Threads

/// A file on its way to `path`: written beside it as `path.part`, and moved into place only when it is whole.
///
/// Until `publish()` whatever stood at `path` stays untouched; a `PendingFile` that is dropped removes its temporary. A
/// temporary that a killed process left behind is taken over. A lock on the temporary keeps two processes from writing
/// one target at the same time: the second one waits some seconds, in which a process that was just killed lets go of its
/// lock, and fails with `busy`. The lock is on the file, not on its name: a temporary that
/// lost its name (its directory was removed, and perhaps made again by another process) is never published.
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
    descriptor = try Self.patiently(path) { () throws(FileError) in
      try unfinished.withLock { temporaries throws(FileError) in
        let descriptor = try Self.claim(temporaryPath, of: path)
        temporaries.insert(temporaryPath)
        return descriptor
      }
    }
    self.path = path
    self.temporaryPath = temporaryPath
  }

  /// How long to wait for a lock, and after which time to say so, in milliseconds.
  private static let (patience, silence, pause) = (4_000, 1_000, 50)

  /// Tries again for a while as long as another process holds the lock. Between two attempts nothing is held here, so that a
  /// signal can end this process.
  private static func patiently(_ path: String, _ claim: () throws(FileError) -> Int32) throws(FileError) -> Int32 {
    var waited = 0
    while true {
      do throws(FileError) { return try claim() } catch {
        guard error.operation == .busy, waited < patience else { throw error }
      }
      if waited == silence { FileNotices.send("\(path): waiting for another process that is writing it") }
      usleep(UInt32(pause * 1_000))
      waited += pause
    }
  }

  /// Opens and locks the temporary, and empties it. Nothing that stands under its name but is not a file of its own, with no
  /// other name, is ever written to.
  private static func claim(_ temporaryPath: String, of path: String) throws(FileError) -> Int32 {
    while true {
      let descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o666)
      guard descriptor >= 0 else {
        throw errno == ELOOP
          ? FileError(.foreign, path: temporaryPath) : FileError(.create, path: path, errorNumber: errno)
      }
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink <= 1 else {
        close(descriptor)
        throw FileError(.foreign, path: temporaryPath)
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        let reason = errno
        guard reason == ENOLCK || reason == EOPNOTSUPP || reason == ENOSYS else {
          close(descriptor)
          throw reason == EWOULDBLOCK
            ? FileError(.busy, path: path) : FileError(.create, path: path, errorNumber: reason)
        }
        FileNotices.send(
          "\(path): this file system knows no locks: make sure that no other process writes the same file", once: true)
      }
      // The previous owner may have moved this file into place between our open and our lock.
      if isName(temporaryPath, of: descriptor) {
        guard ftruncate(descriptor, 0) == 0 else {
          let reason = errno
          close(descriptor)
          throw FileError(.create, path: path, errorNumber: reason)
        }
        return descriptor
      }
      close(descriptor)
    }
  }

  /// Whether the path leads to the open file.
  private static func isName(_ path: String, of descriptor: Int32) -> Bool {
    var opened = stat()
    var named = stat()
    return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0 && opened.st_ino == named.st_ino
      && opened.st_dev == named.st_dev
  }

  deinit {
    if !published {
      unfinished.withLock { temporaries in
        if Self.isName(temporaryPath, of: descriptor) { unlink(temporaryPath) }
        temporaries.remove(temporaryPath)
      }
    }
    close(descriptor)
  }

  /// Removes all temporaries of this process and ends it with `ending`; no file is moved into place any more.
  public static func abandonAll(_ ending: () -> Never) -> Never {
    unfinished.withLock { temporaries in
      for path in temporaries { unlink(path) }
      // Still locked: a file being published on another thread waits here for the end.
      ending()
    }
  }

  /// Another way to the open temporary, for a library that wants a path: whatever happened to the directory meanwhile, it
  /// leads to the very file that is locked.
  public var descriptorPath: String { "/proc/self/fd/\(descriptor)" }

  /// Makes sure that the temporary is still there under its name.
  /// - Throws: `FileError` (kind cannot create) if it was removed, for example with its directory.
  public func requireInPlace() throws(FileError) {
    guard Self.isName(temporaryPath, of: descriptor) else {
      throw FileError(.create, path: path, errorNumber: ENOENT)
    }
  }

  /// What was written so far, for reading.
  /// - Throws: `FileError`.
  public func reopened() throws(FileError) -> InputFile {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw FileError(.read, path: path, errorNumber: errno) }
    return try InputFile(descriptor: copy, path: path)
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

  /// Appends a text.
  /// - Throws: `FileError` (kind input/output).
  public func write(_ text: String) throws(FileError) {
    var failure: FileError?
    var text = text
    text.withUTF8 { bytes in
      do throws(FileError) { try write(UnsafeRawBufferPointer(bytes)) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Makes the file durable and moves it to `path`, replacing what stood there; afterwards the directory entry is
  /// durable too.
  /// - Throws: `FileError` (kind input/output); `path` is then unchanged, unless it is the directory that cannot be made
  ///   durable.
  public consuming func publish() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError(.write, path: path, errorNumber: errno) }
    let (path, temporaryPath, descriptor) = (path, temporaryPath, descriptor)
    try unfinished.withLock { temporaries throws(FileError) in
      guard Self.isName(temporaryPath, of: descriptor) else {
        throw FileError(.publish, path: path, errorNumber: ENOENT)
      }
      guard rename(temporaryPath, path) == 0 else { throw FileError(.publish, path: path, errorNumber: errno) }
      temporaries.remove(temporaryPath)
    }
    published = true
    let directory = open(directoryName(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    // Some file systems know no such call for directories.
    let failure = fsync(directory) == 0 || errno == EINVAL ? 0 : errno
    close(directory)
    if failure != 0 { throw FileError(.publish, path: path, errorNumber: failure) }
  }
}

/// The temporaries of this process that are neither published nor dropped.
private let unfinished = Guarded<Set<String>>([])

/// Writes a whole text file atomically.
/// - Throws: `FileError`.
public func writeFile(_ text: String, to path: String) throws(FileError) {
  let file = try PendingFile(path: path)
  try file.write(text)
  try file.publish()
}

/// Writes a whole file of bytes atomically.
/// - Throws: `FileError`.
public func writeFile(_ bytes: [UInt8], to path: String) throws {
  let file = try PendingFile(path: path)
  try bytes.withUnsafeBytes { try file.write($0) }
  try file.publish()
}

/// The directory part of a path: everything before its last slash, `.` if there is none.
public func directoryName(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The last part of a path without an extension, where it has that one: `dir/qvit.json` is `qvit` without `.json`.
public func fileName(of path: String, without fileExtension: String) -> String {
  let name = fileName(of: path)
  return name.hasSuffix(fileExtension) ? String(name.dropLast(fileExtension.count)) : name
}

/// The last part of a path: everything behind its last slash.
public func fileName(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return path }
  return String(path[path.index(after: slash)...])
}
