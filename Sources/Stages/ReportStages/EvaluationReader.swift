import Artifacts
import Configuration
import Files
import Reporting

/// Reads the evaluations that planned tables show, each once, however many tables, and claims, ask for it.
final class EvaluationReader {
  /// An evaluation with the digest of its file.
  typealias Found = (cell: TableCell, contentSHA256: String)

  private var found: [String: Found] = [:]

  /// The evaluations of a table that are there, in the order of its rows, datasets and seeds.
  /// - Throws: `FileError`, `ArtifactError`, `SettingsError`.
  func evaluations(of plan: PlannedTable) throws -> [Found] {
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
