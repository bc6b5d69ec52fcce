import Glibc

/// Compares a text with a committed snapshot under `Tests/Fixtures`: `#expect(try snapshotDifference(…) == nil)`.
///
/// With `QVIT_RECORD_SNAPSHOTS=1` in the environment the snapshot is written anew instead, and that is reported as a
/// difference, so that a recording run never passes for a check.
/// - Returns: the first line that differs; nil if none does.
public func snapshotDifference(_ text: String, _ name: String) throws -> String? {
  let path = Fixtures.path(name)
  if getenv("QVIT_RECORD_SNAPSHOTS") != nil {
    guard let file = fopen(path, "w") else { throw NPZ.Problem(description: "\(path): cannot write") }
    defer { fclose(file) }
    fputs(text, file)
    return "recorded \(name); run again without QVIT_RECORD_SNAPSHOTS"
  }
  let expected = try Fixtures.text(name)
  if text == expected { return nil }
  let foundLines = text.split(separator: "\n", omittingEmptySubsequences: false)
  let expectedLines = expected.split(separator: "\n", omittingEmptySubsequences: false)
  let line = zip(foundLines, expectedLines).prefix { $0 == $1 }.count
  return "\(name), line \(line + 1): found \(foundLines.dropFirst(line).first ?? "the end"), "
    + "expected \(expectedLines.dropFirst(line).first ?? "the end")"
}
