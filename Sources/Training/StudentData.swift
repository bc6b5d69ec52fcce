public import Numerics
public import StudentKernels
import Synchronization

/// The images of one split in the kernels' layout, with a label each: all of them in memory, or streamed, a batch at a time.
///
/// Either way the same images have the same bytes. Streaming takes the memory of a batch however large the split is; with
/// the files in the system's cache it is no slower, because a batch that was just read lies in the processor's cache.
public final class StudentData: Sendable {
  /// The images' shape.
  public let geometry: PatchGeometry
  /// `[N]`, each in 0 ..< K.
  public let labels: [Int]
  private let pool: WorkerPool
  private let images: Images

  private enum Images {
    case memory(AlignedMemory<UInt8>)
    case stream(ImageStream, buffer: BatchBuffer)
  }

  /// Images that are streamed through memory at a time where nothing else says how many.
  private static let pieceSize = 128

  /// Reads all N images and prepares them.
  ///
  /// `read` fills the buffer with the images of a range, `[count, H, W, C]`; it is called by several threads at once.
  public init(
    labels: [Int], geometry: PatchGeometry, pool: WorkerPool,
    read: (Range<Int>, UnsafeMutableBufferPointer<UInt8>) throws -> Void
  ) throws {
    self.geometry = geometry
    self.labels = labels
    self.pool = pool
    let memory = AlignedMemory<UInt8>(uninitializedCount: max(labels.count * geometry.preparedBytes, 1))
    images = .memory(memory)
    // A piece is read, checked and prepared while it is in the nearest caches.
    let perPiece = max(1, (256 << 10) / geometry.imageBytes)
    let scratch = AlignedMemory<UInt8>(count: pool.threads * perPiece * geometry.imageBytes)
    let pieces = (labels.count + perPiece - 1) / perPiece
    try pool.run(chunks: pieces, trying: { piece, thread in
      let range = piece * perPiece..<min((piece + 1) * perPiece, labels.count)
      let unprepared = scratch.base + thread * perPiece * geometry.imageBytes
      try read(range, UnsafeMutableBufferPointer(start: unprepared, count: range.count * geometry.imageBytes))
      for index in range {
        geometry.prepare(
          unprepared + (index - range.lowerBound) * geometry.imageBytes,
          into: memory.base + index * geometry.preparedBytes)
      }
    })
  }

  /// Streams N images.
  /// - Precondition: the kernels read images of this shape as they are stored.
  public init(labels: [Int], geometry: PatchGeometry, pool: WorkerPool, stream: ImageStream) {
    precondition(!geometry.repacks, "images of \(geometry.imageSize) pixels are repacked")
    self.geometry = geometry
    self.labels = labels
    self.pool = pool
    images = .stream(stream, buffer: BatchBuffer())
  }

  /// N.
  public var count: Int { labels.count }

  /// Calls `body` with some prepared images, which are valid until it returns.
  /// - Throws: what reading throws, and what `body` throws.
  public func withImages<Result>(
    _ indices: some Collection<Int>, _ body: ([UnsafePointer<UInt8>]) throws -> Result
  ) throws -> Result {
    precondition(indices.allSatisfy { (0..<count).contains($0) }, "images \(indices) of \(count)")
    switch images {
    case .memory(let memory):
      return try body(indices.map { UnsafePointer(memory.base + $0 * geometry.preparedBytes) })
    case .stream(let stream, let buffer):
      let indices = Array(indices)
      let size = geometry.imageBytes
      return try buffer.withMemory(max(indices.count * size, 1)) { memory in
        try pool.run(chunks: indices.count, trying: { place, _ in
          try stream.read(indices[place], UnsafeMutableBufferPointer(start: memory.base + place * size, count: size))
        })
        return try body(indices.indices.map { UnsafePointer(memory.base + $0 * size) })
      }
    }
  }

  /// Says that some images will be wanted soon.
  public func announce(_ indices: some Collection<Int>) {
    guard case .stream(let stream, _) = images else { return }
    let indices = Array(indices)
    pool.run(chunks: indices.count) { stream.announce(indices[$0]) }
  }

  /// Calls `body` with all images in order, as many at a time as are in memory anyway; the next ones are read meanwhile.
  func forEachPiece(_ body: ([UnsafePointer<UInt8>]) throws -> Void) throws {
    let size = if case .memory = images { max(count, 1) } else { Self.pieceSize }
    func piece(from start: Int) -> Range<Int> { min(start, count)..<min(start + size, count) }
    announce(piece(from: 0))
    for start in stride(from: 0, to: count, by: size) {
      announce(piece(from: start + size))
      try withImages(piece(from: start), body)
    }
  }
}

/// Reads the images of a split one by one, in any order and by several threads at once.
public struct ImageStream: Sendable {
  /// Fills a buffer with image `index`, `[H, W, C]`.
  public typealias Reader = @Sendable (_ index: Int, _ image: UnsafeMutableBufferPointer<UInt8>) throws -> Void

  let read: Reader
  let announce: @Sendable (Int) -> Void

  /// A stream.
  /// - Parameter announce: hears which images will be wanted soon, so that they can be fetched meanwhile.
  public init(read: @escaping Reader, announce: @escaping @Sendable (_ index: Int) -> Void) {
    self.read = read
    self.announce = announce
  }
}

/// The memory of the batch under way, kept from batch to batch.
private final class BatchBuffer: Sendable {
  private let idle = Mutex<AlignedMemory<UInt8>?>(nil)

  func withMemory<Result>(_ count: Int, _ body: (AlignedMemory<UInt8>) throws -> Result) rethrows -> Result {
    let kept = idle.withLock { $0.take() }
    let memory = kept.flatMap { $0.elements.count >= count ? $0 : nil } ?? AlignedMemory(uninitializedCount: count)
    defer { idle.withLock { $0 = memory } }
    return try body(memory)
  }
}
