import Artifacts
import Datasets
import Digests
import Files
import SafeTensors

/// A weights file that a teacher begins with, and what is known of it: what we exported says what it is, any other is taken as
/// it is given.
struct WeightsFile {
  let asInput: ArtifactInput
  let start: StartingWeights
  let ancestors: [Ancestor]

  /// Whether the file says that its first ancestor began with random weights.
  var isKnownAsRandom: Bool { ancestors.compactMap(\.generation.start).last == .random }

  /// The digest of the published file whose name this one has; nil where it is that file, or where no digest is known.
  var contradictedDigest: String? {
    guard case .asGiven(let name, let sha256) = start, let known = PublishedWeights.named(name)?.sha256 else {
      return nil
    }
    return known == sha256 ? nil : known
  }

  /// - Throws: `FileError`, `SafeTensorsError`, `SettingsError`.
  init(path: String) throws {
    let sha256 = try digests(of: InputFile(path: path)).sha256
    let name = fileName(of: path)
    asInput = ArtifactInput(role: .weights, fileName: name, contentSHA256: sha256)
    let file = try SafeTensorsFile(path: path)
    guard let exported = try ExportedTeacher(file) else {
      start = .asGiven(fileName: name, sha256: sha256)
      ancestors = []
      return
    }
    start = .exported(fileName: name, sha256: sha256)
    ancestors = exported.asAncestors(fileSHA256: sha256)
  }
}
