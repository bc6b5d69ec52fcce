/// A moving window of three rows of an image [H, W, C], each with one column of zeros on either side, and rows of zeros
/// above and below the image: a 3×3 convolution over it has no edges to test for.
///
/// Rows are fetched when they first come into the window, so what makes them (a batch norm, an activation) runs once per
/// row and its result stays in the cache.
struct PaddedRows {
  /// Floats of one padded row, (W + 2) · C.
  let rowSize: Int
  private let height: Int
  private let channels: Int
  private let slots: UnsafeMutablePointer<Float>
  private var fetched = 0

  /// Floats of memory that a window needs.
  static func memorySize(width: Int, channels: Int) -> Int { 4 * (width + 2) * channels }

  /// A window in front of the first row; `memory` holds `memorySize` floats and is overwritten.
  init(height: Int, width: Int, channels: Int, memory: UnsafeMutablePointer<Float>) {
    rowSize = (width + 2) * channels
    self.height = height
    self.channels = channels
    slots = memory
    // Three rows for the window and one that stays zero; of the former only the padding columns have to be.
    memory.update(repeating: 0, count: 4 * rowSize)
  }

  /// Rows centre − 1, centre, centre + 1, each beginning with its padding column.
  /// - Parameter fetch: writes row i, [W, C], to the address; called once for each row, in order.
  /// - Precondition: centres do not decrease.
  @inline(__always)
  mutating func window(
    centre: Int, _ fetch: (_ row: Int, _ to: UnsafeMutablePointer<Float>) -> Void
  ) -> InlineArray<3, UnsafePointer<Float>> {
    while fetched <= min(centre + 1, height - 1) {
      fetch(fetched, slots + (fetched % 3 * rowSize + channels))
      fetched += 1
    }
    return [row(centre - 1), row(centre), row(centre + 1)]
  }

  private func row(_ index: Int) -> UnsafePointer<Float> {
    UnsafePointer(slots + (0..<height ~= index ? index % 3 : 3) * rowSize)
  }
}
