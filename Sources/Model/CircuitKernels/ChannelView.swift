import VectorMath
/// Values per channel (per qubit) of tokens, or of 16 tokens each: those of channel c begin `stride` elements behind those of
/// channel c − 1.
public struct ChannelView<Element: BitwiseCopyable> {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  @usableFromInline let stride: Int

  /// The channels from `base` on; the memory must outlive the view.
  @inlinable @inline(__always)
  public init(_ base: UnsafeMutablePointer<Element>, stride: Int) {
    self.base = base
    self.stride = stride
  }

  /// The values of a channel.
  @inlinable @inline(__always)
  func plane(_ channel: Int) -> UnsafeMutablePointer<Element> { base + channel * stride }

  /// The view without its first `count` values per channel.
  @inlinable @inline(__always)
  func dropping(_ count: Int) -> ChannelView { ChannelView(base + count, stride: stride) }

  /// The first value of a channel.
  @inlinable @inline(__always)
  public subscript(channel: Int) -> Element {
    get { base[channel * stride] }
    nonmutating set { base[channel * stride] = newValue }
  }
}
