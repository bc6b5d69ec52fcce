import Testing
import VectorMath

@testable import Datasets

@Suite struct SquareFitTests {
  private static func image(_ side: Int, _ channels: Int) -> [UInt8] {
    var stream = RandomStream(seed: 3, purpose: "square fit", UInt64(side))
    return (0..<side * side * channels).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
  }

  /// Each pixel is the mean over the area it covers, taken pixel by pixel of a grid fine enough for both sizes.
  private static func mean(_ image: [UInt8], from side: Int, to newSide: Int, _ channels: Int) -> [UInt8] {
    var result: [UInt8] = []
    for row in 0..<newSide {
      for column in 0..<newSide {
        for channel in 0..<channels {
          var sum = 0
          for y in 0..<side {
            for x in 0..<side {
              let old = ((row * side + y) / newSide * side + (column * side + x) / newSide) * channels + channel
              sum += Int(image[old])
            }
          }
          result.append(UInt8((2 * sum + side * side) / (2 * side * side)))
        }
      }
    }
    return result
  }

  @Test(arguments: [(7, 7), (7, 14), (4, 12), (14, 4), (7, 5), (5, 8)], [1, 3])
  func fits(sides: (Int, Int), channels: Int) {
    let (side, newSide) = sides
    let source = Self.image(side, channels)
    var target = [UInt8](repeating: 0, count: newSide * newSide * channels)
    source.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { target in
        SquareFit(from: side, to: newSide, channels: channels)(source, into: target)
      }
    }
    #expect(target == Self.mean(source, from: side, to: newSide, channels))
    if side == newSide { #expect(target == source) }
  }
}
