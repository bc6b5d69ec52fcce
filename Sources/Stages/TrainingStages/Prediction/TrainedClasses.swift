import Artifacts
import Datasets
import Files

/// What the classes of a trained model are called, and how its images looked. A model's artifact does not say it: its dataset's
/// does, or the catalogue.
struct TrainedClasses {
  private let artifact: DatasetArtifact?
  private let description: DatasetDescription?

  /// - Parameter data: the dataset artifact; where it is not given, one stands where the pipeline would have it, or none.
  /// - Throws: `ArtifactError` if a dataset artifact is not the one the model was trained on.
  init(of model: String, data: String?) throws {
    let header = try readHeader(model).header
    let input = header.inputs.first { $0.role == .dataset }
    let besides = input.map { "\(directoryName(of: model))/../../data/\($0.fileName)" } ?? ""
    let path = data ?? (fileExists(besides) ? besides : nil)
    var artifact = try path.map { try DatasetArtifact(path: $0) }
    if let found = artifact, found.contentSHA256 != input?.contentSHA256 {
      // One that was named must be the right one; another beside it only happens to be there.
      if data != nil { try found.requireSource(of: header, model) }
      artifact = nil
    }
    self.artifact = artifact
    description = Catalogue.all.first { $0.name == header.dataset }
  }

  /// Channels of the training images; 3 where nobody knows.
  var channels: Int { artifact?.contents.channels ?? description?.channels ?? 3 }

  /// How scores become metrics.
  func task(count: Int) -> ClassificationTask {
    artifact?.contents.task ?? description?.task ?? (count == 2 ? .binary : .multiClass)
  }

  /// The names of the classes where somebody knows them.
  var knownNames: [String]? { artifact?.contents.classNames ?? description?.classNames }

  /// The names of the model's classes.
  /// - Throws: `ArtifactError` if the dataset has another number of them.
  func names(count: Int, path: String) throws -> [String] {
    let names = knownNames ?? (0..<count).map { "class \($0)" }
    try requireEqual(path, "/classes", expected: names.count, found: count, because: "those of its dataset")
    return names
  }
}
