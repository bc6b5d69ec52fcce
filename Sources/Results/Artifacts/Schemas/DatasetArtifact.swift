public import Datasets
import Digests
import Files

/// An artifact of kind "dataset", opened for reading. Safe to use from several threads, which then wait for each other.
public struct DatasetArtifact: Sendable {
  /// Its path.
  public let path: String
  /// What it says about itself.
  public let header: ArtifactHeader
  /// What it says about its images.
  public let contents: DatasetContents
  /// The digest of its content.
  public let contentSHA256: String
  let reader: ArtifactReader
  let images: [Split: StoredImages]

  /// Opens an artifact; seal, header, class names, and shapes and places of all image arrays are checked. However many
  /// images there are, this takes a moment: each is checked when it is read.
  /// - Throws: `FileError`, `ArtifactError`, `HDF5Error`.
  public init(path: String) throws {
    self.path = path
    reader = try ArtifactReader(path: path, kind: .dataset)
    header = reader.header
    contentSHA256 = reader.contentSHA256
    let root = reader.root
    let classNames = try reader.strings(DatasetSchema.classNames, count: nil, in: root)
    let channels = try root.dataset(DatasetSchema.channel).shape.first ?? 0
    guard (1...DatasetSchema.largestResolution).contains(header.resolution), channels == 1 || channels == 3 else {
      throw ArtifactError.invalidValue(
        path: path, object: "/", expected: "at most \(DatasetSchema.largestResolution) pixels and 1 or 3 channels",
        found: "\(header.resolution) pixels, \(channels) channels")
    }
    // Labels are bytes.
    guard (1...256).contains(classNames.count) else {
      throw ArtifactError.invalidValue(
        path: path, object: "/\(DatasetSchema.classNames)", expected: "1 to 256 classes", found: "\(classNames.count)")
    }
    var images: [Split: StoredImages] = [:]
    var extents: [Range<Int>] = []
    for split in Split.allCases {
      let group = try root.group(split.rawValue)
      let dataset = try reader.dataset(
        DatasetSchema.images, of: UInt8.self, shape: [nil, header.resolution, header.resolution, channels], in: group)
      let extent = try dataset.extent()
      guard extent != nil || dataset.shape[0] == 0 else {
        throw ArtifactError.invalidValue(
          path: path, object: dataset.place.object, expected: "images in one piece", found: "another layout")
      }
      let digests = try reader.array(
        DatasetSchema.imageSHA256, of: UInt8.self, shape: [dataset.shape[0], SHA256Value.size], in: group)
      images[split] = StoredImages(
        reader.file, at: extent?.lowerBound ?? 0, imageSize: header.resolution * header.resolution * channels,
        digests: digests.values, object: dataset.place.object)
      if let extent { extents.append(extent) }
    }
    // Every byte is under the seal or belongs to an image with a digest of its own.
    guard extents.sorted(by: { $0.lowerBound < $1.lowerBound }) == reader.file.apart else {
      throw ArtifactError.invalidValue(
        path: path, object: "the seal", expected: "to leave out the images and nothing else", found: "other bytes")
    }
    self.images = images
    contents = DatasetContents(
      task: try Self.task(of: root, classes: classNames.count),
      licence: try root.requiredText(DatasetSchema.licence),
      citation: try root.requiredText(DatasetSchema.citation),
      classNames: classNames,
      channels: channels,
      counts: images.mapValues(\.count),
      source: try Self.source(root))
  }

  private static func task(of root: HDF5Group, classes: Int) throws -> ClassificationTask {
    let task: ClassificationTask = try root.requiredWord(DatasetSchema.task)
    guard task != .binary || classes == 2 else {
      throw ArtifactError.invalidValue(
        path: root.place.path, object: "/\(DatasetSchema.classNames)", expected: "2 classes of a \(task.rawValue) task",
        found: "\(classes)")
    }
    return task
  }

  /// Number of images of a split.
  public func count(of split: Split) -> Int { contents.counts[split, default: 0] }

  /// Bytes of one image, H · W · C.
  public var imageSize: Int { header.resolution * header.resolution * contents.channels }

  /// The labels of a split, `[N]`, each below the number of classes.
  /// - Throws: `ArtifactError`, `HDF5Error`.
  public func labels(_ split: Split) throws -> [UInt8] {
    let group = try reader.root.group(split.rawValue)
    let labels = try reader.array(DatasetSchema.labels, of: UInt8.self, shape: [count(of: split)], in: group).values
    if let wrong = labels.first(where: { Int($0) >= contents.classNames.count }) {
      throw ArtifactError.invalidValue(
        path: path, object: "/\(split.rawValue)/\(DatasetSchema.labels)",
        expected: "labels below \(contents.classNames.count)", found: "\(wrong)")
    }
    return labels
  }

  /// All images of a split, `[N, H, W, C]`; their digests are checked.
  /// - Throws: `FileError`, `ArtifactError`.
  public func images(_ split: Split) throws -> [UInt8] {
    try requireMemory(count(of: split) * imageSize, for: path)
    var images = [UInt8](repeating: 0, count: count(of: split) * imageSize)
    try images.withUnsafeMutableBufferPointer { try readImages(split, 0..<count(of: split), into: $0) }
    return images
  }

  /// Some images of a split, `[range.count, H, W, C]`; their digests are checked.
  /// - Throws: `FileError`, for a file that was truncated meanwhile `endsEarly`; `ArtifactError.digestMismatch` for an
  ///   image that is not what was written.
  /// - Precondition: `range` lies within the split, and `buffer` holds exactly its images.
  public func readImages(
    _ split: Split, _ range: Range<Int>, into buffer: UnsafeMutableBufferPointer<UInt8>
  ) throws {
    precondition(buffer.count == range.count * imageSize, "\(buffer.count) bytes for \(range.count) images")
    try images[split]?.read(range, into: UnsafeMutableRawBufferPointer(buffer))
  }

  /// Says that an image will be wanted soon.
  public func announceImage(_ split: Split, _ index: Int) { images[split]?.announce(index) }

  /// The figures of a split.
  /// - Throws: `ArtifactError`, `HDF5Error`.
  public func statistics(_ split: Split) throws -> SplitStatistics {
    let group = try reader.root.group(split.rawValue)
    let classes = contents.classNames.count
    let channels = contents.channels
    let counts = try reader.array(DatasetSchema.classCounts, of: Int64.self, shape: [classes], in: group).values
    guard counts.allSatisfy({ (0...Int64(count(of: split))).contains($0) }) else {
      throw ArtifactError.invalidValue(
        path: path, object: group.place.member(DatasetSchema.classCounts).object,
        expected: "counts up to \(count(of: split))", found: "\(counts)")
    }
    let means = try reader.array(DatasetSchema.channelMean, of: Double.self, shape: [channels], in: group).values
    let minima = try reader.array(DatasetSchema.channelMinimum, of: UInt8.self, shape: [channels], in: group).values
    let maxima = try reader.array(DatasetSchema.channelMaximum, of: UInt8.self, shape: [channels], in: group).values
    return SplitStatistics(
      classCounts: counts.map { Int($0) },
      channels: (0..<channels).map {
        ChannelStatistics(mean: means[$0], minimum: minima[$0], maximum: maxima[$0])
      },
      blankImages: try imageCount(DatasetSchema.blankImages, split, group),
      duplicateImages: try duplicateImages(split, group))
  }

  /// A number of images of a split.
  private func imageCount(_ name: String, _ split: Split, _ group: HDF5Group) throws -> Int {
    let found = try group.requiredInteger(name)
    guard (0...count(of: split)).contains(found) else {
      throw ArtifactError.invalidValue(
        path: path, object: group.place.attribute(name).object, expected: "0 to \(count(of: split))", found: "\(found)")
    }
    return found
  }

  private func duplicateImages(_ own: Split, _ group: HDF5Group) throws -> [Split: Int] {
    var counts: [Split: Int] = [:]
    for split in Split.allCases {
      let name = DatasetSchema.duplicateImages(of: split)
      if try group.attribute(name) != nil { counts[split] = try imageCount(name, own, group) }
    }
    return counts
  }

  /// Pairs of equal images, as many as are listed, and the number of all.
  /// - Throws: `ArtifactError`, `HDF5Error`.
  public func duplicates() throws -> (listed: [DuplicatePair], pairCount: Int) {
    let group = try reader.root.group(DatasetSchema.duplicates)
    let firstSplits = try splits(DatasetSchema.firstSplit, count: nil, in: group)
    let count = firstSplits.count
    let secondSplits = try splits(DatasetSchema.secondSplit, count: count, in: group)
    let first = try reader.array(DatasetSchema.firstSample, of: Int64.self, shape: [count], in: group).values
    let second = try reader.array(DatasetSchema.secondSample, of: Int64.self, shape: [count], in: group).values
    let listed = (0..<count).map {
      DuplicatePair(
        firstSplit: firstSplits[$0], firstSample: Int(first[$0]), secondSplit: secondSplits[$0],
        secondSample: Int(second[$0]))
    }
    return (listed, try group.requiredInteger(DatasetSchema.pairCount))
  }

  func splits(_ name: String, count: Int?, in group: HDF5Group) throws -> [Split] {
    try reader.strings(name, count: count, in: group).map { text in
      guard let split = Split(rawValue: text) else {
        throw ArtifactError.invalidValue(
          path: path, object: group.place.member(name).object, expected: "train, val or test", found: text)
      }
      return split
    }
  }

  private static func source(_ root: HDF5Group) throws -> SourceDigest {
    let name = try root.requiredText(DatasetSchema.sourceName)
    switch try root.requiredText(DatasetSchema.source) {
    case DatasetSchema.sourceFile:
      return .file(
        name: name, md5: try root.requiredText(DatasetSchema.sourceMD5),
        sha256: try root.requiredText(DatasetSchema.sourceSHA256))
    case DatasetSchema.sourceFolder:
      return .folder(name: name, sha256: try root.requiredText(DatasetSchema.sourceSHA256))
    case DatasetSchema.sourceGenerator:
      return .generator(name: name, version: try root.requiredInteger(DatasetSchema.sourceVersion))
    case let other:
      throw ArtifactError.invalidValue(
        path: root.place.path, object: root.place.attribute(DatasetSchema.source).object,
        expected: "\(DatasetSchema.sourceFile), \(DatasetSchema.sourceFolder) or \(DatasetSchema.sourceGenerator)",
        found: other)
    }
  }
}
