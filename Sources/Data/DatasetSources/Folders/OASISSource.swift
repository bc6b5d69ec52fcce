public import Digests
public import Datasets
import Files
import VectorMath

/// OASIS-1: axial slices of the brain, from the public copy (JPEG or PNG files in a folder for each class), or cut from the
/// scans as they are distributed, whose classes are in a table.
///
/// A slice of the public copy is 496 × 248 pixels for 256 × 128 voxels of 1 mm from back to front and 1.25 mm from side to
/// side. Each axis is resized on its own to the same number of pixels: the 256 × 160 mm fill a square.
public struct OASISSource: ImageSource, Sendable {
  /// What is never torn apart when images are divided.
  public enum Level: String, CaseIterable, Sendable {
    /// Nothing: slices of one scan are in train and test. Leaks; the paper's numbers imply it.
    case slice
    /// A scan. Leaks: a person's repeated scans are nearly the same.
    case volume
    /// A person. Does not leak.
    case participant
  }

  /// How images are chosen and divided.
  public struct Division: Sendable, Equatable {
    /// What stays together.
    public var level: Level
    /// The proportions of the splits, in slices, volumes or participants of a class.
    public var ratios: SplitRatios
    /// The most images of a class that are taken, by chance; nil for all.
    public var perClassCap: Int?
    /// Whether a class with two participants (volumes) only may be absent from val.
    public var allowsMissingVal: Bool
    /// Whether slices and scans that cannot be read are left out.
    public var skipsUnreadable: Bool
    /// The seed of all chance.
    public var seed: UInt64

    /// A division from its parts.
    public init(
      level: Level, ratios: SplitRatios, perClassCap: Int?, allowsMissingVal: Bool, skipsUnreadable: Bool = false,
      seed: UInt64
    ) {
      self.level = level
      self.ratios = ratios
      self.perClassCap = perClassCap
      self.allowsMissingVal = allowsMissingVal
      self.skipsUnreadable = skipsUnreadable
      self.seed = seed
    }
  }

  /// The slices taken from each scan.
  public static let sliceNumbers = 100...160

  /// The dataset of the catalogue.
  public let description = Catalogue.oasis
  /// Slices left out, classes without images in val.
  public let notices: [String]
  private let images: FolderImages
  private let level: Level

  /// Reads names, splits and digests; pixels follow with `readImages`.
  /// - Parameters:
  ///   - directory: holds the class folders, or a folder `Data` that does; in their names underscores count as spaces, and
  ///     capitals as small letters. With a table: the scans (`disc1/OAS1_0001_MR1/RAW/…`).
  ///   - clinicalTable: `oasis_cross-sectional.csv`.
  ///   - progress: is told the images digested.
  /// - Throws: `FileError`, `FileTooLarge`; `DatasetError`, `tooFewGroups` where people are too few for three splits.
  public init(
    directory: String, clinicalTable: String? = nil, resolution: Int, division: Division,
    progress: DigestProgress = { _, _ in }
  ) throws {
    let found =
      try clinicalTable.map { try Self.cut(from: directory, table: $0) } ?? Self.slices(in: directory)
    var (entries, notices): ([FolderImages.Entry], [String]) = ([], [])
    for (label, found) in found.classes.enumerated() {
      let name = description.classNames[label]
      var slices = found.slices
      if let cap = division.perClassCap, cap < slices.count {
        var stream = RandomStream(seed: division.seed, purpose: "oasis cap \(name)")
        slices = stream.permutation(of: slices.count).prefix(cap).sorted().map { slices[$0] }
      }
      let groups = Set(slices.map { division.level.group(of: $0.slice) }).sorted()
      let counts = try Self.counts(of: groups.count, name, found.path, division)
      if counts[.val] == 0 {
        notices.append(
          "\(found.path): class '\(name)' is not in val, where its AUC is then undefined; train with "
            + "training.selection last-epoch")
      }
      var stream = RandomStream(seed: division.seed, purpose: "oasis split \(name)")
      let splits = SplitRatios.assign(groups, counts: counts, &stream)
      for (file, slice) in slices {
        let split = splits[division.level.group(of: slice)] ?? .train
        entries.append(.init(file: file, label: label, split: split, slice: slice))
      }
    }
    try Self.requireDisjoint(entries, level: division.level, directory: found.root)
    images = try FolderImages(
      directory: found.root, entries: entries, resolution: resolution, channels: description.channels,
      skipsUnreadable: division.skipsUnreadable, others: found.others, progress: progress)
    self.notices = notices + found.notices + images.leftOutNotices
    level = division.level
  }

  /// Height and width in pixels.
  public var resolution: Int { images.resolution }
  /// Never: there is no published division.
  public var isOfficial: Bool { false }
  /// Whether one person's images can be in several splits.
  public var isLeaking: Bool { level != .participant }
  /// The folder's name and the digest of its manifest.
  public var digest: SourceDigest { images.digest }
  /// One row for each image.
  public var manifest: [ManifestRow] { images.manifest }
  /// Slices or scans that cannot be read, where that was allowed.
  public var leftOut: [LeftOutImage] { images.leftOut }
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

extension OASISSource.Level {
  /// The name of what stays together.
  fileprivate func group(of slice: OASISSlice) -> String {
    switch self {
    case .slice: "\(slice.volume)_\(slice.slice)"
    case .volume: slice.volume
    case .participant: slice.participant
    }
  }
}

/// The slices there are of each class, in the catalogue's order.
private struct ClassifiedSlices {
  /// What the files' names are below.
  var root: String
  var notices: [String] = []
  /// Files in class folders that are no images.
  var others: [LeftOutImage] = []
  /// `path` is for messages.
  var classes: [(path: String, slices: [(file: String, slice: OASISSlice)])]
}

extension OASISSource {
  /// The slices of the public copy.
  fileprivate static func slices(in directory: String) throws -> ClassifiedSlices {
    let (root, folders) = try classFolders(in: directory)
    var leftOut = 0
    let classes = try folders.map { folder in
      let all = try folder.files.map { file in
        guard let slice = OASISSlice(fileName: file) else {
          throw DatasetError.mismatch(
            path: "\(folder.path)/\(file)", member: nil, field: "name",
            expected: "a name like OAS1_0001_MR1_mpr-1_100.jpg", found: file)
        }
        return (file: "\(fileName(of: folder.path))/\(file)", slice: slice)
      }
      let taken = all.filter { sliceNumbers.contains($0.slice.slice) }
      leftOut += all.count - taken.count
      return (path: folder.path, slices: taken)
    }
    var found = ClassifiedSlices(root: root, classes: classes)
    found.others = folders.flatMap { $0.others(below: fileName(of: $0.path)) }
    if leftOut > 0 { found.notices.append("\(directory): \(leftOut) images of other slices than 100 to 160 left out") }
    return found
  }

  /// The slices 100 to 160 of the scans in `directory` whose visits have a rating in `table`.
  fileprivate static func cut(from directory: String, table path: String) throws -> ClassifiedSlices {
    let table = try ClinicalTable(path: path)
    let names = Catalogue.oasis.classNames
    var found = ClassifiedSlices(root: directory, classes: names.map { (path: "\(directory): \($0)", slices: []) })
    var unrated = 0
    for volume in try VolumeFolder(directory: directory).volumes {
      guard let label = table.labels[volume.visit] else {
        throw DatasetError.mismatch(
          path: path, member: nil, field: "rows", expected: "one for \(volume.visit) (\(volume.header))", found: "none")
      }
      guard let label else {
        unrated += 1
        continue
      }
      for number in sliceNumbers {
        var slice = volume.scan
        slice.slice = number
        found.classes[label].slices.append((file: volume.header, slice: slice))
      }
    }
    if unrated > 0 { found.notices.append("\(directory): \(unrated) scans of visits without a CDR left out") }
    return found
  }

  /// The folder of each class, in the catalogue's order.
  fileprivate static func classFolders(in directory: String) throws -> (root: String, folders: [ClassFolder]) {
    func simplified(_ name: String) -> String { name.replacing("_", with: " ").lowercased() }
    var root = directory
    var names = try DirectoryListing(path: root).directories
    if names == ["Data"] {
      root += "/Data"
      names = try DirectoryListing(path: root).directories
    }
    let classes = Catalogue.oasis.classNames
    func mismatch(_ found: String) -> DatasetError {
      .mismatch(
        path: root, member: nil, field: "class folders", expected: classes.joined(separator: ", "), found: found)
    }
    if let other = names.first(where: { name in !classes.contains { simplified($0) == simplified(name) } }) {
      throw mismatch("also \(other)")
    }
    let folders = try classes.map { name in
      let found = names.filter { simplified($0) == simplified(name) }
      guard let folder = found.first else { throw mismatch("no \(name)") }
      guard found.count == 1 else { throw mismatch("both \(found.joined(separator: " and "))") }
      return try ClassFolder(path: "\(root)/\(folder)")
    }
    return (root, folders)
  }

  /// How many groups of a class each split gets.
  fileprivate static func counts(
    of groups: Int, _ name: String, _ path: String, _ division: Division
  ) throws -> [Split: Int] {
    if groups >= 3 { return division.ratios.counts(of: groups) }
    if groups == 2, division.allowsMissingVal { return [.train: 1, .val: 0, .test: 1] }
    throw DatasetError.tooFewGroups(path: path, className: name, level: division.level.rawValue, found: groups)
  }

  /// - Throws: `DatasetError.mismatch` if something that must stay together is in two splits or two classes; in two classes also
  ///   where chance has put both into one split.
  fileprivate static func requireDisjoint(
    _ entries: [FolderImages.Entry], level: Level, directory: String
  ) throws {
    var seen: [String: FolderImages.Entry] = [:]
    for entry in entries {
      guard let slice = entry.slice else { continue }
      let group = level.group(of: slice)
      if let other = seen[group], other.split != entry.split || other.label != entry.label {
        throw DatasetError.mismatch(
          path: directory, member: nil, field: level.rawValue, expected: "\(group) in one class and one split",
          found: "\(other.file) and \(entry.file)")
      }
      seen[group] = entry
    }
  }
}
