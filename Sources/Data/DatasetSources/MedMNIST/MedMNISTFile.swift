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
  private let parts: [Split: (images: ImageMember, labels: [Int])]

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
    var parts: [Split: (images: ImageMember, labels: [Int])] = [:]
    for split in Split.allCases {
      guard let images = archive.member(Self.imagesName(split)), let labels = archive.member(Self.labelsName(split))
      else { continue }
      let member = try ImageMember(
        images, of: archive, resolution: resolution, channels: description.channels,
        for: "\(description.name) at \(resolution)")
      parts[split] = (
        member, try ImageMember.labels(labels, of: archive, count: member.count, classes: description.classes)
      )
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
    try parts[split]?.images.read(from: archive, batch: batch, body)
  }

  private static func imagesName(_ split: Split) -> String { "\(split.rawValue)_images.npy" }

  private static func labelsName(_ split: Split) -> String { "\(split.rawValue)_labels.npy" }
}
