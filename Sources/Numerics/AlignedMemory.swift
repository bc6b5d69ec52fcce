import Glibc

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

  /// `count` elements, all bytes zero.
  /// - Precondition: count > 0.
  public convenience init(count: Int) {
    self.init(uninitializedCount: count)
    clear()
  }

  /// `count` elements that have to be written before they are read.
  /// - Precondition: count > 0.
  public init(uninitializedCount count: Int) {
    precondition(count > 0, "an aligned memory of \(count) elements")
    let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
    // Large memories in large pages: fewer faults when it is first written, fewer misses of the address cache after.
    if raw.count >= 4 << 20 { adviseLargePages(raw) }
    elements = raw.bindMemory(to: Element.self)
  }

  deinit { elements.deallocate() }

  /// Sets all bytes to zero.
  public func clear() {
    UnsafeMutableRawBufferPointer(elements).initializeMemory(as: UInt8.self, repeating: 0)
  }
}

/// Asks the system for large pages where the memory spans whole ones; it may decline.
private func adviseLargePages(_ memory: UnsafeMutableRawBufferPointer) {
  let size = 2 << 20
  guard let base = memory.baseAddress else { return }
  let start = base.alignedUp(toMultipleOf: size)
  let end = (base + memory.count).alignedDown(toMultipleOf: size)
  if start < end { madvise(start, end - start, MADV_HUGEPAGE) }
}
