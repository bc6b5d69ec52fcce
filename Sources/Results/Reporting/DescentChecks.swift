import Artifacts
import Datasets

// Evaluations that stand in one table are compared by where their models come from.

/// The images and results versions behind an evaluation: its own and those of every model before it.
private struct Source {
  let place: String
  /// Weights that were exported may come from any dataset.
  var isForeign = false
  let images: ImageDescent
  let resultsVersions: [Int]

  /// All that is behind a cell, the nearest first.
  static func all(of cell: TableCell) -> [Source] {
    guard let descent = cell.header.descent else { return [] }
    let own = Source(
      place: cell.path, images: descent.own.images, resultsVersions: [descent.own.images.resultsVersion])
    return [own]
      + descent.ancestors.map {
        Source(
          place: "\(cell.path) (its \($0.role.inWords))", isForeign: $0.role == .weights, images: $0.generation.images,
          resultsVersions: [$0.resultsVersion, $0.generation.images.resultsVersion])
      }
  }
}

extension InputRole {
  /// What an ancestor is called.
  var inWords: String {
    switch self {
    case .teacher: "teacher"
    case .initial: "distilled student"
    case .weights: "exported weights"
    case .raw, .dataset, .model, .scores: rawValue
    }
  }
}

/// - Throws: `ReportError` if a model, or one before it, was made by another version of the results than its evaluation, or
///   if two models of a dataset, or those before them, saw different images of one resolution.
func requireOneDescent(_ cells: [TableCell]) throws(ReportError) {
  var seen: [String: Source] = [:]
  for cell in cells {
    for source in Source.all(of: cell) {
      if let other = source.resultsVersions.first(where: { $0 != cell.header.resultsVersion }) {
        throw .mixed(
          .resultsVersion, first: cell.path, firstValue: "\(cell.header.resultsVersion)", second: source.place,
          secondValue: "\(other)")
      }
      guard !source.isForeign else { continue }
      let key = "\(cell.header.dataset) \(source.images.resolution)"
      guard let first = seen[key] else {
        seen[key] = source
        continue
      }
      if first.images.imagesSHA256 != source.images.imagesSHA256 {
        throw .mixed(
          .images, first: first.place, firstValue: first.images.inWords, second: source.place,
          secondValue: source.images.inWords)
      }
    }
  }
}

extension ImageDescent {
  /// "of the published breastmnist.npz (SHA-256 …)", for a message that they differ from others.
  fileprivate var inWords: String { "\(imagesSHA256.prefix(12))… of \(sourceText)" }
}
