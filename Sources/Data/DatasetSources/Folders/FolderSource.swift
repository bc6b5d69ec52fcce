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
    /// As the folders say: train, val and test, each with the class folders in it.
    case folders
  }

  /// The dataset.
  public let description: DatasetDescription
  private let images: FolderImages

  /// Reads names, splits and digests; pixels follow with `readImages`.
  /// - Parameters:
  ///   - directory: the folder with the class folders in it.
  ///   - name: name of the dataset in options, paths and artifacts.
  ///   - channels: 1 (grey) or 3 (red, green, blue).
  ///   - skipsUnreadable: leaves out files that are no images, and pictures that cannot be decoded, which otherwise
  ///     `readImages` refuses.
  ///   - progress: is told the images digested.
  /// - Throws: `FileError`, `FileTooLarge`, `DatasetError`; `UnreadableImages` with all files that are no images.
  public init(
    directory: String, name: String, resolution: Int, channels: Int, division: Division,
    skipsUnreadable: Bool = false, progress: DigestProgress = { _, _ in }
  ) throws {
    let groups = try division == .folders ? Self.dividedGroups(in: directory) : Self.groups(in: directory)
    let classNames = Set(groups.map(\.className)).sorted()
    var entries: [FolderImages.Entry] = []
    for group in groups {
      let splits = try Self.splits(of: group, division)
      for file in group.folder.files {
        // A list is looked at below, where a path that is missing can be told.
        entries.append(
          .init(
            file: "\(group.path)/\(file)", label: classNames.firstIndex(of: group.className) ?? 0,
            split: group.split ?? splits[file] ?? .train))
      }
    }
    if case .file(let path) = division { try Self.divide(&entries, by: path) }
    images = try FolderImages(
      directory: directory, entries: entries, resolution: resolution, channels: channels,
      skipsUnreadable: skipsUnreadable, others: groups.flatMap { $0.folder.others(below: $0.path) }, progress: progress)
    description = DatasetDescription(
      name: name, title: name, task: classNames.count == 2 ? .binary : .multiClass, channels: channels,
      classNames: classNames, officialCounts: nil, licence: "not stated", citation: "not stated",
      officialFiles: [:])
  }

  // MARK: Folders

  /// The images of a class, or those of a class in one split.
  private struct Group {
    var className: String
    /// Below the folder of the dataset.
    var path: String
    var folder: ClassFolder
    /// Where the folders say it.
    var split: Split?
  }

  /// What folders of splits are called: as here, or as Keras and Kaggle call them.
  private static let splitNames: [String: Split] = [
    "train": .train, "training": .train, "val": .val, "valid": .val, "validation": .val, "test": .test,
    "testing": .test,
  ]

  private static func groups(in directory: String, below path: String = "", split: Split? = nil) throws -> [Group] {
    let place = path.isEmpty ? directory : "\(directory)/\(path)"
    let names = try DirectoryListing(path: place).directories
    guard (2...256).contains(names.count) else {
      throw DatasetError.mismatch(
        path: place, member: nil, field: "class folders", expected: "2 to 256", found: "\(names.count)")
    }
    if split == nil, Set(names.map { splitNames[$0.lowercased()] }) == Set(Split.allCases) {
      throw DatasetError.mismatch(
        path: place, member: nil, field: "class folders", expected: "a folder for each class",
        found: "\(names.joined(separator: ", ")): if these are the splits, give --divided")
    }
    return try names.map { name in
      let below = path.isEmpty ? name : "\(path)/\(name)"
      return Group(
        className: name, path: below, folder: try ClassFolder(path: "\(directory)/\(below)"), split: split)
    }
  }

  /// - Throws: `DatasetError.mismatch` unless there are three splits of the same classes.
  private static func dividedGroups(in directory: String) throws -> [Group] {
    var folders: [Split: String] = [:]
    func mismatch(_ found: String) -> DatasetError {
      .mismatch(path: directory, member: nil, field: "split folders", expected: "train, val and test", found: found)
    }
    for name in try DirectoryListing(path: directory).directories {
      guard let split = splitNames[name.lowercased()] else { throw mismatch("also \(name)") }
      if let other = folders.updateValue(name, forKey: split) { throw mismatch("both \(other) and \(name)") }
    }
    let groups = try Split.allCases.map { split in
      guard let name = folders[split] else { throw mismatch("no \(split.rawValue)") }
      return try Self.groups(in: directory, below: name, split: split)
    }
    for (split, other) in zip(Split.allCases, groups).dropFirst()
    where other.map(\.className) != groups[0].map(\.className) {
      throw DatasetError.mismatch(
        path: "\(directory)/\(folders[split] ?? "")", member: nil, field: "class folders",
        expected: groups[0].map(\.className).joined(separator: ", "),
        found: other.map(\.className).joined(separator: ", "))
    }
    return groups.flatMap(\.self)
  }

  private static func splits(of group: Group, _ division: Division) throws -> [String: Split] {
    guard case .ratios(let ratios, let seed) = division else { return [:] }
    let files = group.folder.files
    guard files.count >= 3 else {
      throw DatasetError.mismatch(
        path: group.folder.path, member: nil, field: "images", expected: "at least 3, for train, val and test",
        found: "\(files.count)")
    }
    var stream = RandomStream(seed: seed, purpose: "split \(group.className)")
    return SplitRatios.assign(files, counts: ratios.counts(of: files.count), &stream)
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
  /// What was left out, a line for each.
  public var notices: [String] { images.leftOutNotices }
  /// Pictures that cannot be read, where that was allowed.
  public var leftOut: [LeftOutImage] { images.leftOut }
  /// One row for each image.
  public var manifest: [ManifestRow] { images.manifest }
  /// Number of images of a split.
  public func count(of split: Split) -> Int { images.rows[split, default: []].count }
  /// The labels of a split.
  public func labels(_ split: Split) -> [Int] { images.labels(split) }

  /// Decodes and resizes the images of a split.
  /// - Throws: `FileError`, `UnreadableImages`, `DatasetError`, or what `body` throws.
  public func readImages(
    _ split: Split, batch: Int, _ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void
  ) throws {
    try images.readImages(split, batch: batch, body)
  }
}
