import Datasets
import Files

/// The Clinical Dementia Rating of each visit, from OASIS-1's table `oasis_cross-sectional.csv`.
struct ClinicalTable {
  /// The class of each visit, `OAS1_0001_MR1`, by its rating; nil where none was given (young people, repeated visits).
  private(set) var labels: [String: Int?] = [:]

  static let sizeLimit = 16 << 20
  /// Ratings in the order of the classes: none, very mild, mild, moderate.
  static let ratings = [0, 0.5, 1, 2]

  /// Reads the columns `ID` and `CDR`; others may stand before, between and behind them.
  /// - Throws: `FileError`, `FileTooLarge`, `TextError`; `DatasetError.mismatch` naming the line.
  init(path: String) throws {
    let lines = try textLines(ofFile: path, limit: Self.sizeLimit)
    func mismatch(_ line: Int, _ expected: String, _ found: some StringProtocol) -> DatasetError {
      .mismatch(path: path, member: nil, field: "line \(line)", expected: expected, found: "'\(found)'")
    }
    let names = Self.fields(lines[0])
    guard let identity = names.firstIndex(of: "ID"), let rating = names.firstIndex(of: "CDR") else {
      throw mismatch(1, "a header with the columns ID and CDR", lines[0])
    }
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      let fields = Self.fields(line)
      guard fields.count == names.count else {
        throw mismatch(index + 1, "\(names.count) fields", line)
      }
      let visit = fields[identity]
      guard visit.wholeMatch(of: /OAS1_\d{4}_MR\d/) != nil else {
        throw mismatch(index + 1, "an ID like OAS1_0001_MR1", visit)
      }
      var label: Int?
      if !["", "N/A", "NA"].contains(fields[rating]) {
        guard let found = Double(fields[rating]), let place = Self.ratings.firstIndex(of: found) else {
          throw mismatch(index + 1, "a CDR of 0, 0.5, 1, 2 or none", fields[rating])
        }
        label = place
      }
      guard labels.updateValue(label, forKey: visit) == nil else {
        throw mismatch(index + 1, "each ID once", "\(visit) again")
      }
    }
  }

  /// The fields of a line; double quotes around one are taken off.
  private static func fields(_ line: Substring) -> [String] {
    line.split(separator: ",", omittingEmptySubsequences: false).map { field in
      let text = String(field).trimmed
      return text.count >= 2 && text.first == "\"" && text.last == "\"" ? String(text.dropFirst().dropLast()) : text
    }
  }
}

extension String {
  /// Without spaces at both ends.
  fileprivate var trimmed: String {
    let start = drop { $0 == " " }
    return String(start.reversed().drop { $0 == " " }.reversed())
  }
}
