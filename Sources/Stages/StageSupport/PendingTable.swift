import Files

/// The three formats of a table, `PREFIX.md`, `.csv` and `.tex`, which come into place together: all are claimed before the work,
/// and whole before the first is moved, so that a full disk changes none.
public struct PendingTable: ~Copyable {
  /// Their extensions.
  public static let formats = ["md", "csv", "tex"]

  /// Its files, in the order of the formats.
  public static func files(_ prefix: String) -> [String] { formats.map { "\(prefix).\($0)" } }

  private let markdown: PendingFile
  private let csv: PendingFile
  private let latex: PendingFile

  /// Claims the files.
  /// - Throws: `FileError`.
  public init(prefix: String) throws {
    let markdown = try PendingFile(path: "\(prefix).md")
    let csv = try PendingFile(path: "\(prefix).csv")
    let latex = try PendingFile(path: "\(prefix).tex")
    self.markdown = markdown
    self.csv = csv
    self.latex = latex
  }

  /// Writes them beside their places.
  /// - Throws: `FileError`.
  public func write(markdown: String, csv: String, latex: String) throws {
    try self.markdown.write(markdown)
    try self.csv.write(csv)
    try self.latex.write(latex)
  }

  /// Moves them into place.
  /// - Throws: `FileError`.
  public consuming func publish() throws {
    try markdown.publish()
    try csv.publish()
    try latex.publish()
  }
}
