public import Numerics
public import StudentKernels

/// The images of one split in the kernels' layout, in memory, with a label each.
public final class StudentData: Sendable {
  /// The images' shape.
  public let geometry: PatchGeometry
  /// `[N]`, each in 0 ..< K.
  public let labels: [Int]
  private let memory: AlignedMemory<UInt8>

  /// Reads N images piece by piece and prepares them; never more than a few hundred unprepared ones are held.
  ///
  /// `read` fills the buffer with the images of a range, `[count, H, W, C]`.
  public init(
    labels: [Int], geometry: PatchGeometry, pool: WorkerPool,
    read: (Range<Int>, UnsafeMutableBufferPointer<UInt8>) throws -> Void
  ) rethrows {
    self.geometry = geometry
    self.labels = labels
    memory = AlignedMemory(count: max(labels.count * geometry.preparedBytes, 1))
    let perPiece = max(1, (4 << 20) / geometry.imageBytes)
    let piece = AlignedMemory<UInt8>(count: perPiece * geometry.imageBytes)
    for start in stride(from: 0, to: labels.count, by: perPiece) {
      let range = start..<min(start + perPiece, labels.count)
      try read(range, UnsafeMutableBufferPointer(start: piece.base, count: range.count * geometry.imageBytes))
      let target = memory.base + start * geometry.preparedBytes
      pool.run(chunks: range.count) { (index: Int) in
        geometry.prepare(
          piece.base + index * geometry.imageBytes, into: target + index * geometry.preparedBytes)
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
