import Datasets
import Testing

/// Area averaging by its definition, with real-valued overlaps.
private func reference(_ source: [UInt8], _ height: Int, _ width: Int, _ channels: Int, _ h: Int, _ w: Int) -> [Double]
{
  func overlap(_ index: Int, _ pixel: Int, _ ratio: Double) -> Double {
    max(0, min(Double(index + 1) * ratio, Double(pixel + 1)) - max(Double(index) * ratio, Double(pixel)))
  }
  let (rowRatio, columnRatio) = (Double(height) / Double(h), Double(width) / Double(w))
  var result: [Double] = []
  for i in 0..<h {
    for j in 0..<w {
      for k in 0..<channels {
        var sum = 0.0
        for r in 0..<height {
          for c in 0..<width {
            sum += overlap(i, r, rowRatio) * overlap(j, c, columnRatio) * Double(source[(r * width + c) * channels + k])
          }
        }
        result.append(sum / (rowRatio * columnRatio))
      }
    }
  }
  return result
}

private func resize(_ source: [UInt8], _ height: Int, _ width: Int, _ channels: Int, _ h: Int, _ w: Int) -> [UInt8] {
  let resize = AreaResize(height: height, width: width, channels: channels, newHeight: h, newWidth: w)
  var target = [UInt8](repeating: 0, count: h * w * channels)
  source.withUnsafeBufferPointer { source in target.withUnsafeMutableBufferPointer { resize(source, into: $0) } }
  return target
}

@Suite struct AreaResizeTests {
  static let sizes = [(1, 1), (2, 3), (7, 5), (8, 8), (16, 31)]

  @Test(arguments: sizes, sizes)
  func agreesWithTheDefinition(_ from: (Int, Int), _ to: (Int, Int)) {
    for channels in [1, 3] {
      let source = (0..<from.0 * from.1 * channels).map { UInt8(truncatingIfNeeded: $0 &* 0x9E37 >> 3) }
      let found = resize(source, from.0, from.1, channels, to.0, to.1)
      let expected = reference(source, from.0, from.1, channels, to.0, to.1)
      // Half a grey level of rounding, and the reference's own rounding at ties.
      for (one, other) in zip(found, expected) { #expect(abs(Double(one) - other) <= 0.5 + 1e-9) }
    }
  }

  @Test func roundsHalfUp() {
    #expect(resize([0, 1], 1, 2, 1, 1, 1) == [1])
    #expect(resize([0, 0, 0, 1], 2, 2, 1, 1, 1) == [0])
  }

  @Test func keepsTheSameSizeAndRepeatsWholeMultiples() {
    #expect(resize([1, 2, 3, 4], 2, 2, 1, 2, 2) == [1, 2, 3, 4])
    #expect(resize([1, 2], 1, 2, 1, 2, 4) == [1, 1, 2, 2, 1, 1, 2, 2])
  }
}
