public import Datasets
public import Digests
public import Files

/// Writes an artifact of kind "dataset": images piece by piece and split by split in the order train, val, test, then
/// labels and statistics of each split. Nothing stands at the path before `publish`.
public struct DatasetArtifactWriter: ~Copyable {
  private var writer: ArtifactWriter
  private let contents: DatasetContents
  private let resolution: Int
  private var open: (split: Split, group: HDF5Group, images: ArrayStream, digests: [UInt8])?
  private var finished: [Split] = []

  /// Creates the artifact beside its path.
  /// - Throws: `FileError` if the target cannot be created; `HDF5Error`.
  /// - Precondition: `header.kind` is dataset.
  public init(path: String, header: ArtifactHeader, contents: DatasetContents) throws {
    try self.init(target: PendingFile(path: path), header: header, contents: contents)
  }

  /// The same with a target that was claimed before.
  public init(target: consuming PendingFile, header: ArtifactHeader, contents: DatasetContents) throws {
    precondition(header.kind == .dataset, "kind \(header.kind)")
    var writer = try ArtifactWriter.create(in: target, header: header)
    try writer.add(contents, resolution: header.resolution)
    self.writer = writer
    self.contents = contents
    self.resolution = header.resolution
  }

  /// Appends images to a split.
  /// - Parameters:
  ///   - images: `[count, H, W, C]`, row-major.
  /// - Returns: the SHA-256 of each image's bytes, `[count]`.
  /// - Throws: `HDF5Error`, for example on a full disk.
  @discardableResult
  public mutating func appendImages(
    _ split: Split, _ images: UnsafeBufferPointer<UInt8>, count: Int
  ) throws -> [SHA256Value] {
    precondition(images.count == count * imageSize, "\(images.count) bytes for \(count) images of \(imageSize)")
    try begin(split)
    let (bytes, size) = (UnsafeRawBufferPointer(images), imageSize)
    try open?.images.append(bytes)
    let digests = stride(from: 0, to: bytes.count, by: size).map {
      SHA256.value(of: UnsafeRawBufferPointer(rebasing: bytes[$0..<$0 + size]))
    }
    for digest in digests { open?.digests += digest.bytes }
    return digests
  }

  /// Ends a split with its labels and statistics.
  /// - Parameter labels: `[N]`, 0 … K − 1.
  /// - Throws: `HDF5Error`.
  /// - Precondition: all images of the split were appended.
  public mutating func finish(_ split: Split, labels: [UInt8], statistics: SplitStatistics) throws {
    try begin(split)
    guard let (_, group, images, digests) = open else { return }
    open = nil
    finished.append(split)
    precondition(labels.allSatisfy { Int($0) < contents.classNames.count }, "a label is no class of \(split)")
    try writer.finish(images)
    try writer.addArray(
      DatasetSchema.imageSHA256, digests, shape: [count(split), SHA256Value.size],
      axes: [DatasetSchema.sample, DatasetSchema.digestByte], longName: "SHA-256 of each image's bytes", in: group)
    try writer.addArray(
      DatasetSchema.labels, labels, shape: [count(split)], axes: [DatasetSchema.sample], longName: "index of the class",
      in: group)
    try writer.add(statistics, in: group)
  }

  /// Completes the artifact and moves it into place.
  /// - Parameters:
  ///   - duplicates: pairs of equal images within and across splits; the list may be cut short.
  ///   - pairCount: number of all pairs.
  ///   - manifest: where each image comes from, in the order of splits and images; empty if that is not known.
  ///   - leftOut: images that could not be read.
  /// - Returns: its `content_sha256`.
  /// - Throws: `HDF5Error`, `FileError`; what stood at the path is then unchanged.
  /// - Precondition: every split was finished.
  public consuming func publish(
    duplicates: [DuplicatePair], pairCount: Int, manifest: [ManifestRow] = [], leftOut: [LeftOutImage] = []
  ) throws -> String {
    precondition(finished.count == Split.allCases.count, "finished: \(finished)")
    precondition(
      manifest.isEmpty || manifest.map(\.split) == Split.allCases.flatMap { Array(repeating: $0, count: count($0)) },
      "a manifest of other images")
    try writer.add(duplicates, pairCount: pairCount)
    if !manifest.isEmpty { try writer.add(manifest, classNames: contents.classNames) }
    if !leftOut.isEmpty { try writer.add(leftOut) }
    return try writer.publish()
  }

  private var imageSize: Int { resolution * resolution * contents.channels }

  private func count(_ split: Split) -> Int { contents.counts[split, default: 0] }

  private mutating func begin(_ split: Split) throws {
    if let open {
      precondition(open.split == split, "\(split) before \(open.split) was finished")
      return
    }
    precondition(!finished.contains(split), "\(split) is finished")
    let group = try writer.addGroup(split.rawValue, in: writer.root)
    try writer.addScale(DatasetSchema.sample, count: count(split), in: group)
    let images = try writer.beginArray(
      DatasetSchema.images, of: UInt8.self, shape: [count(split), resolution, resolution, contents.channels],
      axes: [DatasetSchema.sample, DatasetSchema.y, DatasetSchema.x, DatasetSchema.channel],
      storage: .apart, longName: "pixel values, row 0 at the top", in: group)
    open = (split, group, images, [])
  }
}

extension ArtifactWriter {
  mutating func add(_ contents: DatasetContents, resolution: Int) throws {
    try addAttribute(DatasetSchema.task, .text(contents.task.rawValue), to: root)
    try addAttribute(DatasetSchema.licence, .text(contents.licence), to: root)
    try addAttribute(DatasetSchema.citation, .text(contents.citation), to: root)
    switch contents.source {
    case .file(let name, let md5, let sha256):
      try addAttribute(DatasetSchema.source, .text(DatasetSchema.sourceFile), to: root)
      try addAttribute(DatasetSchema.sourceName, .text(name), to: root)
      try addAttribute(DatasetSchema.sourceMD5, .text(md5), to: root)
      try addAttribute(DatasetSchema.sourceSHA256, .text(sha256), to: root)
    case .folder(let name, let sha256):
      try addAttribute(DatasetSchema.source, .text(DatasetSchema.sourceFolder), to: root)
      try addAttribute(DatasetSchema.sourceName, .text(name), to: root)
      try addAttribute(DatasetSchema.sourceSHA256, .text(sha256), to: root)
    case .generator(let name, let version):
      try addAttribute(DatasetSchema.source, .text(DatasetSchema.sourceGenerator), to: root)
      try addAttribute(DatasetSchema.sourceName, .text(name), to: root)
      try addAttribute(DatasetSchema.sourceVersion, .integer(version), to: root)
    }
    try addScale(DatasetSchema.classAxis, count: contents.classNames.count, in: root)
    try addScale(DatasetSchema.y, count: resolution, in: root)
    try addScale(DatasetSchema.x, count: resolution, in: root)
    try addScale(DatasetSchema.channel, count: contents.channels, in: root)
    try addScale(DatasetSchema.digestByte, count: SHA256Value.size, in: root)
    try addStrings(
      DatasetSchema.classNames, contents.classNames, axis: DatasetSchema.classAxis, longName: "names of the classes",
      in: root)
  }

  fileprivate mutating func add(_ statistics: SplitStatistics, in group: HDF5Group) throws {
    let classes = statistics.classCounts.count
    let channels = statistics.channels.count
    try addArray(
      DatasetSchema.classCounts, statistics.classCounts.map(Int64.init), shape: [classes],
      axes: [DatasetSchema.classAxis], longName: "images per class", in: group)
    try addArray(
      DatasetSchema.channelMean, statistics.channels.map(\.mean), shape: [channels], axes: [DatasetSchema.channel],
      longName: "mean pixel value", in: group)
    try addArray(
      DatasetSchema.channelMinimum, statistics.channels.map(\.minimum), shape: [channels],
      axes: [DatasetSchema.channel],
      longName: "smallest pixel value", in: group)
    try addArray(
      DatasetSchema.channelMaximum, statistics.channels.map(\.maximum), shape: [channels],
      axes: [DatasetSchema.channel],
      longName: "largest pixel value", in: group)
    try addAttribute(DatasetSchema.blankImages, .integer(statistics.blankImages), to: group)
    for split in Split.allCases {
      guard let count = statistics.duplicateImages[split] else { continue }
      try addAttribute(DatasetSchema.duplicateImages(of: split), .integer(count), to: group)
    }
  }

  fileprivate mutating func add(_ duplicates: [DuplicatePair], pairCount: Int) throws {
    let group = try addGroup(DatasetSchema.duplicates, in: root)
    try addAttribute(DatasetSchema.pairCount, .integer(pairCount), to: group)
    try addScale(DatasetSchema.pair, count: duplicates.count, in: group)
    try addStrings(
      DatasetSchema.firstSplit, duplicates.map(\.firstSplit.rawValue), axis: DatasetSchema.pair,
      longName: "split of the earlier image", in: group)
    try addArray(
      DatasetSchema.firstSample, duplicates.map { Int64($0.firstSample) }, shape: [duplicates.count],
      axes: [DatasetSchema.pair], longName: "index of the earlier image in its split", in: group)
    try addStrings(
      DatasetSchema.secondSplit, duplicates.map(\.secondSplit.rawValue), axis: DatasetSchema.pair,
      longName: "split of the later image", in: group)
    try addArray(
      DatasetSchema.secondSample, duplicates.map { Int64($0.secondSample) }, shape: [duplicates.count],
      axes: [DatasetSchema.pair], longName: "index of the later image in its split", in: group)
  }
}
