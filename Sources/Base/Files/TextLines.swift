public import Failures

/// The lines of a text file in UTF-8, without their ends; a byte order mark at the beginning, as spreadsheets write it, is left
/// out.
/// - Throws: `FileError`, `FileTooLarge`; `TextError` for other bytes, or for a line that is no line of a list.
public func textLines(ofFile path: String, limit: Int) throws -> [Substring] {
  let bytes = try contents(ofFile: path, limit: limit)
  guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]) else {
    throw TextError(path: path, line: 1, found: "UTF-16")
  }
  let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
  for (index, line) in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
    guard line.count <= TextError.longestLine else {
      throw TextError(path: path, line: index + 1, found: "\(line.count) bytes")
    }
    guard String(validating: line, as: UTF8.self) != nil else {
      throw TextError(path: path, line: index + 1, found: "other bytes")
    }
  }
  return String(decoding: body, as: UTF8.self).split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
}

/// A file that is no list of lines of text.
public struct TextError: Failure, Equatable {
  /// The longest line accepted, in bytes.
  public static let longestLine = 1 << 16

  /// The file.
  public var path: String
  /// The line, from 1.
  public var line: Int
  /// What stands there.
  public var found: String

  /// Bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line: path, line, expected and found.
  public var description: String {
    "\(path): line \(line): expected at most \(Self.longestLine) bytes of text in UTF-8, found \(found)"
  }
}
