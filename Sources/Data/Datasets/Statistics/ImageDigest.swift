/// 128 bits that tell images apart by their content. Not cryptographic: for finding equal images, not for proving it to an
/// adversary. With 10⁵ different images a chance collision has probability 10⁻²⁹.
///
/// Two chains of 64 × 64 → 128 bit multiplications, folded by exclusive or, over 16 bytes at a time.
struct ImageDigest: Hashable, Sendable {
  private var low: UInt64 = 0x243F_6A88_85A3_08D3
  private var high: UInt64 = 0x1319_8A2E_0370_7344

  /// The digest of `bytes`.
  init(of bytes: UnsafeRawBufferPointer) {
    var offset = 0
    while offset + 16 <= bytes.count {
      absorb(
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
      offset += 16
    }
    var rest: (UInt64, UInt64) = (0, 0)
    for index in (offset..<bytes.count).reversed() {
      rest = (rest.0 << 8 | UInt64(bytes[index]), rest.1 << 8 | rest.0 >> 56)
    }
    absorb(rest.0, rest.1)
    absorb(UInt64(bytes.count), 0)
  }

  private mutating func absorb(_ first: UInt64, _ second: UInt64) {
    low = Self.fold(low ^ first ^ 0xA409_3822_299F_31D0, second ^ 0x082E_FA98_EC4E_6C89) &+ high
    high = Self.fold(high ^ second ^ 0x4528_21E6_38D0_1377, first ^ 0xBE54_66CF_34E9_0C6C) &+ (low << 1 | low >> 63)
  }

  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
