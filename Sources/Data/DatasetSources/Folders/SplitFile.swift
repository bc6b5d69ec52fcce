import Datasets
import Files

/// A list of images and their splits: CSV with the header `path,split`, paths below the folder of the dataset, splits
/// `train`, `val` or `test`. A path may stand in double quotes, a quote inside written twice.
struct SplitFile {
  /// Splits by path.
  private(set) var splits: [String: Split] = [:]

  static let sizeLimit = 256 << 20

  /// - Throws: `FileError`, `FileTooLarge`, `TextError`; `DatasetError.mismatch` naming the line.
  init(path: String) throws {
    let lines = try textLines(ofFile: path, limit: Self.sizeLimit)
    func mismatch(_ line: Int, _ expected: String, _ found: some StringProtocol) -> DatasetError {
      .mismatch(path: path, member: nil, field: "line \(line)", expected: expected, found: "'\(found)'")
    }
    guard lines[0] == "path,split" else { throw mismatch(1, "'path,split'", lines[0]) }
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      guard let (file, name) = Self.fields(line) else { throw mismatch(index + 1, "two fields, path,split", line) }
      guard let split = Split(rawValue: name) else { throw mismatch(index + 1, "train, val or test", name) }
      guard splits.updateValue(split, forKey: file) == nil else {
        throw mismatch(index + 1, "each path once", "\(file) again")
      }
    }
  }

  private static func fields(_ line: Substring) -> (String, String)? {
    if let match = line.wholeMatch(of: /"((?:[^"]|"")+)",([^,"]*)/) {
      return (String(match.1).replacing("\"\"", with: "\""), String(match.2))
    }
    guard let match = line.wholeMatch(of: /([^,"]+),([^,"]*)/) else { return nil }
    return (String(match.1), String(match.2))
  }
}
