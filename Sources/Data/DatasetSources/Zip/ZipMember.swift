/// A member of a ZIP archive, as the central directory and its local header agree on it.
public struct ZipMember: Sendable, Equatable {
  /// How the bytes are stored, by its number in the file.
  public enum Method: Int, Sendable {
    /// As they are.
    case stored = 0
    /// As a raw deflate stream.
    case deflated = 8
  }

  /// Name inside the archive: a relative path without `.` and `..`.
  public let name: String
  /// How the bytes are stored.
  public let method: Method
  /// CRC-32 of the uncompressed bytes.
  public let crc32: UInt32
  /// Size in the archive, in bytes.
  public let compressedSize: Int
  /// Size of the content, in bytes.
  public let size: Int
  /// Where the compressed bytes begin in the archive.
  public let dataOffset: Int
}
