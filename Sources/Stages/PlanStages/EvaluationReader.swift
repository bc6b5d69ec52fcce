import Artifacts
package import Configuration
import Files
package import Reporting

/// Reads the evaluations that planned tables show, each once, however many tables, and claims, ask for it.
package final class EvaluationReader {
  /// An evaluation with the digest of its file.
  package typealias Found = (cell: TableCell, contentSHA256: String)

  private var found: [String: Found] = [:]

  package init() {}

  /// A planned table from the evaluations there are, with the digests of their files by path.
  /// - Throws: `ReportError`, `ArtifactError`, `SettingsError`, `FileError`.
  package func table(of plan: PlannedTable) throws -> (table: ResultTable, digests: [String: String]) {
    _ = try ArtifactTree(existing: plan.root)
    let found = try evaluations(of: plan)
    let table = try ResultTable(plan, softwareVersion: Software.version, cells: found.map(\.cell))
    return (table, Dictionary(uniqueKeysWithValues: found.map { ($0.cell.path, $0.contentSHA256) }))
  }

  /// The evaluations of a table that are there, in the order of its rows, datasets and seeds.
  /// - Throws: `FileError`, `ArtifactError`, `SettingsError`.
  package func evaluations(of plan: PlannedTable) throws -> [Found] {
    let tree = ArtifactTree(root: plan.root)
    return try plan.rows.flatMap { row in
      try plan.datasets.flatMap { dataset in
        try plan.seeds(of: row, dataset: dataset).compactMap { seed in
          try read(tree.evaluation(row.model, dataset: dataset, resolution: row.resolution, seed: seed))
        }
      }
    }
  }

  private func read(_ path: String) throws -> Found? {
    if let known = found[path] { return known }
    guard try isPresent(path) else { return nil }
    let (evaluation, digest) = try EvaluationArtifact.read(path: path)
    let new = (try TableCell(evaluation, path: path), digest)
    found[path] = new
    return new
  }
}

extension ArtifactTree {
  /// The tree of a profile, which must be there: nothing below a directory that is not would be told from results that are
  /// missing.
  /// - Throws: `FileError`.
  package init(existing root: String) throws {
    _ = try DirectoryListing(path: root)
    self.init(root: root)
  }
}
