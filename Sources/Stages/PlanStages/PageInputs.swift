import Artifacts
import Configuration
import Digests
import Files
import Glibc
import JSON
import StageSupport

/// What a page was made from, `report.inputs.json` beside `report.html`: the digests of the artifacts behind it, of itself and of
/// its pictures. By that a page that shows other numbers than there are now is known, and pictures it no longer has are removed.
package struct PageInputs: Equatable {
  /// The digests of the artifacts, by path.
  var artifacts: [String: String]
  /// The digest of the page.
  var page: String
  /// The digests of the pictures, by path.
  var pictures: [String: String]

  /// The file of a page.
  package static func path(ofPage page: String) -> String { "\(page.dropLast(".html".count)).inputs.json" }

  /// What is to be known of a page that was made.
  package init(artifacts: [String: String], page: String, pictures: [String: String]) {
    self.artifacts = artifacts
    self.page = SHA256.hexDigest(of: Array(page.utf8))
    self.pictures = pictures.mapValues { SHA256.hexDigest(of: Array($0.utf8)) }
  }

  /// Reads what was written.
  /// - Parameter root: where the artifacts are now.
  /// - Throws: `FileError`, `SettingsError`.
  package init(readFrom path: String, root: String) throws {
    let reader = try SettingsReader(
      value: JSONValue(parsing: contents(ofFile: path, limit: 64 << 20), path: path), path: path)
    func texts(_ key: String) throws -> [String: String] {
      guard case .object(let members)? = reader.value(key) else {
        throw SettingsError(path: path, place: key, message: "expected an object")
      }
      return try members.mapValues { value in
        guard case .string(let text) = value else {
          throw SettingsError(path: path, place: key, message: "expected digests")
        }
        return text
      }
    }
    func placed(_ texts: [String: String]) -> [String: String] {
      Dictionary(texts.map { (Self.path($0.key, below: root), $0.value) }, uniquingKeysWith: { first, _ in first })
    }
    artifacts = placed(try texts("artifacts"))
    page = try reader.string("page")
    pictures = placed(try texts("pictures"))
    _ = try reader.string("software")
    try reader.finish()
  }

  /// A path as the file has it: below the root without it, so that a tree may be moved or copied; any other begins with `/` or
  /// `./`.
  private static func text(of path: String, below root: String) -> String {
    if let inside = ArtifactTree(root: root).belowRoot(path) { return inside }
    return path.hasPrefix("/") || path.hasPrefix("./") ? path : "./\(path)"
  }

  private static func path(_ text: String, below root: String) -> String {
    if text.hasPrefix("/") { return text }
    return text.hasPrefix("./") ? String(text.dropFirst(2)) : "\(root)/\(text)"
  }

  /// The text of the file.
  /// - Parameter root: where the artifacts are.
  package func text(root: String) -> String {
    func object(_ texts: [String: String]) -> JSONValue {
      .object(
        Dictionary(
          texts.map { (Self.text(of: $0.key, below: root), .string($0.value)) }, uniquingKeysWith: { first, _ in first }
        ))
    }
    return JSONValue.object([
      "software": .string("\(Software.name) \(Software.version)"), "artifacts": object(artifacts),
      "page": .string(page),
      "pictures": object(pictures),
    ]).prettyText
  }

  /// Removes pictures of an earlier page that this one does not have, unless somebody has changed them since.
  package func removePictures(of earlier: PageInputs) throws {
    for (path, digest) in earlier.pictures where pictures[path] == nil && fileExists(path) {
      if SHA256.hexDigest(of: try contents(ofFile: path, limit: 64 << 20)) == digest { unlink(path) }
    }
  }

  /// What is wrong with the page: files of it that were changed or are gone, artifacts that are others now; a line each.
  /// - Parameter now: the digests of the artifacts there are.
  func problems(ofPage path: String, _ now: [String: String]) throws -> [String] {
    var problems: [String] = []
    for (file, digest) in [(path, page)] + pictures.sorted(by: { $0.key < $1.key }) {
      if !fileExists(file) {
        problems.append("\(file): is missing")
      } else if SHA256.hexDigest(of: try contents(ofFile: file, limit: 64 << 20)) != digest {
        problems.append("\(file): changed since it was made")
      }
    }
    let others = artifacts.filter { now[$0.key] != $0.value }.keys.sorted()
    if let first = others.first {
      let rest = others.count == 1 ? "" : " and \(others.count - 1) more"
      problems.append("\(path): stale: made from another \(first)\(rest); make report")
    }
    return problems
  }
}
