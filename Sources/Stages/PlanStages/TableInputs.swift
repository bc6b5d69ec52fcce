import StageSupport
package import Artifacts
package import Configuration
import Digests
import Files
import JSON

/// What a table was made from, `tables/NAME.inputs.json` beside its formats: the digests of the artifacts it shows, of its
/// declaration and of the formats themselves. By that a table can be traced, and is known to be current or stale.
package struct TableInputs {
  /// A table as it was asked for.
  package struct Expected {
    /// Its path without extension.
    var prefix: String
    /// The directory of the artifacts.
    var root: String
    /// The declaration, without what no text of it depends on.
    var declaration: JSONValue
    /// The artifacts it shows.
    var paths: [String]

    /// A planned table. Where its artifacts stand, and the command that makes missing ones, change nothing that is shown once
    /// none is missing.
    package init(prefix: String, _ plan: PlannedTable, showing paths: [String]) {
      var declaration = plan.json
      for key in ["root", "command"] { declaration.replace([key], by: .null) }
      (self.prefix, root, self.declaration, self.paths) = (prefix, plan.root, declaration, paths)
    }

    /// The table of datasets.
    package init(prefix: String, root: String, datasets: [String], resolutions: [Int], profile: Profile) {
      (self.prefix, self.root) = (prefix, root)
      declaration = .object([
        "datasets": .array(datasets.map { .string($0) }), "profile": .string(profile.rawValue),
        "resolutions": .array(resolutions.map { .number(Double($0)) }),
      ])
      let tree = ArtifactTree(root: root)
      paths = datasets.flatMap { dataset in resolutions.map { tree.dataset(dataset, resolution: $0) } }
    }
  }

  /// The file of a table.
  package static func path(_ prefix: String) -> String { "\(prefix).inputs.json" }

  /// All files of a table, this one the last.
  package static func files(_ prefix: String) -> [String] { PendingTable.files(prefix) + [path(prefix)] }

  /// The text of the file.
  /// - Parameters:
  ///   - digests: those of the artifacts, by path.
  ///   - formats: the table's texts in the order of `PendingTable.formats`.
  package static func text(_ expected: Expected, from digests: [String: String], formats: [String]) -> String {
    content(expected, from: digests, formats: formats.map { SHA256.hexDigest(of: Array($0.utf8)) }).prettyText
  }

  private static func content(
    _ expected: Expected, from digests: [String: String], formats: [String]
  ) -> JSONValue {
    var inputs: [String: JSONValue] = [:]
    let tree = ArtifactTree(root: expected.root)
    for (path, digest) in digests { inputs[tree.belowRoot(path) ?? path] = .string(digest) }
    let declaration = SHA256.hexDigest(of: Array(expected.declaration.canonicalText.utf8))
    return .object([
      "software": .string("\(Software.name) \(Software.version)"), "declaration": .string(declaration),
      "artifacts": .object(inputs),
      "formats": .object(Dictionary(uniqueKeysWithValues: zip(PendingTable.formats, formats.map { .string($0) }))),
    ])
  }

  /// Why a table that is there is stale; nil if it is current.
  /// - Throws: `FileError`.
  static func change(of expected: Expected, from digests: [String: String]) throws -> String? {
    let formats = try PendingTable.files(expected.prefix).map {
      SHA256.hexDigest(of: try contents(ofFile: $0, limit: 64 << 20))
    }
    let path = Self.path(expected.prefix)
    guard let found = try? JSONValue(parsing: contents(ofFile: path), path: path) else {
      return "\(path) cannot be read"
    }
    let wanted = content(expected, from: digests, formats: formats)
    func differs(_ key: String) -> Bool { found.value(at: [key]) != wanted.value(at: [key]) }
    if differs("declaration") { return "declared or asked for in another way" }
    if differs("artifacts") { return "made from other artifacts" }
    if differs("formats") { return "changed since it was made" }
    return differs("software") ? "made by another version" : nil
  }
}
