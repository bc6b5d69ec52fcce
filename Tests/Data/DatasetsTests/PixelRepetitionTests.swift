import Datasets
import Testing

@Suite struct PixelRepetitionTests {
  @Test func repeatsEveryPixelInASquare() {
    let source: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    var target = [UInt8](repeating: 0, count: 32)
    source.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { PixelRepetition(side: 2, channels: 2, factor: 2)(source, into: $0) }
    }
    let (above, below): ([UInt8], [UInt8]) = ([1, 2, 1, 2, 3, 4, 3, 4], [5, 6, 5, 6, 7, 8, 7, 8])
    #expect(target == above + above + below + below)
  }

  /// Averaging over areas does the same when a pixel of the source covers whole pixels of the result.
  @Test(arguments: [1, 3], [1, 2, 8])
  func agreesWithAreaResize(channels: Int, factor: Int) {
    let (side, large) = (7, 7 * factor)
    let source = (0..<side * side * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
    var (repeated, resized) = (
      [UInt8](repeating: 0, count: large * large * channels), [UInt8](repeating: 1, count: large * large * channels)
    )
    source.withUnsafeBufferPointer { source in
      repeated.withUnsafeMutableBufferPointer {
        PixelRepetition(side: side, channels: channels, factor: factor)(source, into: $0)
      }
      resized.withUnsafeMutableBufferPointer {
        AreaResize(height: side, width: side, channels: channels, newHeight: large, newWidth: large)(source, into: $0)
      }
    }
    #expect(repeated == resized)
  }
}
