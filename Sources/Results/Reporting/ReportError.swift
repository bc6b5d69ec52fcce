public import Failures

/// Why evaluations cannot stand in one table.
public enum ReportError: Failure, Equatable {
  /// What two files must have in common.
  public enum Field: String, Sendable {
    /// The version of the results.
    case resultsVersion = "results version"
    /// The settings the seeds of one entry were trained with: the first that differs.
    case settings = "setting"
    /// The images that models of one dataset saw at one resolution.
    case images = "images"
  }

  /// Two files that differ in what they must share.
  case mixed(Field, first: String, firstValue: String, second: String, secondValue: String)
  /// Two files for one place in the table.
  case twice(place: String, first: String, second: String)
  /// A file that has no place in the table: its row, dataset or seed was not asked for.
  case noPlace(path: String, place: String)
  /// A file of another profile than the one that was asked for.
  case wrongProfile(path: String, found: String, expected: String)

  /// Bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line: the files and both values.
  public var description: String {
    switch self {
    case .mixed(let field, let first, let firstValue, let second, let secondValue):
      "\(second): \(field.rawValue) \(secondValue), but \(first) has \(firstValue); one table needs the same"
    case .twice(let place, let first, let second): "\(second): \(place) is already given by \(first)"
    case .noPlace(let path, let place): "\(path): \(place) is not part of the table"
    case .wrongProfile(let path, let found, let expected): "\(path): profile \(found), expected \(expected)"
    }
  }
}
