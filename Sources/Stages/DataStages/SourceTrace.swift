import Digests
public import Files
import Glibc
import StageSupport

/// Files and folders as the file system knows them: sizes and times of change, no content. It is written beside a dataset
/// artifact, `NAME.source.txt`, and says later at once whether they can have changed; like git's index it is no part of a
/// result, and where it is missing or differs, contents are compared.
public struct SourceTrace {
  /// A line for each: size, seconds and nanoseconds of the last change of the content, path.
  let text: String

  /// - Throws: `FileError`, `UnexpectedEntry`.
  init(of paths: [String]) throws {
    var text = ""
    for path in paths {
      let status = try Self.status(of: path)
      guard status.st_mode & S_IFMT == S_IFDIR else {
        text += Self.line(status, path)
        continue
      }
      var lines: [String] = []
      try Self.add(path, to: &lines)
      let digest = SHA256.hexDigest(of: Array(lines.joined().utf8))
      text += "\(lines.count) files, SHA-256 of their sizes and times \(digest) \(path)\n"
    }
    self.text = text
  }

  private static func add(_ directory: String, to lines: inout [String]) throws {
    let listing = try DirectoryListing(path: directory)
    for name in listing.files {
      let path = "\(directory)/\(name)"
      lines.append(try line(status(of: path), path))
    }
    for name in listing.directories { try add("\(directory)/\(name)", to: &lines) }
  }

  private static func status(of path: String) throws(FileError) -> stat {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError(.open, path: path, errorNumber: errno) }
    return status
  }

  private static func line(_ status: stat, _ path: String) -> String {
    "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(path)\n"
  }

  /// Whether this is what was noted when an artifact was made, or last compared.
  func isThat(besides artifact: String) -> Bool {
    (try? contents(ofFile: Companion.sourceTrace.path(besides: artifact))) == Array(text.utf8)
  }

  /// Notes it beside an artifact.
  /// - Throws: `FileError`.
  public func write(besides artifact: String) throws(FileError) {
    try writeFile(text, to: Companion.sourceTrace.path(besides: artifact))
  }
}
