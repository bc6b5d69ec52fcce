import Datasets
import Files

/// Any `.npz` archive of images: arrays `NAME_images` (or `images`), each with or without `NAME_labels`, or a single array
/// under any name. What MedMNIST publishes is one of these; so is what `numpy.savez("scans.npz", images=scans)` writes.
public struct ImageArchive: Sendable {
  /// One of its arrays.
  public struct Part: Sendable {
    /// What stands before `_images`, or the array's name.
    public let name: String
    /// Of each image, where the archive says it.
    public let labels: [Int]?
    let images: ImageMember

    /// Number of images.
    public var count: Int { images.count }
    /// Height and width in pixels.
    public var resolution: Int { images.resolution }
    /// 1 or 3.
    public var channels: Int { images.channels }
  }

  /// Its arrays: train, val and test first, where they are there.
  public let parts: [Part]
  private let archive: ZipArchive

  /// Opens an archive and reads the labels.
  /// - Parameter classes: labels are `0 ..< classes`.
  /// - Throws: `FileError`; `DatasetError.mismatch` naming file, member and field.
  public init(path: String, classes: Int) throws {
    let archive = try ZipArchive(path: path)
    let (images, labels) = ("images.npy", "labels.npy")
    func isPart(_ name: String, of end: String) -> Bool { name == end || name.hasSuffix("_\(end)") }
    let named = archive.members.filter { isPart($0.name, of: images) }
    let members = named.isEmpty && archive.members.count == 1 ? archive.members : named
    let partners = members.map { member in
      named.isEmpty ? nil : archive.member(member.name.dropLast(images.count) + labels)
    }
    let known = Set(members.map(\.name) + partners.compactMap { $0?.name })
    let other = archive.members.first { !known.contains($0.name) }
    guard !members.isEmpty, other == nil else {
      throw DatasetError.mismatch(
        path: path, member: nil, field: "members",
        expected: "NAME_images.npy, with or without NAME_labels.npy, or a single array of images",
        found: archive.members.isEmpty ? "none" : "also \(other?.name ?? "")")
    }
    let parts = try zip(members, partners).map { member, partner in
      let found = try ImageMember(member, of: archive, for: "images")
      let stem = String(member.name.dropLast(named.isEmpty || member.name == images ? 4 : images.count + 1))
      return Part(
        name: stem,
        labels: try partner.map { try ImageMember.labels($0, of: archive, count: found.count, classes: classes) },
        images: found)
    }
    let splits = Split.allCases.map(\.rawValue)
    self.parts =
      splits.flatMap { split in parts.filter { $0.name == split } } + parts.filter { !splits.contains($0.name) }
    self.archive = archive
  }

  /// The archive's path.
  public var path: String { archive.path }

  /// Calls `body(images, count)` for each batch of an array: `[count, H, H, C]`, valid during the call.
  /// - Throws: `FileError`, `DatasetError`, or what `body` throws.
  public func readImages(
    of part: Part, batch: Int, _ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void
  ) throws {
    try part.images.read(from: archive, batch: batch, body)
  }
}
