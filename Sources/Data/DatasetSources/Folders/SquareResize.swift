import Datasets
import Images

/// Makes of pictures of any size the squares that datasets hold: grey or colour, each axis resized on its own by averaging over
/// areas.
public struct SquareResize {
  private let side: Int
  private let channels: Int
  private var last: (height: Int, width: Int, run: AreaResize)?

  /// To `[side, side, channels]`.
  public init(side: Int, channels: Int) {
    self.side = side
    self.channels = channels
  }

  /// Reads a PNG or JPEG file and overwrites `target` with the square.
  /// - Throws: `FileError`, `FileTooLarge`, `ImageError`.
  public mutating func read(_ path: String, into target: UnsafeMutableBufferPointer<UInt8>) throws {
    try self(PixelImage(path: path), into: target)
  }

  /// Overwrites `target` with the square of an image.
  mutating func callAsFunction(_ image: PixelImage, into target: UnsafeMutableBufferPointer<UInt8>) {
    let image = image.withChannels(channels)
    if last?.height != image.height || last?.width != image.width {
      last = (
        image.height, image.width,
        AreaResize(
          height: image.height, width: image.width, channels: channels, newHeight: side, newWidth: side)
      )
    }
    image.pixels.withUnsafeBufferPointer { last?.run($0, into: target) }
  }
}
