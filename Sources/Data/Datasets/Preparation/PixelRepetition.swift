/// Enlarges square images by repeating pixels: each becomes a square of factor × factor, as MedMNIST's script makes large images
/// of small ones.
///
/// result(i, j) = source(⌊i / factor⌋, ⌊j / factor⌋), for every channel.
public struct PixelRepetition: Sendable {
  private let side: Int
  private let channels: Int
  private let factor: Int

  /// From `[side, side, channels]` to `[side · factor, side · factor, channels]`.
  /// - Precondition: all are at least 1.
  public init(side: Int, channels: Int, factor: Int) {
    precondition(side >= 1 && channels >= 1 && factor >= 1, "[\(side), \(side), \(channels)] times \(factor)")
    self.side = side
    self.channels = channels
    self.factor = factor
  }

  /// Overwrites `target` with the enlarged `source`.
  public func callAsFunction(
    _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>
  ) {
    let line = side * factor * channels
    precondition(source.count == side * side * channels, "source of \(source.count) bytes")
    precondition(target.count == line * side * factor, "target of \(target.count) bytes")
    for row in 0..<side * factor {
      for column in 0..<side * factor {
        let from = (row / factor * side + column / factor) * channels
        let to = row * line + column * channels
        for channel in 0..<channels { target[to + channel] = source[from + channel] }
      }
    }
  }
}
