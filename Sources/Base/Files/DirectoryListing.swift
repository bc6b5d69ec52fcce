public import Failures
import Glibc

/// What a directory holds, sorted by name; names that begin with a dot are left out. Links are followed once: what they
/// lead to counts.
public struct DirectoryListing {
  /// Names of directories.
  public private(set) var directories: [String] = []
  /// Names of regular files.
  public private(set) var files: [String] = []

  /// What is neither, where that is no error; empty otherwise.
  public private(set) var others: [UnexpectedEntry] = []

  /// - Parameter isTolerant: whether an entry that is neither a file nor a directory is listed among the `others`.
  /// - Throws: `FileError` if `path` is no readable directory; `UnexpectedEntry` naming one that is neither a
  ///   file nor a directory, or a link that leads nowhere or round in a circle.
  public init(path: String, isTolerant: Bool = false) throws {
    guard let directory = opendir(path) else { throw FileError(.open, path: path, errorNumber: errno) }
    defer { closedir(directory) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(directory) {
      let (name, isText) = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        let bytes = bytes.prefix { $0 != 0 }
        return (String(decoding: bytes, as: UTF8.self), String(validating: bytes, as: UTF8.self) != nil)
      }
      guard isText else {
        try note(mismatch("\(path)/\(name)", "a name in UTF-8", "other bytes"), isTolerant)
        errno = 0
        continue
      }
      if !name.hasPrefix(".") { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw FileError(.read, path: path, errorNumber: errno) }
    // Strings are compared as text: names of different bytes can be the same text, and would be one key everywhere.
    var seen: Set<String> = []
    if let name = names.first(where: { !seen.insert($0).inserted }) {
      throw mismatch(
        "\(path)/\(name)", "each name once", "two names that read the same (composed and decomposed letters)")
    }
    for name in names.sorted() {
      var status = stat()
      guard fstatat(dirfd(directory), name, &status, 0) == 0 else {
        try note(mismatch("\(path)/\(name)", "a file or a directory", String(cString: strerror(errno))), isTolerant)
        continue
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: directories.append(name)
      case S_IFREG: files.append(name)
      default: try note(mismatch("\(path)/\(name)", "a file or a directory", "a device, pipe or socket"), isTolerant)
      }
    }
  }

  private mutating func note(_ entry: UnexpectedEntry, _ isTolerant: Bool) throws(UnexpectedEntry) {
    guard isTolerant else { throw entry }
    others.append(entry)
  }

  private func mismatch(_ path: String, _ expected: String, _ found: String) -> UnexpectedEntry {
    UnexpectedEntry(path: path, expected: expected, found: found)
  }
}

/// An entry of a directory that cannot be worked with.
public struct UnexpectedEntry: Failure, Equatable {
  /// Its path.
  public var path: String
  /// What may stand there.
  public var expected: String
  /// What does.
  public var found: String

  /// Bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line: path, expected and found.
  public var description: String { "\(path): entry: expected \(expected), found \(found)" }
}

/// Whether there is a file or directory of this name.
public func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Whether there is a file or directory of this name, where nothing else may be taken for its absence: a link that leads
/// nowhere, a directory that may not be searched.
/// - Throws: `FileError` if that cannot be told, or if the name is a link that leads nowhere.
public func isPresent(_ path: String) throws(FileError) -> Bool {
  var status = stat()
  if stat(path, &status) == 0 { return true }
  let reason = errno
  guard reason == ENOENT else { throw FileError(.open, path: path, errorNumber: reason) }
  guard lstat(path, &status) != 0 else { throw FileError(.open, path: path, errorNumber: reason) }
  return false
}

/// Makes a directory and those above it, where they are missing.
/// - Throws: `FileError` (kind cannot create).
public func makeDirectories(_ path: String) throws(FileError) {
  guard !path.isEmpty, path != "/", !fileExists(path) else { return }
  if path.contains("/") { try makeDirectories(directoryName(of: path)) }
  try makeDirectory(path)
}

/// Makes a directory where it is missing, in one that is there.
/// - Throws: `FileError` (kind cannot create).
public func makeDirectory(_ path: String) throws(FileError) {
  guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw FileError(.create, path: path, errorNumber: errno) }
}
