import CLanes

/// Random numbers that are a function of what they are for: a stream is named by a seed, a purpose and any number of
/// indices (an epoch, an image), and two streams never share numbers. Nothing has to be saved to resume: the stream of
/// epoch 17 is made from the number 17.
///
/// The generator is Philox 4×32 with ten rounds. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
/// SC 2011. The 64-bit key is a hash of seed, purpose and indices; the counter numbers the blocks of four words.
public struct RandomStream: Sendable {
  private let key: (UInt32, UInt32)
  private var block: UInt64 = 0
  private var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
  private var remaining = 0

  /// The stream of `purpose` (a short constant such as "shuffle") and `indices` under `seed`.
  public init(seed: UInt64, purpose: String, _ indices: UInt64...) {
    var hash = mix(seed)
    // FNV-1a over the purpose, then one mixing step for each number.
    var purposeHash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in purpose.utf8 { purposeHash = (purposeHash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash = mix(hash ^ purposeHash)
    for index in indices { hash = mix(hash ^ mix(index &+ 0x9e37_79b9_7f4a_7c15)) }
    key = (UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: hash >> 32))
  }

  /// The next 32 random bits.
  public mutating func next() -> UInt32 {
    if remaining == 0 {
      words = philox4x32(
        counter: (UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), 0, 0), key: key)
      block &+= 1
      remaining = 4
    }
    remaining -= 1
    switch remaining {
    case 3: return words.0
    case 2: return words.1
    case 1: return words.2
    default: return words.3
    }
  }

  /// The next words, as many as there is room for.
  public mutating func fill(_ words: UnsafeMutableBufferPointer<UInt32>) {
    var index = 0
    while remaining > 0, index < words.count {
      words[index] = next()
      index += 1
    }
    while index + lanes_philox_words <= words.count, let base = words.baseAddress {
      lanes_philox(block, key.0, key.1, base + index)
      block &+= UInt64(lanes_philox_blocks)
      index += lanes_philox_words
    }
    while index < words.count {
      words[index] = next()
      index += 1
    }
  }

  /// Uniform in [0, 1), a multiple of 2⁻⁵³.
  public mutating func uniform() -> Double {
    let high = UInt64(next() >> 5)
    let low = UInt64(next() >> 6)
    return Double(high << 26 | low) * 0x1p-53
  }

  /// Uniform in the range, end points included up to rounding.
  public mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// Standard normal, by Box and Muller's transform of two uniform numbers.
  public mutating func normal() -> Double {
    let radius = (-2 * Elementary.log(1 - uniform())).squareRoot()
    return radius * Elementary.cos(2 * Double.pi * uniform())
  }

  /// Uniform in 0 ..< `count`, exactly: words that would favour some values are drawn again.
  /// - Precondition: 0 < count ≤ 2³².
  public mutating func index(below count: Int) -> Int {
    precondition(count > 0 && count <= 1 << 32, "a range of \(count) values")
    let range = UInt64(count)
    let accepted = (1 << 32) / range * range
    while true {
      let word = UInt64(next())
      if word < accepted { return Int(word % range) }
    }
  }

  /// The numbers 0 ..< `count` in random order (Fisher and Yates).
  public mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, index(below: last + 1)) }
    return order
  }
}

/// Ten rounds of Philox 4×32.
func philox4x32(
  counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
) -> (UInt32, UInt32, UInt32, UInt32) {
  var c = counter
  var k = key
  for _ in 0..<10 {
    let a = UInt64(c.0) &* 0xD251_1F53
    let b = UInt64(c.2) &* 0xCD9E_8D57
    c = (
      UInt32(truncatingIfNeeded: b >> 32) ^ c.1 ^ k.0, UInt32(truncatingIfNeeded: b),
      UInt32(truncatingIfNeeded: a >> 32) ^ c.3 ^ k.1, UInt32(truncatingIfNeeded: a)
    )
    k = (k.0 &+ 0x9E37_79B9, k.1 &+ 0xBB67_AE85)
  }
  return c
}

/// The finaliser of SplitMix64: every bit of the result depends on every bit of the argument.
private func mix(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9e37_79b9_7f4a_7c15
  z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
  return z ^ (z >> 31)
}
