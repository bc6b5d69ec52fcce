/// One value per channel (per qubit) of a token, or of 16 tokens: element c lies `stride` elements behind element c − 1.
public struct ChannelView<Element: BitwiseCopyable> {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  @usableFromInline let stride: Int

  /// The channels from `base` on; the memory must outlive the view.
  @inlinable @inline(__always)
  public init(_ base: UnsafeMutablePointer<Element>, stride: Int) {
    self.base = base
    self.stride = stride
  }

  /// The value of a channel.
  @inlinable @inline(__always)
  public subscript(channel: Int) -> Element {
    get { base[channel * stride] }
    nonmutating set { base[channel * stride] = newValue }
  }
}
