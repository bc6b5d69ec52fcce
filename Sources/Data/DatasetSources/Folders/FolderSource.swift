public import Digests
public import Datasets
import Files
import VectorMath

/// Images of one's own: a folder for each class with PNG or JPEG files in it. The classes are the folders' names, sorted.
public struct FolderSource: ImageSource, Sendable {
  /// How images are divided.
  public enum Division: Sendable, Equatable {
    /// As a list says: CSV with the header `path,split`.
    case file(String)
    /// By chance, each class in these proportions.
    case ratios(SplitRatios, seed: UInt64)
  }

  /// The dataset.
  public let description: DatasetDescription
  private let images: FolderImages

  /// Reads names, splits and digests; pixels follow with `readImages`.
  /// - Parameters:
  ///   - directory: the folder with the class folders in it.
  ///   - name: name of the dataset in options, paths and artifacts.
  ///   - channels: 1 (grey) or 3 (red, green, blue).
  ///   - progress: is told the images digested.
  /// - Throws: `FileError`, `FileTooLarge`, `DatasetError`.
  public init(
    directory: String, name: String, resolution: Int, channels: Int, division: Division,
    progress: DigestProgress = { _, _ in }
  ) throws {
    let listing = try DirectoryListing(path: directory)
    guard (2...256).contains(listing.directories.count) else {
      throw DatasetError.mismatch(
        path: directory, member: nil, field: "class folders", expected: "2 to 256",
        found: "\(listing.directories.count)")
    }
    let folders = try listing.directories.map { try ClassFolder(path: "\(directory)/\($0)") }
    var entries: [FolderImages.Entry] = []
    for (label, folder) in folders.enumerated() {
      let name = listing.directories[label]
      let splits = try Self.splits(of: folder, name: name, division)
      for file in folder.files {
        let path = "\(name)/\(file)"
        // The list is looked at below, where a path that is missing can be told.
        entries.append(.init(file: path, label: label, split: splits[file] ?? .train))
      }
    }
    if case .file(let path) = division { try Self.divide(&entries, by: path) }
    images = try FolderImages(
      directory: directory, entries: entries, resolution: resolution, channels: channels, progress: progress)
    description = DatasetDescription(
      name: name, title: name, task: folders.count == 2 ? .binary : .multiClass, channels: channels,
      classNames: listing.directories, officialCounts: nil, licence: "not stated", citation: "not stated",
      officialFiles: [:])
  }

  private static func splits(of folder: ClassFolder, name: String, _ division: Division) throws -> [String: Split] {
    guard case .ratios(let ratios, let seed) = division else { return [:] }
    guard folder.files.count >= 3 else {
      throw DatasetError.mismatch(
        path: folder.path, member: nil, field: "images", expected: "at least 3, for train, val and test",
        found: "\(folder.files.count)")
    }
    var stream = RandomStream(seed: seed, purpose: "split \(name)")
    return SplitRatios.assign(folder.files, counts: ratios.counts(of: folder.files.count), &stream)
  }

  /// - Throws: `DatasetError.mismatch` unless the list names exactly the images there are.
  private static func divide(_ entries: inout [FolderImages.Entry], by path: String) throws {
    var splits = try SplitFile(path: path).splits
    for index in entries.indices {
      let file = entries[index].file
      guard let split = splits.removeValue(forKey: file) else {
        throw DatasetError.mismatch(
          path: path, member: nil, field: "paths", expected: "every image", found: "no line for \(file)")
      }
      entries[index].split = split
    }
    if let file = splits.keys.min() {
      throw DatasetError.mismatch(
        path: path, member: nil, field: "paths", expected: "images that are there", found: "\(file), which is not")
    }
  }

  /// Height and width in pixels.
  public var resolution: Int { images.resolution }
  /// Never: nobody published these.
  public var isOfficial: Bool { false }
  /// The folder's name and the digest of its manifest.
  public var digest: SourceDigest { images.digest }
  /// None.
  public var notices: [String] { [] }
  /// One row for each image.
  public var manifest: [ManifestRow] { images.manifest }
  /// Number of images of a split.
  public func count(of split: Split) -> Int { images.rows[split, default: []].count }
  /// The labels of a split.
  public func labels(_ split: Split) -> [Int] { images.labels(split) }

  /// Decodes and resizes the images of a split.
  /// - Throws: `FileError`, `ImageError`, `DatasetError`, or what `body` throws.
  public func readImages(
    _ split: Split, batch: Int, _ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void
  ) throws {
    try images.readImages(split, batch: batch, body)
  }
}
