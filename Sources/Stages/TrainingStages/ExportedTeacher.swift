import Artifacts
import JSON
import SafeTensors

/// What exported weights say of themselves, in the metadata of their file: read again, they are known for what they are.
struct ExportedTeacher {
  let software: String
  let resultsVersion: Int
  let seed: UInt64
  let descent: Descent

  private static let (softwareKey, resultsVersionKey, seedKey, descentKey) =
    ("qvit.software", "qvit.results_version", "qvit.seed", "qvit.descent")

  /// The teacher with this header.
  /// - Precondition: it has a descent.
  init(_ header: ArtifactHeader) {
    guard let descent = header.descent else { preconditionFailure("a teacher without descent") }
    (software, resultsVersion, seed) = (header.software, header.resultsVersion, header.seed)
    self.descent = descent
  }

  /// What a file says; nil if it says nothing of the kind.
  /// - Throws: `SettingsError`, `SafeTensorsError` for a file that says it wrongly.
  init?(_ file: borrowing SafeTensorsFile) throws {
    guard let text = file.metadata[Self.descentKey] else { return nil }
    let path = file.path
    func number(_ key: String, _ text: String?) throws -> Int {
      guard let value = text.flatMap({ Int($0) }), (0...Int(Int32.max)).contains(value) else {
        throw SafeTensorsError(
          path: path, field: "__metadata__", message: "\(key): expected a number from 0 to \(Int32.max)")
      }
      return value
    }
    descent = try Descent(parsing: text, path: path)
    software = file.metadata[Self.softwareKey] ?? "unknown"
    resultsVersion = try number(Self.resultsVersionKey, file.metadata[Self.resultsVersionKey])
    seed = UInt64(try number(Self.seedKey, file.metadata[Self.seedKey]))
  }

  /// The strings of the file; `format` is what timm's readers ask for.
  var metadata: [String: String] {
    [
      "format": "pt", Self.softwareKey: software, Self.resultsVersionKey: "\(resultsVersion)", Self.seedKey: "\(seed)",
      Self.descentKey: descent.json.canonicalText,
    ]
  }

  /// As ancestors of a teacher that begins with the file.
  func asAncestors(fileSHA256: String) -> [Ancestor] {
    descent.asAncestors(
      role: .weights, contentSHA256: fileSHA256, software: software, resultsVersion: resultsVersion, seed: seed)
  }
}
