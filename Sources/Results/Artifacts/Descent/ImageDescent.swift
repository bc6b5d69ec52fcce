public import Datasets

/// The images that a model was made from, as far as one must know to tell whether two models were made from the same.
public struct ImageDescent: Sendable, Equatable {
  /// `content_sha256` of the dataset artifact.
  public var contentSHA256: String
  /// The results version of the program that prepared them.
  public var resultsVersion: Int
  /// Their side in pixels.
  public var resolution: Int
  /// Whether they are the published ones.
  public var origin: ImageOrigin
  /// The file, folder or generator they come from.
  public var source: SourceDigest
  /// SHA-256 over the splits with labels and SHA-256 of every image: the same images in the same order.
  public var imagesSHA256: String
  /// SHA-256 over the splits with their labels.
  public var labelsSHA256: String

  /// Images from their parts.
  public init(
    contentSHA256: String, resultsVersion: Int, resolution: Int, origin: ImageOrigin, source: SourceDigest,
    imagesSHA256: String, labelsSHA256: String
  ) {
    self.contentSHA256 = contentSHA256
    self.resultsVersion = resultsVersion
    self.resolution = resolution
    self.origin = origin
    self.source = source
    self.imagesSHA256 = imagesSHA256
    self.labelsSHA256 = labelsSHA256
  }

  /// What a comparison of two datasets finds.
  public enum Likeness: Sendable, Equatable {
    /// The same images in the same splits and order, perhaps at another resolution.
    case same
    /// The same labels; the images come from files of which nobody knows whether they show the same.
    case labelsOnly
    /// Other images, or the same ones divided otherwise.
    case different
  }

  /// Whether these are the same images as others, in the same splits and order, whatever the resolution.
  ///
  /// At one resolution the images themselves are compared, at two their sources: folders by manifest, which names file,
  /// digest, class and split of each image, a generator by its version, files by whether both are the published ones.
  public func likeness(to other: ImageDescent) -> Likeness {
    guard labelsSHA256 == other.labelsSHA256 else { return .different }
    guard resolution != other.resolution else { return imagesSHA256 == other.imagesSHA256 ? .same : .different }
    switch (source, other.source) {
    case (.folder(_, let sha256), .folder(_, let otherSHA256)): return sha256 == otherSHA256 ? .same : .different
    case (.generator, .generator): return source == other.source ? .same : .different
    case (.file, .file): return origin == .official && other.origin == .official ? .same : .labelsOnly
    default: return .different
    }
  }
}
