import Datasets
import Digests

extension DatasetArtifact {
  /// These images, as what is made from them records them.
  /// - Throws: `ArtifactError`, `HDF5Error`.
  public func asDescent() throws -> ImageDescent {
    var (images, labels) = (SHA256(), SHA256())
    for split in Split.allCases {
      let name = Array("\(split.rawValue) \(count(of: split))\n".utf8)
      let digests = self.images[split]?.digests ?? []
      let classes = try self.labels(split)
      for part in [name, classes] { part.withUnsafeBytes { labels.update($0) } }
      for part in [name, classes, digests] { part.withUnsafeBytes { images.update($0) } }
    }
    return ImageDescent(
      contentSHA256: contentSHA256, resultsVersion: header.resultsVersion, resolution: header.resolution,
      origin: header.origin, source: contents.source, imagesSHA256: images.finalize(),
      labelsSHA256: labels.finalize())
  }
}
