import Artifacts
import Configuration
import Files
import PlanStages
import Reporting

/// Reads the students behind evaluations, each once, however many pictures are made of it.
final class StudentReader {
  /// A student, its settings and the path of its file.
  typealias Found = (student: StudentArtifact, settings: StudentSettings, path: String)

  private let tree: ArtifactTree
  private var found: [String: Found] = [:]

  init(tree: ArtifactTree) { self.tree = tree }

  /// The student that an evaluation is of; nil for another kind of model, and where its file is not there.
  /// - Throws: `FileError`, `ArtifactError`, `SettingsError`.
  func student(of cell: TableCell) throws -> Found? {
    guard cell.model.regime == .scratch || cell.model.regime == .kd,
      let input = cell.header.inputs.first(where: { $0.role == .model }),
      let path = tree.path(of: input, for: cell.header)
    else { return nil }
    if let known = found[path] { return known }
    guard try isPresent(path) else { return nil }
    let student = try StudentArtifact.read(path: path).student
    let new = (student, try StudentSettings(recordedIn: student.header, path: path), path)
    found[path] = new
    return new
  }

  /// The first student that is there of several evaluations; the others are not read.
  /// - Throws: `FileError`, `ArtifactError`, `SettingsError`.
  func first(of cells: [TableCell]) throws -> Found? {
    for cell in cells {
      if let student = try student(of: cell) { return student }
    }
    return nil
  }
}
