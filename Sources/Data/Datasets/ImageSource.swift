/// Where the images of a dataset come from: an official file, generated samples, a folder.
///
/// Images are `UInt8 [N, H, W, C]`, row-major, H = W = `resolution`; they come in batches, in the order of the labels, and
/// a source never holds a whole split in memory.
public protocol ImageSource {
  /// The dataset.
  var description: DatasetDescription { get }
  /// Height and width in pixels.
  var resolution: Int { get }
  /// Whether these are exactly the published images.
  var isOfficial: Bool { get }
  /// What identifies the images in an artifact.
  var digest: SourceDigest { get }
  /// Whether images of one patient can be in several splits, so that scores come out too high.
  var isLeaking: Bool { get }
  /// Where each image comes from, in the order of splits and images; empty where there are no single files.
  var manifest: [ManifestRow] { get }
  /// Images that are in no split, because they cannot be read and it was allowed to leave them out.
  var leftOut: [LeftOutImage] { get }
  /// Remarks for the user about images that are usable but not as published; one line each.
  var notices: [String] { get }

  /// Number of images of a split, at least 1.
  func count(of split: Split) -> Int

  /// The labels of a split, `0 ..< description.classes`.
  func labels(_ split: Split) throws -> [Int]

  /// Calls `body(images, count)` for each batch: `count` images `[count, H, W, C]`, valid during the call; `count` is
  /// `batch` except in the last call.
  /// - Throws: a failure of the source, or what `body` throws. Only when it returns are all images known to be undamaged.
  func readImages(_ split: Split, batch: Int, _ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void) throws
}

extension ImageSource {
  /// Not known to.
  public var isLeaking: Bool { false }

  /// None.
  public var manifest: [ManifestRow] { [] }

  /// None.
  public var leftOut: [LeftOutImage] { [] }

  /// Stored channels, 1 or 3.
  public var channels: Int { description.channels }

  /// Bytes of one image, H · W · C.
  public var imageSize: Int { resolution * resolution * channels }
}

/// What identifies the images of a source: the same digest means the same images.
public enum SourceDigest: Sendable, Equatable {
  /// A file, by its name without directory and the digests of its bytes in hexadecimal.
  case file(name: String, md5: String, sha256: String)
  /// A folder of images, by its name and the SHA-256 of its manifest in hexadecimal.
  case folder(name: String, sha256: String)
  /// A generator, by its name and the version of its pictures.
  case generator(name: String, version: Int)
}
