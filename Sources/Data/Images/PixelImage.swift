import Files

/// An image in memory: `UInt8 [height, width, channels]`, row-major, row 0 at the top; 1 channel is grey, 3 are red, green,
/// blue. The values are those of the file: no gamma, no colour profile, no orientation from metadata.
public struct PixelImage: Sendable, Equatable {
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int
  /// 1 or 3.
  public let channels: Int
  /// `[height, width, channels]`.
  public var pixels: [UInt8]

  /// The longest side that is decoded, in pixels.
  public static let sideLimit = 16_384
  /// The most pixels that are decoded.
  public static let pixelLimit = 64 << 20
  /// The largest file that is read, in bytes.
  public static let fileLimit = 256 << 20

  /// An image of given pixels.
  /// - Precondition: 1 or 3 channels, `pixels.count == height * width * channels`.
  public init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
    precondition(channels == 1 || channels == 3, "\(channels) channels")
    precondition(
      pixels.count == height * width * channels, "\(pixels.count) bytes for [\(height), \(width), \(channels)]")
    self.height = height
    self.width = width
    self.channels = channels
    self.pixels = pixels
  }

  /// Reads a PNG or JPEG file; its first bytes say which, not its name.
  /// - Throws: `FileError`, `FileTooLarge`, `ImageError`.
  public init(path: String) throws {
    try self.init(decoding: contents(ofFile: path, limit: Self.fileLimit), path: path)
  }

  /// Decodes a PNG or JPEG file held in memory; `path` is for messages.
  ///
  /// The size is checked before memory is taken. Grey images keep one channel, all others have three. 16 bits become 8:
  /// round(value / 257). Transparency is laid on black: round(value · alpha / 255). CMYK is refused.
  /// - Throws: `ImageError`.
  public init(decoding bytes: [UInt8], path: String) throws(ImageError) {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = try Self.png(bytes, path: path)
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = try Self.jpeg(bytes, path: path)
    } else {
      throw .notAnImage(path: path)
    }
  }

  /// Refuses absurd dimensions.
  static func check(height: UInt32, width: UInt32, path: String) throws(ImageError) -> (height: Int, width: Int) {
    let (height, width) = (Int(height), Int(width))
    guard (1...sideLimit).contains(height), (1...sideLimit).contains(width), height * width <= pixelLimit else {
      throw .tooLarge(path: path, height: height, width: width)
    }
    return (height, width)
  }

  /// The same image with one channel, by the luma of ITU-R BT.601 as most programs compute it:
  /// ⌊(19595 R + 38470 G + 7471 B + 2¹⁵) / 2¹⁶⌋; or with three, repeating the grey value.
  public func withChannels(_ count: Int) -> PixelImage {
    switch (channels, count) {
    case (3, 1):
      let grey = stride(from: 0, to: pixels.count, by: 3).map { index in
        let (red, green, blue) = (Int(pixels[index]), Int(pixels[index + 1]), Int(pixels[index + 2]))
        return UInt8((19595 * red + 38470 * green + 7471 * blue + 1 << 15) >> 16)
      }
      return PixelImage(height: height, width: width, channels: 1, pixels: grey)
    case (1, 3):
      return PixelImage(height: height, width: width, channels: 3, pixels: pixels.flatMap { [$0, $0, $0] })
    default:
      precondition(channels == count, "from \(channels) to \(count) channels")
      return self
    }
  }
}
