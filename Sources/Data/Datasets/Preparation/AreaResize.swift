/// Resizes an image by averaging over areas: a pixel of the result is the mean of the source over the rectangle it
/// covers, pixels that are covered in part counting in proportion. For 8 times smaller this is the mean of 8 × 8 blocks;
/// for larger sizes it repeats pixels and blends where a boundary falls inside one. Height and width scale on their own, so
/// a stretched image can be brought back to a square.
///
/// result(i, j) = ⌊½ + Σ overlap(i, r) overlap(j, c) source(r, c) / (H W)⌋ with the overlaps in units of 1/h and 1/w of a
/// source pixel: integers, hence exact, rounded half up.
public struct AreaResize: Sendable {
  private let rows: [Coverage]
  private let columns: [Coverage]
  private let width: Int
  private let channels: Int
  private let sourceCount: Int
  private let area: Int

  /// The source pixels that one pixel of the result covers along one axis.
  private struct Coverage {
    let first: Int
    let weights: [Int]
  }

  /// A resize from `[height, width, channels]` to `[newHeight, newWidth, channels]`.
  /// - Precondition: all sizes are in 1 … 65535.
  public init(height: Int, width: Int, channels: Int, newHeight: Int, newWidth: Int) {
    for size in [height, width, channels, newHeight, newWidth] {
      precondition((1...65535).contains(size), "size \(size) is not in 1 … 65535")
    }
    rows = Self.coverage(from: height, to: newHeight)
    columns = Self.coverage(from: width, to: newWidth)
    self.width = width
    self.channels = channels
    sourceCount = height * width * channels
    area = height * width
  }

  /// Overwrites `target` `[newHeight, newWidth, channels]` with the resized `source` `[height, width, channels]`.
  public func callAsFunction(
    _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>
  ) {
    precondition(source.count == sourceCount, "source of \(source.count) bytes, expected \(sourceCount)")
    let targetCount = rows.count * columns.count * channels
    precondition(target.count == targetCount, "target of \(target.count) bytes, expected \(targetCount)")
    var line = [Int](repeating: 0, count: width * channels)
    for (row, coverage) in rows.enumerated() {
      for index in line.indices { line[index] = 0 }
      for (offset, weight) in coverage.weights.enumerated() {
        let start = (coverage.first + offset) * line.count
        for index in line.indices { line[index] += weight * Int(source[start + index]) }
      }
      for (column, coverage) in columns.enumerated() {
        for channel in 0..<channels {
          var sum = 0
          for (offset, weight) in coverage.weights.enumerated() {
            sum += weight * line[(coverage.first + offset) * channels + channel]
          }
          target[(row * columns.count + column) * channels + channel] = UInt8((2 * sum + area) / (2 * area))
        }
      }
    }
  }

  private static func coverage(from size: Int, to newSize: Int) -> [Coverage] {
    (0..<newSize).map { index in
      // In units of 1/newSize of a source pixel.
      let (start, end) = (index * size, (index + 1) * size)
      let first = start / newSize
      let last = (end - 1) / newSize
      return Coverage(
        first: first,
        weights: (first...last).map { min(end, ($0 + 1) * newSize) - max(start, $0 * newSize) })
    }
  }
}
