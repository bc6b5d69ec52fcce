public import Failures

/// What can be wrong with a dataset or with a request for one.
public enum DatasetError: Failure, Equatable {
  /// A field of a file, or of a member of an archive, is not what it must be.
  case mismatch(path: String, member: String?, field: String, expected: String, found: String)
  /// The whole file is not the published one, and unofficial files were not allowed.
  case unofficial(path: String, dataset: String, resolution: Int, expectedMD5: String?, foundMD5: String)
  /// A class has too few slices, volumes or participants to be in all three splits.
  case tooFewGroups(path: String, className: String, level: String, found: Int)
  /// There is no dataset of this name.
  case unknownName(String, known: [String])
  /// There are no sample images at this resolution.
  case unknownResolution(Int, known: [Int])

  /// Usage for a wrong name or resolution, bad data otherwise.
  public var kind: FailureKind {
    switch self {
    case .mismatch, .unofficial, .tooFewGroups: .badData
    case .unknownName, .unknownResolution: .usage
    }
  }

  /// One line: path, member, field, expected and found.
  public var description: String {
    switch self {
    case .mismatch(let path, let member, let field, let expected, let found):
      "\(path): \(member.map { "\(printable($0)): " } ?? "")\(field): expected \(expected), found \(printable(found))"
    case .unofficial(let path, let dataset, let resolution, let expectedMD5?, let foundMD5):
      "\(path): MD5: expected \(expectedMD5) (the official \(dataset) at \(resolution)), found \(foundMD5); "
        + "--allow-unofficial takes the file and marks every result as unofficial"
    case .unofficial(let path, let dataset, let resolution, nil, let foundMD5):
      "\(path): MD5: expected an official file, but none is known for \(dataset) at \(resolution), found \(foundMD5); "
        + "--allow-unofficial takes the file and marks every result as unofficial"
    case .tooFewGroups(let path, let className, let level, 2):
      "\(path): \(level)s: expected at least 3 in class '\(className)', one each for train, val and test, found 2; "
        + "--allow-missing-val puts one in train and one in test, none in val"
        + (level == "participant" ? ", --split slice or volume divides their images and leaks" : "")
    case .tooFewGroups(let path, let className, let level, let found):
      "\(path): \(level)s: expected at least 3 in class '\(className)', one each for train, val and test, found \(found)"
    case .unknownName(let name, let known):
      "dataset: expected one of \(known.joined(separator: ", ")), found '\(printable(name))'"
        + Failures.suggestion(for: name, among: known)
    case .unknownResolution(let found, let known):
      "resolution: expected one of \(known.map(String.init).joined(separator: ", ")), found \(found)"
    }
  }
}

/// `text` from a file as it may stand in a message: at most 120 characters, control characters replaced.
private func printable(_ text: String) -> String {
  let clean = text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : Character($0) }
  return clean.count <= 120 ? String(clean) : String(clean.prefix(117)) + "..."
}
