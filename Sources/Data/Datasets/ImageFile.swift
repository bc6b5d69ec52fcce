import Failures
import Digests
import Files

/// The first file of a manifest that is not in its folder any more, or is not as it was; nil if all are. Files that came later
/// are not looked for.
/// - Throws: `FileError`, `FileTooLarge`.
public func firstChange(
  in directory: String, since manifest: [ManifestRow]
) throws -> (file: String, isMissing: Bool)? {
  var known: Set<String> = []
  for row in manifest where known.insert(row.file).inserted {
    do {
      if try ImageFile(path: "\(directory)/\(row.file)").sha256 != row.sha256 { return (row.file, false) }
    } catch let error as FileError where error.kind == .missingInput {
      return (row.file, true)
    }
  }
  return nil
}

/// The bytes of an image, or of a volume's header and voxels.
public struct ImageFile {
  /// Bytes of a PNG or JPEG file, of a volume's header and of its voxels at most.
  static let (pictureLimit, headerLimit, voxelLimit) = (256 << 20, 1 << 16, 512 << 20)

  /// Its path.
  public let path: String
  /// Its bytes.
  public let bytes: [UInt8]
  /// The bytes of the voxels; empty unless it is a volume.
  public let voxels: [UInt8]
  /// Of the bytes and the voxels behind them.
  public let sha256: String

  /// Whether a name is that of a volume's header.
  public static func isVolume(_ name: String) -> Bool { name.hasSuffix(".hdr") }

  /// Reads it.
  /// - Throws: `FileError`, `FileTooLarge`.
  public init(path: String) throws {
    self.path = path
    let isVolume = Self.isVolume(path)
    bytes = try contents(ofFile: path, limit: isVolume ? Self.headerLimit : Self.pictureLimit)
    voxels =
      isVolume ? try contents(ofFile: "\(path.dropLast(4)).img", limit: Self.voxelLimit) : []
    var digest = SHA256()
    for part in [bytes, voxels] { part.withUnsafeBytes { digest.update($0) } }
    sha256 = digest.finalize()
  }
}
