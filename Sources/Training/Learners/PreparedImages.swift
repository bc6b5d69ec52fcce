import Training
public import Threads
import VectorMath
public import TransformerKernels
public import VisionTransformers

/// The images of one split in the kernels' layout, with a label each: all of them in memory, or streamed.
///
/// Either way the same images have the same bytes. Streaming takes the memory of one image per thread, however large the
/// split is: each is read by the thread that works on it, straight into its nearest caches. What has to come from a disk is
/// announced some batches before, so that the system reads it while others are worked on. Where the pool leaves processors
/// idle, these read what was announced (`ImagesAhead`, 10 MB).
public final class PreparedImages: Sendable {
  /// The images' shape.
  public let geometry: PatchGeometry
  /// `[N]`, each in 0 ..< K.
  public let labels: [Int]
  /// The threads it serves; the images of each thread go to a place of its own.
  private let pool: WorkerPool
  private let images: Images

  private enum Images {
    /// All, prepared.
    case memory(AlignedMemory<UInt8>)
    /// One per thread, and those read ahead.
    case stream(ImageStream, places: AlignedMemory<UInt8>, ahead: ImagesAhead?)
  }

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
    try pool.run(chunks: (labels.count + perPiece - 1) / perPiece) { piece, thread in
      let range = piece * perPiece..<min((piece + 1) * perPiece, labels.count)
      let unprepared = scratch.base + thread * perPiece * geometry.imageBytes
      try read(range, UnsafeMutableBufferPointer(start: unprepared, count: range.count * geometry.imageBytes))
      for index in range {
        geometry.prepare(
          unprepared + (index - range.lowerBound) * geometry.imageBytes,
          into: memory.base + index * geometry.preparedBytes)
      }
    }
  }

  /// Streams N images; `processors` are those that the pool's threads and others of this process may use.
  /// - Precondition: the kernels read images of this shape as they are stored.
  public init(
    labels: [Int], geometry: PatchGeometry, pool: WorkerPool, stream: ImageStream,
    processors: Int = WorkerPool.processors
  ) {
    precondition(!geometry.repacks, "images of \(geometry.imageSize) pixels are repacked")
    self.geometry = geometry
    self.labels = labels
    self.pool = pool
    let places = AlignedMemory<UInt8>(uninitializedCount: pool.threads * geometry.imageBytes)
    let ahead = ImagesAhead(
      stream, imageBytes: geometry.imageBytes, threads: pool.threads, spare: processors - pool.threads)
    images = .stream(stream, places: places, ahead: ahead)
  }

  /// Images that are at hand, few enough not to care whether they are kept or streamed.
  /// - Parameter read: fills a buffer with one image, `[H, W, C]`; called by several threads at once.
  public convenience init(
    labels: [Int], geometry: PatchGeometry, pool: WorkerPool,
    atHand read: @escaping @Sendable (_ index: Int, _ image: UnsafeMutableBufferPointer<UInt8>) -> Void
  ) throws {
    guard geometry.repacks else {
      self.init(labels: labels, geometry: geometry, pool: pool, stream: ImageStream(read: read) { _ in })
      return
    }
    try self.init(labels: labels, geometry: geometry, pool: pool) { range, images in
      for index in range {
        let start = (index - range.lowerBound) * geometry.imageBytes
        read(index, UnsafeMutableBufferPointer(rebasing: images[start..<start + geometry.imageBytes]))
      }
    }
  }

  deinit {
    if case .stream(_, _, let ahead?) = images { ahead.end() }
  }

  /// N.
  public var count: Int { labels.count }

  /// A prepared image, and where it is in memory anyway the image `next`; valid until the same thread asks for another.
  /// - Parameter thread: whose place a streamed image is read into.
  /// - Throws: what reading throws.
  public func image(_ index: Int, next: Int?, thread: Int) throws -> VisionTransformer.BatchImage {
    precondition((0..<count).contains(index) && (0..<pool.threads).contains(thread), "image \(index) of \(count)")
    switch images {
    case .memory(let memory):
      func prepared(_ index: Int) -> UnsafePointer<UInt8> {
        UnsafePointer(memory.base + index * geometry.preparedBytes)
      }
      return (prepared(index), next.map(prepared))
    case .stream(let stream, let places, let ahead):
      let place = places.base + thread * geometry.imageBytes
      if let ahead { return try ahead.image(index, next: next, thread: thread, own: place) }
      try stream.read(index, UnsafeMutableBufferPointer(start: place, count: geometry.imageBytes))
      return (UnsafePointer(place), nil)
    }
  }

  /// Says that an image will be wanted soon.
  public func announce(_ index: Int) {
    guard case .stream(let stream, _, let ahead) = images else { return }
    if let ahead { ahead.announce(index) } else { stream.announce(index) }
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
