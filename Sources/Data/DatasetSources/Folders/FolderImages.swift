import Datasets
import Digests
import Failures
import Files
import Images

/// The images of a manifest: decoded, or cut from volumes, turned to grey or colour, and resized to a square when they are
/// read. A row whose file is the header of a volume (`.hdr`) is that volume's axial slice.
struct FolderImages: Sendable {
  let directory: String
  let resolution: Int
  let channels: Int
  /// Rows by split, in the order of the images.
  let rows: [Split: [ManifestRow]]
  /// What was left out: what is no image, and what could not be decoded, in the order of the entries.
  let leftOut: [LeftOutImage]

  /// One image before its file was read.
  struct Entry {
    var file: String
    var label: Int
    var split: Split
    var slice: OASISSlice?
  }

  /// Reads every file once for its digest. Images keep the order of `entries` within their split.
  /// - Parameters:
  ///   - skipsUnreadable: also decodes every picture, and leaves out those that cannot be. The others keep their
  ///     splits, so that a picture that is mended later moves no other one.
  ///   - others: files beside them that are no images, which are left out as well.
  /// - Throws: `UnreadableImages`, with the pictures that cannot be decoded, if there are others and nothing is left out;
  ///   `FileError`, `FileTooLarge`; `DatasetError.mismatch` if a split has no image; what `progress` throws.
  init(
    directory: String, entries: [Entry], resolution: Int, channels: Int, skipsUnreadable: Bool = false,
    others: [LeftOutImage] = [], progress: DigestProgress
  ) throws {
    guard others.isEmpty || skipsUnreadable else {
      throw try UnreadableImages(entries.map { ($0.file, $0.slice?.slice) }, of: directory, besides: others)
    }
    var rows: [Split: [ManifestRow]] = [:]
    var leftOut = others
    // The slices of a volume share their files: nil for one that is left out.
    var digests: [String: String?] = [:]
    let lastSlices = lastSlices(of: entries.map { ($0.file, $0.slice?.slice) })
    for (index, entry) in entries.enumerated() {
      try progress(index, entries.count)
      let digest: String?
      if let known = digests[entry.file] {
        digest = known
      } else {
        let file = try ImageFile(path: "\(directory)/\(entry.file)")
        let defect = skipsUnreadable ? try file.defect(as: entry.file, lastSlice: lastSlices[entry.file] ?? 0) : nil
        if let defect { leftOut.append(defect) }
        digest = defect == nil ? file.sha256 : nil
      }
      if ImageFile.isVolume(entry.file) { digests.updateValue(digest, forKey: entry.file) }
      guard let sha256 = digest else { continue }
      rows[entry.split, default: []].append(
        ManifestRow(
          file: entry.file, sha256: sha256, label: entry.label, split: entry.split, slice: entry.slice))
    }
    for split in Split.allCases where rows[split, default: []].isEmpty {
      throw DatasetError.mismatch(
        path: directory, member: nil, field: "split \(split.rawValue)", expected: "at least one image",
        found: leftOut.isEmpty ? "none" : "none that can be read")
    }
    self.leftOut = leftOut
    self.directory = directory
    self.resolution = resolution
    self.channels = channels
    self.rows = rows
  }

  /// All rows in the order of splits and images.
  var manifest: [ManifestRow] { Split.allCases.flatMap { rows[$0, default: []] } }

  /// The digest of the lines `SHA-256 split label file`, one for each row.
  var digest: SourceDigest {
    var sha256 = SHA256()
    for row in manifest {
      let line = "\(row.sha256) \(row.split.rawValue) \(row.label) \(row.file)\n"
      Array(line.utf8).withUnsafeBytes { sha256.update($0) }
    }
    let name = directory.split(separator: "/").last.map(String.init) ?? directory
    return .folder(name: name, sha256: sha256.finalize())
  }

  /// What was left out, a line for each.
  var leftOutNotices: [String] { leftOut.map { "left out: \($0.file): \($0.reason)" } }

  func labels(_ split: Split) -> [Int] { rows[split, default: []].map(\.label) }

  /// Calls `body` with the images of a split, some at a time.
  /// - Throws: `UnreadableImages` with all of the folder, whatever split they are in, as soon as one is found; `FileError`,
  ///   `DatasetError.mismatch`, or what `body` throws.
  func readImages(
    _ split: Split, batch: Int, _ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void
  ) throws {
    precondition(batch > 0, "batch of \(batch) images")
    let rows = rows[split, default: []]
    let imageSize = resolution * resolution * channels
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: min(batch, rows.count) * imageSize)
    defer { buffer.deallocate() }
    var resize = SquareResize(side: resolution, channels: channels)
    var file: (name: String, contents: ImageFile)?
    for first in stride(from: 0, to: rows.count, by: batch) {
      let part = rows[first..<min(first + batch, rows.count)]
      for (index, row) in part.enumerated() {
        // Slices of one volume follow each other.
        let contents = try file.flatMap { $0.name == row.file ? $0.contents : nil } ?? unchanged(row)
        file = (row.file, contents)
        let target = UnsafeMutableBufferPointer(rebasing: buffer[index * imageSize..<(index + 1) * imageSize])
        do {
          try resize(contents.image(slice: row.slice?.slice), into: target)
        } catch let error as ImageError {
          throw try unreadable() ?? error
        }
      }
      try body(UnsafeBufferPointer(rebasing: buffer[..<(part.count * imageSize)]), part.count)
    }
  }

  /// All files of the manifest that cannot be decoded, or lack a slice; nil if there is none.
  private func unreadable() throws -> UnreadableImages? {
    let found = try UnreadableImages(manifest.map { ($0.file, $0.slice?.slice) }, of: directory)
    return found.images.isEmpty ? nil : found
  }

  /// - Throws: `FileError`, `FileTooLarge`; `DatasetError.mismatch` if the file is not the one whose digest stands in the
  ///   manifest.
  private func unchanged(_ row: ManifestRow) throws -> ImageFile {
    let file = try ImageFile(path: "\(directory)/\(row.file)")
    guard file.sha256 == row.sha256 else {
      throw DatasetError.mismatch(
        path: file.path, member: nil, field: "SHA-256", expected: "\(row.sha256) as before",
        found: "\(file.sha256): it changed")
    }
    return file
  }
}

extension UnreadableImages {
  /// Those of `files` that cannot be decoded, besides others that are no images at all.
  fileprivate init(
    _ images: [(file: String, slice: Int?)], of directory: String, besides others: [LeftOutImage] = []
  ) throws {
    var known: Set<String> = []
    // The slices of a volume share their files.
    let files = images.map(\.file).filter { known.insert($0).inserted }
    let lastSlices = lastSlices(of: images)
    let defects = try files.compactMap { file in
      try ImageFile(path: "\(directory)/\(file)").defect(as: file, lastSlice: lastSlices[file] ?? 0)
    }
    self.init(directory: directory, images: others + defects, count: files.count + others.count)
  }
}

/// The last slice that is wanted of each volume, by file.
private func lastSlices(of images: [(file: String, slice: Int?)]) -> [String: Int] {
  Dictionary(images.compactMap { image in image.slice.map { (image.file, $0) } }, uniquingKeysWith: max)
}

extension ImageFile {
  /// Why it cannot be decoded, as `file` of a folder; nil if it can.
  /// - Parameter lastSlice: which a volume must have.
  fileprivate func defect(as file: String, lastSlice: Int) throws -> LeftOutImage? {
    do {
      _ = try image(slice: Self.isVolume(path) ? lastSlice : nil)
      return nil
    } catch let error as ImageError {
      return LeftOutImage(file: file, path: path, failure: error)
    }
  }

  /// The image, or a slice of the volume.
  /// - Throws: `ImageError`.
  func image(slice: Int?) throws -> PixelImage {
    guard Self.isVolume(path), let slice else { return try PixelImage(decoding: bytes, path: path) }
    let volume = try AnalyzeVolume(header: bytes, voxels: voxels, path: path)
    guard slice < volume.axialCount else {
      throw ImageError.volume(
        path: path, field: "dim", expected: "more than \(slice) axial slices", found: "\(volume.axialCount)")
    }
    return volume.axialSlice(slice)
  }
}
