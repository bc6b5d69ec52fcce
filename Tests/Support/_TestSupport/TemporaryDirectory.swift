import Glibc

/// A directory of its own for one test, removed with all that is in it.
public final class TemporaryDirectory: Sendable {
  /// Its absolute path.
  public let path: String

  /// Makes the directory below `parent`.
  public init(in parent: String = "/tmp") throws {
    var template = Array("\(parent)/qvit-test-XXXXXX".utf8CString)
    guard let name = mkdtemp(&template) else {
      throw ProcessProblem("no temporary directory: \(String(cString: strerror(errno)))")
    }
    path = String(cString: name)
  }

  deinit { removeTree(path) }

  /// The path of a file in it.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// The bytes of a file in it.
  public func bytes(_ name: String) throws -> [UInt8] { try wholeFile(file(name)) }

  /// The text of a file in it.
  public func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  /// Whether there is such a file or directory.
  public func contains(_ name: String) -> Bool { access(file(name), F_OK) == 0 }

  /// Waits until there is such a file, for a minute at most.
  public func await(_ name: String) {
    for _ in 0..<60_000 where !contains(name) { usleep(1_000) }
  }

  /// What a name stands for.
  public enum Kind: Sendable {
    case file
    case directory
    /// A pipe, a device.
    case other
  }

  /// What stands there.
  public func kind(of name: String) -> Kind {
    var status = stat()
    guard stat(file(name), &status) == 0 else { return .other }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .directory
    default: return .other
    }
  }

  /// Writes a file.
  public func write(_ bytes: [UInt8], to name: String) throws {
    guard let handle = fopen(file(name), "wb") else { throw ProcessProblem("\(name): cannot create") }
    defer { fclose(handle) }
    guard fwrite(bytes, 1, bytes.count, handle) == bytes.count else { throw ProcessProblem("\(name): cannot write") }
  }

  /// Writes a text.
  public func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

  /// Makes a pipe in it.
  public func makePipe(_ name: String) throws {
    guard mkfifo(file(name), 0o666) == 0 else { throw ProcessProblem("\(name): cannot create") }
  }

  /// Makes a link in it that leads to `target`.
  public func makeLink(_ target: String, at name: String) throws {
    guard symlink(target, file(name)) == 0 else { throw ProcessProblem("\(name): cannot create") }
  }

  /// Makes a directory in it, with those on the way to it.
  public func makeDirectories(_ name: String) throws {
    var path = self.path
    for part in name.split(separator: "/") {
      path += "/\(part)"
      guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw ProcessProblem("\(path): cannot create") }
    }
  }

  /// The names in it or in a directory below, sorted.
  public func entries(of name: String = ".") throws -> [String] {
    guard let names = names(in: file(name)) else { throw ProcessProblem("\(name): cannot list") }
    return names.sorted()
  }
}

/// The names in a directory; nil if it is none.
private func names(in path: String) -> [String]? {
  guard let directory = opendir(path) else { return nil }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}

/// Removes a file, or a directory with what is in it; a link is removed, not followed.
private func removeTree(_ path: String) {
  guard unlink(path) != 0 else { return }
  for name in names(in: path) ?? [] { removeTree("\(path)/\(name)") }
  rmdir(path)
}
