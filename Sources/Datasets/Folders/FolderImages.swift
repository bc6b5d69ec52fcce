import Digests
import Files
import Images

/// The images of a manifest: decoded, turned to grey or colour, and resized to a square when they are read.
struct FolderImages: Sendable {
  let directory: String
  let resolution: Int
  let channels: Int
  /// Rows by split, in the order of the images.
  let rows: [Split: [ManifestRow]]

  /// One image before its file was read.
  struct Entry {
    var file: String
    var label: Int
    var split: Split
    var slice: OASISSlice?
  }

  /// Reads every file once for its digest. Images keep the order of `entries` within their split.
  /// - Throws: `FileError`, `FileTooLarge`; `DatasetError.mismatch` if a split has no image.
  init(directory: String, entries: [Entry], resolution: Int, channels: Int) throws {
    var rows: [Split: [ManifestRow]] = [:]
    for split in Split.allCases where !entries.contains(where: { $0.split == split }) {
      throw DatasetError.mismatch(
        path: directory, member: nil, field: "split \(split.rawValue)", expected: "at least one image", found: "none")
    }
    for entry in entries {
      let bytes = try contents(ofFile: "\(directory)/\(entry.file)", limit: PixelImage.fileLimit)
      rows[entry.split, default: []].append(
        ManifestRow(
          file: entry.file, sha256: SHA256.hexDigest(of: bytes), label: entry.label, split: entry.split,
          slice: entry.slice))
    }
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

  func labels(_ split: Split) -> [Int] { rows[split, default: []].map(\.label) }

  func readImages(
    _ split: Split, batch: Int, _ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void
  ) throws {
    precondition(batch > 0, "batch of \(batch) images")
    let rows = rows[split, default: []]
    let imageSize = resolution * resolution * channels
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: min(batch, rows.count) * imageSize)
    defer { buffer.deallocate() }
    var resize: (height: Int, width: Int, run: AreaResize)?
    for first in stride(from: 0, to: rows.count, by: batch) {
      let part = rows[first..<min(first + batch, rows.count)]
      for (index, row) in part.enumerated() {
        let image = try read(row).withChannels(channels)
        if resize?.height != image.height || resize?.width != image.width {
          resize = (
            image.height, image.width,
            AreaResize(
              height: image.height, width: image.width, channels: channels, newHeight: resolution,
              newWidth: resolution)
          )
        }
        let target = UnsafeMutableBufferPointer(rebasing: buffer[index * imageSize..<(index + 1) * imageSize])
        image.pixels.withUnsafeBufferPointer { resize?.run($0, into: target) }
      }
      try body(UnsafeBufferPointer(rebasing: buffer[..<(part.count * imageSize)]), part.count)
    }
  }

  /// - Throws: `FileError`, `FileTooLarge`, `ImageError`; `DatasetError.mismatch` if the file is not the one whose digest
  ///   stands in the manifest.
  private func read(_ row: ManifestRow) throws -> PixelImage {
    let path = "\(directory)/\(row.file)"
    let bytes = try contents(ofFile: path, limit: PixelImage.fileLimit)
    let found = SHA256.hexDigest(of: bytes)
    guard found == row.sha256 else {
      throw DatasetError.mismatch(
        path: path, member: nil, field: "SHA-256", expected: "\(row.sha256) as before", found: "\(found): it changed")
    }
    return try PixelImage(decoding: bytes, path: path)
  }
}
