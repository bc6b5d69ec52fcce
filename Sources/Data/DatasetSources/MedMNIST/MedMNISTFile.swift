import Threads
public import Digests
public import Datasets
import Files

/// A MedMNIST file: an `.npz` archive of `{train,val,test}_{images,labels}.npy`, images `UInt8 [N, H, W]` or
/// `[N, H, W, 3]`, labels of any integer type `[N, 1]` or `[N]`.
///
/// Opening checks everything but the pixels: archive, members, types, shapes, labels, and the digest of the whole file.
/// The pixels' CRC-32 is checked where `readImages` ends.
public struct MedMNISTFile: ImageSource, Sendable {
  /// The dataset.
  public let description: DatasetDescription
  /// Height and width in pixels.
  public let resolution: Int
  /// Whether the whole file has the MD5 of the published one.
  public let isOfficial: Bool
  /// The file's name, MD5 and SHA-256.
  public let digest: SourceDigest
  /// That the file is not the published one, and which splits are larger or smaller than there.
  public let notices: [String]

  private let archive: ZipArchive
  private let parts: [Split: Part]

  /// More images than any dataset has; what is kept in memory per image stays small.
  static let imageLimit = 1 << 24
  /// Largest member in Fortran order, which has to be read whole, in bytes.
  static let fortranLimit = 1 << 30

  private struct Part {
    let images: ZipMember
    let imagesHeader: ArrayHeader
    let labels: [Int]
  }

  /// Opens `path` as the file of `description` at `resolution`.
  /// - Parameters:
  ///   - allowUnofficial: take a file with another MD5 than the published one.
  ///   - progress: is told the mebibytes digested.
  /// - Throws: `FileError`; `DatasetError.mismatch` naming file, member and field; `DatasetError.unofficial`; what `progress`
  ///   throws.
  public init(
    path: String, description: DatasetDescription, resolution: Int, allowUnofficial: Bool = false,
    progress: DigestProgress = { _, _ in }
  ) throws {
    let archive = try ZipArchive(path: path)
    let expected = Split.allCases.flatMap { [Self.imagesName($0), Self.labelsName($0)] }
    for member in archive.members where !expected.contains(member.name) {
      throw DatasetError.mismatch(
        path: path, member: nil, field: "members", expected: expected.joined(separator: ", "),
        found: "also \(member.name)")
    }
    let missing = expected.filter { archive.member($0) == nil }
    guard missing.isEmpty else {
      throw DatasetError.mismatch(
        path: path, member: nil, field: "members", expected: expected.joined(separator: ", "),
        found: "no \(missing.joined(separator: ", no "))")
    }
    var parts: [Split: Part] = [:]
    for split in Split.allCases {
      guard let images = archive.member(Self.imagesName(split)), let labels = archive.member(Self.labelsName(split))
      else { continue }
      let header = try Self.imagesHeader(images, of: archive, description: description, resolution: resolution)
      parts[split] = Part(
        images: images, imagesHeader: header,
        labels: try Self.labels(labels, of: archive, count: header.shape[0], classes: description.classes))
    }

    let (md5, sha256) = try digests(of: archive.file, progress: progress)
    let official = description.officialFiles[resolution]
    isOfficial = md5 == official?.md5
    guard isOfficial || allowUnofficial else {
      throw DatasetError.unofficial(
        path: path, dataset: description.name, resolution: resolution, expectedMD5: official?.md5, foundMD5: md5)
    }
    var notices = isOfficial ? [] : ["\(path): not the official file; every result will be marked"]
    for split in Split.allCases {
      guard let published = description.officialCounts?[split], let found = parts[split]?.labels.count,
        found != published
      else { continue }
      guard !isOfficial else {
        throw DatasetError.mismatch(
          path: path, member: Self.imagesName(split), field: "images", expected: "\(published)", found: "\(found)")
      }
      notices.append("\(path): \(split.rawValue) has \(found) images, the official file has \(published)")
    }
    self.archive = archive
    self.parts = parts
    self.description = description
    self.resolution = resolution
    self.digest = .file(name: fileName(of: path), md5: md5, sha256: sha256)
    self.notices = notices
  }

  /// Number of images of a split.
  public func count(of split: Split) -> Int { parts[split]?.labels.count ?? 0 }

  /// The labels of a split.
  public func labels(_ split: Split) -> [Int] { parts[split]?.labels ?? [] }

  /// Reads the images of a split in batches; a member in Fortran order is read whole (at most 1 GiB) and turned round.
  /// - Throws: `FileError`, `DatasetError`, or what `body` throws.
  public func readImages(
    _ split: Split, batch: Int, _ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void
  ) throws {
    precondition(batch > 0, "batch of \(batch) images")
    guard let part = parts[split] else { return }
    let total = part.labels.count
    var reader = ZipMemberReader(part.images, of: archive)
    _ = try ArrayHeader(from: &reader, path: archive.path)
    let capacity = min(batch, total) * imageSize
    if part.imagesHeader.fortranOrder {
      let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: capacity)
      defer { buffer.deallocate() }
      let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: reader.remaining, alignment: 64)
      defer { whole.deallocate() }
      _ = try reader.read(into: whole)
      for first in stride(from: 0, to: total, by: batch) {
        let count = min(batch, total - first)
        transpose(
          UnsafeRawBufferPointer(whole), shape: part.imagesHeader.shape, images: first..<first + count, into: buffer)
        try body(UnsafeBufferPointer(rebasing: buffer[..<(count * imageSize)]), count)
      }
    } else {
      // Inflating costs as much as all that is done with the images, so the two share the work.
      try readAhead(capacity: capacity, produce: { try reader.read(into: $0) }) { piece in
        try body(piece.bindMemory(to: UInt8.self), piece.count / imageSize)
      }
    }
  }

  private static func imagesName(_ split: Split) -> String { "\(split.rawValue)_images.npy" }

  private static func labelsName(_ split: Split) -> String { "\(split.rawValue)_labels.npy" }

  private static func imagesHeader(
    _ member: ZipMember, of archive: ZipArchive, description: DatasetDescription, resolution: Int
  ) throws -> ArrayHeader {
    func mismatch(_ field: String, _ expected: String, _ found: String) -> DatasetError {
      .mismatch(path: archive.path, member: member.name, field: field, expected: expected, found: found)
    }
    var reader = ZipMemberReader(member, of: archive)
    let header = try ArrayHeader(from: &reader, path: archive.path)
    guard header.element == .byte else { throw mismatch("descr", "'|u1'", "'\(header.element.descr)'") }
    let image = [resolution, resolution] + (description.channels == 1 ? [] : [description.channels])
    guard header.shape.count == image.count + 1, Array(header.shape.dropFirst()) == image else {
      throw mismatch(
        "shape", "[N, " + image.map(String.init).joined(separator: ", ") + "] for \(description.name) at \(resolution)",
        describe(shape: header.shape))
    }
    guard (1...imageLimit).contains(header.shape[0]) else {
      throw mismatch("images", "1 to \(imageLimit)", "\(header.shape[0])")
    }
    guard !header.fortranOrder || member.size <= fortranLimit else {
      throw mismatch("fortran_order", "False for a member of more than \(fortranLimit) bytes", "True")
    }
    return header
  }

  private static func labels(
    _ member: ZipMember, of archive: ZipArchive, count: Int, classes: Int
  ) throws -> [Int] {
    func mismatch(_ field: String, _ expected: String, _ found: String) -> DatasetError {
      .mismatch(path: archive.path, member: member.name, field: field, expected: expected, found: found)
    }
    var reader = ZipMemberReader(member, of: archive)
    let header = try ArrayHeader(from: &reader, path: archive.path)
    guard header.shape == [count, 1] || header.shape == [count] else {
      throw mismatch("shape", "[\(count), 1] or [\(count)] (one label for each image)", describe(shape: header.shape))
    }
    // At most 2²⁴ labels of 8 bytes; C and Fortran order are the same for one column.
    let bytes = try reader.bytes(count * header.element.size, of: "labels")
    return try bytes.withUnsafeBytes { bytes in
      try (0..<count).map { index in
        let start = index * header.element.size
        let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + header.element.size])
        guard let label = header.element.value(part), (0..<classes).contains(label) else {
          throw mismatch(
            "label \(index)", "0 to \(classes - 1)", header.element.value(part).map(String.init) ?? "a larger number")
        }
        return label
      }
    }
  }
}

/// Images of a Fortran-ordered array `[N, H, W]` or `[N, H, W, C]` in C order.
///
/// The element (n, h, w, c) lies at n + N (h + H (w + W c)).
private func transpose(
  _ array: UnsafeRawBufferPointer, shape: [Int], images: Range<Int>, into buffer: UnsafeMutableBufferPointer<UInt8>
) {
  let (number, height, width) = (shape[0], shape[1], shape[2])
  let channels = shape.count == 4 ? shape[3] : 1
  var target = 0
  for image in images {
    for row in 0..<height {
      for column in 0..<width {
        for channel in 0..<channels {
          buffer[target] = array[image + number * (row + height * (column + width * channel))]
          target += 1
        }
      }
    }
  }
}
