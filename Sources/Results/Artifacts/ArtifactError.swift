public import Failures

/// An artifact that is not what its reader needs.
public enum ArtifactError: Failure, Equatable {
  /// No artifact at all: an empty file, a text, a directory.
  case notAnArtifact(path: String, found: String)
  /// The bytes are not those that were written: damaged, truncated, or edited by another program.
  case changed(path: String, expected: String, found: String)
  /// An artifact of another kind.
  case wrongKind(path: String, expected: String, found: String)
  /// A version of the format that this program does not know.
  case unsupportedVersion(path: String, supported: Int, found: Int)
  /// An artifact that was never finished.
  case incomplete(path: String)
  /// A group, dataset or attribute that is not there.
  case missing(path: String, object: String)
  /// A dataset of another shape; -1 stands for any extent.
  case wrongShape(path: String, object: String, expected: [Int], found: [Int])
  /// A dataset or attribute of another type.
  case wrongType(path: String, object: String, expected: String, found: String)
  /// An array whose content is not the one its digest was made from.
  case digestMismatch(path: String, object: String, expected: String, found: String)
  /// A value that cannot be.
  case invalidValue(path: String, object: String, expected: String, found: String)

  /// Bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line: path, object, expected and found.
  public var description: String {
    switch self {
    case .notAnArtifact(let path, let found): "\(path): not an artifact: \(found)"
    case .changed(let path, let expected, let found):
      "\(path): damaged or changed since it was written: expected \(expected), found \(found); "
        + "remove it and make it again"
    case .wrongKind(let path, let expected, let found): "\(path): expected kind '\(expected)', found '\(found)'"
    case .unsupportedVersion(let path, let supported, let found):
      "\(path): expected format version \(supported), found \(found): "
        + (found < supported ? "made by an earlier version; remove it and make it again" : "made by a later version")
    case .incomplete(let path): "\(path): was never finished; remove it and make it again"
    case .missing(let path, let object): "\(path): \(object) is missing"
    case .wrongShape(let path, let object, let expected, let found):
      "\(path): \(object): expected shape \(Self.text(expected)), found \(Self.text(found))"
    case .wrongType(let path, let object, let expected, let found):
      "\(path): \(object): expected \(expected), found \(found)"
    case .digestMismatch(let path, let object, let expected, let found):
      "\(path): \(object): content does not match its digest: expected \(expected), found \(found); "
        + "remove the file and make it again"
    case .invalidValue(let path, let object, let expected, let found):
      "\(path): \(object): expected \(expected), found \(found)"
    }
  }

  private static func text(_ shape: [Int]) -> String {
    "[\(shape.map { $0 < 0 ? "any" : String($0) }.joined(separator: ", "))]"
  }
}
