public import VectorMath

/// Activations of one image in the fast kernels' layout: channel after channel, 16 tokens in each `Lanes`.
///
///     element (channel c, token t) = base[c · vectors + t / 16][t mod 16]
///
/// Lanes behind the last token are padding: finite values in activations, zero in gradients.
///
/// It does not own its memory; whoever made it keeps the memory alive. Bounds are checked where planes are made and where
/// kernels begin, not per element.
public struct Planes {
  /// The first `Lanes` of channel 0.
  public let base: UnsafeMutablePointer<Lanes>
  /// Channels.
  public let channels: Int
  /// `Lanes` per channel: ⌈T/16⌉.
  public let vectors: Int

  /// Planes over memory of at least `channels · vectors` elements.
  public init(_ base: UnsafeMutablePointer<Lanes>, channels: Int, vectors: Int) {
    self.base = base
    self.channels = channels
    self.vectors = vectors
  }

  /// The first `Lanes` of a channel.
  @inline(__always)
  func channel(_ c: Int) -> UnsafeMutablePointer<Lanes> { base + c * vectors }

  /// Some of the channels.
  public func channels(_ range: Range<Int>) -> Planes {
    precondition(range.lowerBound >= 0 && range.upperBound <= channels, "channels \(range) of \(channels)")
    return Planes(base + range.lowerBound * vectors, channels: range.count, vectors: vectors)
  }

  /// All elements as single numbers: channel c, token t at c · vectors · 16 + t.
  public var scalars: UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer(base).assumingMemoryBound(to: Float.self)
  }

  /// The value of one channel and token.
  public subscript(channel: Int, token: Int) -> Float {
    get { scalars[channel * vectors * laneCount + token] }
    nonmutating set { scalars[channel * vectors * laneCount + token] = newValue }
  }

  /// Sets everything to zero.
  public func clear() {
    for index in 0..<channels * vectors { base[index] = splat(0) }
  }

  /// Adds other planes of the same shape.
  public func add(_ other: Planes) {
    precondition(channels == other.channels && vectors == other.vectors, "planes of different shapes")
    for index in 0..<channels * vectors { base[index] += other.base[index] }
  }
}
