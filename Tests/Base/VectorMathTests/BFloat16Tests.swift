import Testing
import VectorMath

@Suite struct BFloat16Tests {
  /// The definition, in double precision: the nearest multiple of 2⁻⁷ of the power of two below, ties to even.
  private func rounded(_ value: Float) -> Float {
    if value.isNaN { return Float(bitPattern: (value.bitPattern | 0x40_0000) & 0xFFFF_0000) }
    if value.isInfinite { return value }
    if value.magnitude < Float.leastNormalMagnitude { return Float(sign: value.sign, exponent: 0, significand: 0) }
    let unit = Double(sign: .plus, exponent: Int(value.exponent) - 7, significand: 1)
    // From 2¹²⁸ on, single precision has infinity.
    return Float((Double(value) / unit).rounded(.toNearestOrEven) * unit)
  }

  /// All upper halves, hence every sign, exponent, infinity, NaN and denormal number, each with lower halves around the ties.
  @Test(arguments: [0, 1, 0x1234, 0x7FFF, 0x8000, 0x8001, 0xC000, 0xFFFF] as [UInt32])
  func roundsEveryUpperHalf(lower: UInt32) {
    var wrong: [String] = []
    let memory = AlignedMemory<Float>(count: laneCount)
    for first in stride(from: 0, to: UInt32(0x10000), by: laneCount) {
      let values = (0..<UInt32(laneCount)).map { Float(bitPattern: (first + $0) << 16 | lower) }
      _ = memory.elements.update(fromContentsOf: values)
      storeLanes(roundToBFloat16(loadLanes(memory.base)), to: memory.base)
      for (value, found) in zip(values, memory.elements) {
        let expected = rounded(value).bitPattern
        if found.bitPattern != expected || roundToBFloat16(value).bitPattern != expected {
          wrong.append("\(String(value.bitPattern, radix: 16)) → \(String(found.bitPattern, radix: 16))")
        }
      }
    }
    #expect(wrong.isEmpty, "\(wrong.count) of them: \(wrong.prefix(5))")
  }

  @Test func knownRoundings() {
    let cases: [(UInt32, UInt32)] = [
      (0x3F80_8000, 0x3F80_0000), (0x3F81_8000, 0x3F82_0000), (0x3F80_8001, 0x3F81_0000),  // ties to even, just above
      (0x7F7F_7FFF, 0x7F7F_0000), (0x7F7F_8000, 0x7F80_0000), (0xFF7F_FFFF, 0xFF80_0000),  // to infinity
      (0x007F_FFFF, 0), (0x807F_FFFF, 0x8000_0000), (0x0080_0000, 0x0080_0000),  // denormal numbers
      (0x7F80_0001, 0x7FC0_0000), (0xFFFF_FFFF, 0xFFFF_0000), (0xFF80_0000, 0xFF80_0000),  // NaN, infinity
    ]
    for (from, to) in cases { #expect(roundToBFloat16(Float(bitPattern: from)).bitPattern == to) }
  }

  /// Pairs hold their numbers exactly, the even one below, and come apart again.
  @Test func pairsOfNeighboursAndOfLanes() {
    let numbers = (0..<32).map { roundToBFloat16(Float($0) * 1.37 - 20) }
    let memory = AlignedMemory<Float>(count: 48)
    _ = memory.elements.update(fromContentsOf: numbers + [Float](repeating: 0, count: 16))
    storeLanes(
      bfloat16Pairs(ofNeighbours: loadLanes(memory.base), loadLanes(memory.base + 16)), to: memory.base + 32)
    for (pair, index) in zip(memory.elements[32...], stride(from: 0, to: 32, by: 2)) {
      #expect(pair.bitPattern == numbers[index].bitPattern >> 16 | numbers[index + 1].bitPattern)
      #expect(pair.bitPattern == bfloat16Pair(even: numbers[index], odd: numbers[index + 1]).bitPattern)
    }
    storeLanes(swapNeighbours(loadLanes(memory.base)), to: memory.base + 32)
    #expect(memory.elements[32...].map { $0 } == (0..<16).map { numbers[$0 ^ 1] })
  }
}
