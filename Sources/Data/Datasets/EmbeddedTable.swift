/// A table that is compiled in: a line with the names of the columns, then a line for each row; cells are separated by tabs,
/// and "-" is nothing.
public struct EmbeddedTable: Sendable {
  /// Names of the columns.
  public let columns: [String]
  /// The rows in order.
  public let rows: [Row]

  /// A row's cells by column.
  public struct Row: Sendable {
    private let table: String
    private let line: Int
    private let cells: [String: String]

    fileprivate init(table: String, line: Int, cells: [String: String]) {
      self.table = table
      self.line = line
      self.cells = cells
    }
  }

  /// Splits a table's text.
  /// - Parameter name: the file's, for messages.
  /// - Throws: a row that has not a cell for every column, or columns of the same name.
  public init(name: String, _ text: [UInt8]) throws(EmbeddedTableError) {
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    columns = lines.first ?? []
    guard Set(columns).count == columns.count else {
      throw EmbeddedTableError(description: "\(name): two columns have the same name")
    }
    var rows: [Row] = []
    for (index, cells) in lines.enumerated().dropFirst() {
      guard cells.count == columns.count else {
        throw EmbeddedTableError(
          description: "\(name): line \(index + 1): expected \(columns.count) cells, found \(cells.count)")
      }
      rows.append(
        Row(table: name, line: index + 1, cells: Dictionary(uniqueKeysWithValues: zip(columns, cells))))
    }
    self.rows = rows
  }
}

extension EmbeddedTable.Row {
  /// A cell that is not empty.
  /// - Throws: where there is no such column, or nothing in it.
  public func text(_ column: String) throws(EmbeddedTableError) -> String {
    guard let cell = cells[column] else { throw problem(column, "no such column") }
    guard cell != "-", !cell.isEmpty else { throw problem(column, "nothing is there") }
    return cell
  }

  /// A cell as a value.
  /// - Throws: as `text`, and where `parse` returns nil.
  public func value<Value>(_ column: String, _ parse: (String) -> Value?) throws(EmbeddedTableError) -> Value {
    let text = try text(column)
    guard let value = parse(text) else { throw problem(column, "cannot be '\(text)'") }
    return value
  }

  /// The same; nil for "-".
  /// - Throws: as `value`, but for "-".
  public func valueIfAny<Value>(_ column: String, _ parse: (String) -> Value?) throws(EmbeddedTableError) -> Value? {
    cells[column] == "-" ? nil : try value(column, parse)
  }

  /// What is wrong with a cell.
  public func problem(_ column: String, _ text: String) -> EmbeddedTableError {
    EmbeddedTableError(description: "\(table): line \(line): \(column): \(text)")
  }
}

/// A mistake in a table that is compiled in: the program's, not the user's.
public struct EmbeddedTableError: Error, Equatable, CustomStringConvertible {
  /// File, line, column, what is wrong.
  public let description: String
}
