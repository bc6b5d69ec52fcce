/// Brings square images to the side that a model sees. Pixels are repeated where the side grows by a whole factor, as
/// MedMNIST's script does; in all other cases a pixel is the mean over the area it covers (`AreaResize`).
public struct SquareFit: Sendable {
  private enum Way: Sendable {
    case same
    case repetition(PixelRepetition)
    case areas(AreaResize)
  }

  private let way: Way

  /// From `[side, side, channels]` to `[newSide, newSide, channels]`.
  /// - Precondition: all are at least 1.
  public init(from side: Int, to newSide: Int, channels: Int) {
    precondition(side >= 1 && newSide >= 1, "from \(side) to \(newSide) pixels")
    if side == newSide {
      way = .same
    } else if newSide % side == 0 {
      way = .repetition(PixelRepetition(side: side, channels: channels, factor: newSide / side))
    } else {
      way = .areas(
        AreaResize(height: side, width: side, channels: channels, newHeight: newSide, newWidth: newSide))
    }
  }

  /// Overwrites `target` with the `source` of another side.
  public func callAsFunction(
    _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>
  ) {
    switch way {
    case .same: _ = target.update(fromContentsOf: source)
    case .repetition(let enlarge): enlarge(source, into: target)
    case .areas(let resize): resize(source, into: target)
    }
  }
}
