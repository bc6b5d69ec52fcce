import CLanes
import Testing

@testable import VectorMath

@Suite struct RandomStreamTests {
  /// The known answers published with Philox (Random123, kat_vectors).
  @Test func philoxKnownAnswers() {
    #expect(
      philox4x32(counter: (0, 0, 0, 0), key: (0, 0)) == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    let ones = UInt32.max
    #expect(
      philox4x32(counter: (ones, ones, ones, ones), key: (ones, ones))
        == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      philox4x32(
        counter: (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: (0xa409_3822, 0x299f_31d0))
        == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  /// Blocks that are computed together are those computed one by one, also where the counter's second word begins to count.
  @Test(arguments: [0, 5, (1 << 32) - 9, 1 << 40, .max - 7] as [UInt64]) func blocksTogether(first: UInt64) {
    let key: (UInt32, UInt32) = (0xa409_3822, 0x299f_31d0)
    var words = [UInt32](repeating: 0, count: lanes_philox_words)
    lanes_philox(first, key.0, key.1, &words)
    for index in 0..<lanes_philox_blocks {
      let block = first &+ UInt64(index)
      let expected = philox4x32(
        counter: (UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), 0, 0), key: key)
      #expect((words[4 * index], words[4 * index + 1], words[4 * index + 2], words[4 * index + 3]) == expected)
    }
  }

  @Test func streamsAreNamed() {
    func first(_ stream: RandomStream) -> [UInt32] {
      var stream = stream
      return (0..<8).map { _ in stream.next() }
    }
    let streams = [
      RandomStream(seed: 1, purpose: "a"), RandomStream(seed: 2, purpose: "a"), RandomStream(seed: 1, purpose: "b"),
      RandomStream(seed: 1, purpose: "a", 0), RandomStream(seed: 1, purpose: "a", 1),
      RandomStream(seed: 1, purpose: "a", 0, 1), RandomStream(seed: 1, purpose: "a", 1, 0),
    ].map(first)
    #expect(Set(streams).count == streams.count)
    #expect(first(RandomStream(seed: 1, purpose: "a", 1)) == streams[4])
  }

  @Test func momentsAreThoseOfTheDistributions() {
    var stream = RandomStream(seed: 7, purpose: "moments")
    let count = 100_000
    let uniform = (0..<count).map { _ in stream.uniform() }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect((uniform.reduce(0, +) / Double(count) - 0.5).magnitude < 0.005)
    let normal = (0..<count).map { _ in stream.normal() }
    let mean = normal.reduce(0, +) / Double(count)
    let variance = normal.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    #expect(mean.magnitude < 0.015)
    #expect((variance - 1).magnitude < 0.02)
  }

  @Test(arguments: [1, 2, 3, 10, 1000]) func permutationsHoldEveryIndexOnce(count: Int) {
    var stream = RandomStream(seed: 3, purpose: "order", UInt64(count))
    let order = stream.permutation(of: count)
    #expect(order.sorted() == Array(0..<count))
    if count == 1000 { #expect(order != Array(0..<count)) }
  }

  @Test func indicesAreEvenlySpread() {
    var stream = RandomStream(seed: 5, purpose: "dice")
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<60_000 { counts[stream.index(below: 6)] += 1 }
    #expect(counts.allSatisfy { ($0 - 10_000).magnitude < 400 })
  }

  /// Three quarters of all words: a word beyond them would make the first third of the range twice as frequent.
  @Test func indicesOfAWideRangeAreEvenlySpread() {
    var stream = RandomStream(seed: 6, purpose: "wide")
    let low = (0..<30_000).count { _ in stream.index(below: 3 << 30) < 1 << 30 }
    #expect((low - 10_000).magnitude < 300)
  }

  /// Among the permutations of three all six are equally frequent, those that leave elements in place too.
  @Test func permutationsAreEquallyFrequent() {
    var counts: [[Int]: Int] = [:]
    for index in 0..<12_000 {
      var stream = RandomStream(seed: 7, purpose: "permutations", UInt64(index))
      counts[stream.permutation(of: 3), default: 0] += 1
    }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { ($0 - 2_000).magnitude < 200 })
  }
}
