/// MD5 of a stream of bytes (RFC 1321). For recognising published files by their published digest; no protection against
/// forgery.
///
/// How the stream is cut into calls of `update` does not matter.
public struct MD5: Sendable {
  private var message = BlockDigest<MD5State>()

  /// The digest of no bytes.
  public init() {}

  /// Appends bytes to the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) { message.update(bytes) }

  /// The digest of the message so far: 32 lower-case hexadecimal digits. More bytes may follow.
  public func finalize() -> String {
    let end = message.finalState()
    return [end.a, end.b, end.c, end.d].map(\.littleEndian).withUnsafeBytes(hexadecimal)
  }

  /// The digest of a whole message: 32 lower-case hexadecimal digits.
  public static func hexDigest(of bytes: [UInt8]) -> String {
    var digest = MD5()
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.finalize()
  }
}

/// The four working words of MD5.
private struct MD5State: BlockState {
  var a: UInt32 = 0x6745_2301
  var b: UInt32 = 0xefcd_ab89
  var c: UInt32 = 0x98ba_dcfe
  var d: UInt32 = 0x1032_5476

  static let lengthIsBigEndian = false

  /// floor(2³² · |sin(i + 1)|), i in radians.
  static let constants: [UInt32] = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
    0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
    0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
    0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
    0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
    0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
    0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
  ]

  /// Digests consecutive blocks of 64 bytes.
  mutating func absorb(_ bytes: UnsafeRawPointer, blocks: Int) {
    var state = self
    Self.constants.withUnsafeBufferPointer { constants in
      guard let k = constants.baseAddress else { return }
      for block in 0..<blocks {
        state.absorb(block: bytes + block &* blockSize, constants: k)
      }
    }
    self = state
  }

  @inline(__always)
  private mutating func absorb(block: UnsafeRawPointer, constants k: UnsafePointer<UInt32>) {
    var s = self
    for i in 0..<4 {
      let t = i &* 4
      s.step(s.d ^ (s.b & (s.c ^ s.d)), Self.word(block, t) &+ k[t], 7)
      s.step(s.d ^ (s.b & (s.c ^ s.d)), Self.word(block, t &+ 1) &+ k[t &+ 1], 12)
      s.step(s.d ^ (s.b & (s.c ^ s.d)), Self.word(block, t &+ 2) &+ k[t &+ 2], 17)
      s.step(s.d ^ (s.b & (s.c ^ s.d)), Self.word(block, t &+ 3) &+ k[t &+ 3], 22)
    }
    for i in 0..<4 {
      let t = 16 &+ i &* 4
      s.step((s.d & s.b) | (~s.d & s.c), Self.word(block, 5 &* t &+ 1) &+ k[t], 5)
      s.step((s.d & s.b) | (~s.d & s.c), Self.word(block, 5 &* t &+ 6) &+ k[t &+ 1], 9)
      s.step((s.d & s.b) | (~s.d & s.c), Self.word(block, 5 &* t &+ 11) &+ k[t &+ 2], 14)
      s.step((s.d & s.b) | (~s.d & s.c), Self.word(block, 5 &* t &+ 16) &+ k[t &+ 3], 20)
    }
    for i in 0..<4 {
      let t = 32 &+ i &* 4
      s.step(s.b ^ s.c ^ s.d, Self.word(block, 3 &* t &+ 5) &+ k[t], 4)
      s.step(s.b ^ s.c ^ s.d, Self.word(block, 3 &* t &+ 8) &+ k[t &+ 1], 11)
      s.step(s.b ^ s.c ^ s.d, Self.word(block, 3 &* t &+ 11) &+ k[t &+ 2], 16)
      s.step(s.b ^ s.c ^ s.d, Self.word(block, 3 &* t &+ 14) &+ k[t &+ 3], 23)
    }
    for i in 0..<4 {
      let t = 48 &+ i &* 4
      s.step(s.c ^ (s.b | ~s.d), Self.word(block, 7 &* t) &+ k[t], 6)
      s.step(s.c ^ (s.b | ~s.d), Self.word(block, 7 &* t &+ 7) &+ k[t &+ 1], 10)
      s.step(s.c ^ (s.b | ~s.d), Self.word(block, 7 &* t &+ 14) &+ k[t &+ 2], 15)
      s.step(s.c ^ (s.b | ~s.d), Self.word(block, 7 &* t &+ 21) &+ k[t &+ 3], 21)
    }
    a &+= s.a
    b &+= s.b
    c &+= s.c
    d &+= s.d
  }

  /// Word `index` modulo 16 of a block.
  @inline(__always)
  private static func word(_ block: UnsafeRawPointer, _ index: Int) -> UInt32 {
    UInt32(littleEndian: block.loadUnaligned(fromByteOffset: (index & 15) &* 4, as: UInt32.self))
  }

  /// One step; the letters move on by one.
  @inline(__always)
  private mutating func step(_ mixed: UInt32, _ addend: UInt32, _ shift: UInt32) {
    let turned = b &+ rotatedLeft(a &+ mixed &+ addend, shift)
    a = d
    d = c
    c = b
    b = turned
  }
}
