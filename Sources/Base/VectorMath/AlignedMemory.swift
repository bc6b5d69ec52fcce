/// Memory aligned to 64 bytes (one cache line, one `Lanes`), for the workspaces of kernels.
///
/// It has one owner at a time: whoever runs a chunk of work with it. Sharing one between two threads at the same time is a
/// programmer's error.
public final class AlignedMemory<Element: BitwiseCopyable>: @unchecked Sendable {
  // Invariant for Sendable: the pointer itself never changes; callers hand disjoint memories to concurrent chunks.

  /// The elements.
  public let elements: UnsafeMutableBufferPointer<Element>

  /// The first element.
  @inlinable
  public var base: UnsafeMutablePointer<Element> {
    // A buffer of at least one element always has a base address.
    elements.baseAddress.unsafelyUnwrapped
  }

  /// `count` elements, all bytes zero. Behind them lies room for `margin` more that nobody touches.
  /// - Precondition: count > 0, margin ≥ 0.
  public convenience init(count: Int, margin: Int = 0) {
    self.init(uninitializedCount: count, margin: margin)
    clear()
  }

  /// `count` elements that have to be written before they are read.
  /// - Precondition: count > 0, margin ≥ 0.
  public init(uninitializedCount count: Int, margin: Int = 0) {
    precondition(count > 0 && margin >= 0, "an aligned memory of \(count) elements and a margin of \(margin)")
    let raw = UnsafeMutableRawBufferPointer.allocate(
      byteCount: (count + margin) * MemoryLayout<Element>.stride, alignment: 64)
    elements = UnsafeMutableBufferPointer(rebasing: raw.bindMemory(to: Element.self)[..<count])
  }

  deinit { elements.deallocate() }

  /// Sets all bytes to zero.
  public func clear() {
    UnsafeMutableRawBufferPointer(elements).initializeMemory(as: UInt8.self, repeating: 0)
  }
}
