package import Reporting

extension ResultTable {
  /// The table in each of `PendingTable.formats`.
  package var files: [String] { [markdown(), csv(), latex()] }
}

extension DatasetTable {
  /// The table in each of `PendingTable.formats`.
  package var files: [String] { [markdown(), csv(), latex()] }
}
