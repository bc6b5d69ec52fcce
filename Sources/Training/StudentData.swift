public import Numerics
public import StudentKernels

/// The images of one split in the kernels' layout, in memory, with a label each.
public final class StudentData: Sendable {
  /// The images' shape.
  public let geometry: PatchGeometry
  /// `[N]`, each in 0 ..< K.
  public let labels: [Int]
  private let memory: AlignedMemory<UInt8>

  /// Prepares N images `[N, H, W, C]`.
  /// - Precondition: as many images as labels.
  public init(images: UnsafeBufferPointer<UInt8>, labels: [Int], geometry: PatchGeometry, pool: WorkerPool) {
    precondition(images.count == labels.count * geometry.imageBytes, "\(images.count) bytes for \(labels.count) images")
    self.geometry = geometry
    self.labels = labels
    let memory = AlignedMemory<UInt8>(count: max(labels.count * geometry.preparedBytes, 1))
    self.memory = memory
    guard let base = images.baseAddress else { return }
    let perChunk = 64
    pool.run(chunks: (labels.count + perChunk - 1) / perChunk) { (chunk: Int) in
      for index in chunk * perChunk..<min((chunk + 1) * perChunk, labels.count) {
        geometry.prepare(
          base + index * geometry.imageBytes, into: memory.base + index * geometry.preparedBytes)
      }
    }
  }

  /// N.
  public var count: Int { labels.count }

  /// A prepared image; valid while the data lives.
  public func image(_ index: Int) -> UnsafePointer<UInt8> {
    precondition((0..<count).contains(index), "image \(index) of \(count)")
    return UnsafePointer(memory.base + index * geometry.preparedBytes)
  }
}
