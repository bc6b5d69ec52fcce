/// SHA-256 of a stream of bytes (FIPS 180-4).
///
/// The state is the digest of all whole blocks of 64 bytes seen so far; how the stream is cut into calls of `update` does
/// not matter.
public struct SHA256: Sendable {
  private var state: SHA256State
  private var buffer = BlockBuffer()

  /// The digest of no bytes.
  public init() { state = .initial }

  /// Appends bytes to the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var state = self.state
    buffer.append(bytes) { state.absorb($0, blocks: $1) }
    self.state = state
  }

  /// The digest of the message so far: 64 lower-case hexadecimal digits. More bytes may follow.
  public func finalize() -> String {
    var end = state
    buffer.padding(lengthBigEndian: true).withUnsafeBytes { padding in
      if let start = padding.baseAddress { end.absorb(start, blocks: padding.count / BlockBuffer.blockSize) }
    }
    let words = [end.a, end.b, end.c, end.d, end.e, end.f, end.g, end.h].map(\.bigEndian)
    return words.withUnsafeBytes(hexadecimal)
  }

  /// The digest of a whole message: 64 lower-case hexadecimal digits.
  public static func hexDigest(of bytes: [UInt8]) -> String {
    var digest = SHA256()
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.finalize()
  }
}

/// The eight working words of SHA-256.
private struct SHA256State: Sendable {
  var a, b, c, d, e, f, g, h: UInt32

  static let initial = SHA256State(
    a: 0x6a09_e667, b: 0xbb67_ae85, c: 0x3c6e_f372, d: 0xa54f_f53a,
    e: 0x510e_527f, f: 0x9b05_688c, g: 0x1f83_d9ab, h: 0x5be0_cd19)

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]

  /// Digests consecutive blocks of 64 bytes.
  mutating func absorb(_ bytes: UnsafeRawPointer, blocks: Int) {
    var state = self
    Self.constants.withUnsafeBufferPointer { constants in
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
        guard let k = constants.baseAddress, let w = schedule.baseAddress else { return }
        for block in 0..<blocks {
          state.absorb(block: bytes + block &* BlockBuffer.blockSize, constants: k, schedule: w)
        }
      }
    }
    self = state
  }

  /// One block. `schedule` has room for the 64 words of the message schedule.
  @inline(__always)
  private mutating func absorb(
    block: UnsafeRawPointer, constants k: UnsafePointer<UInt32>, schedule w: UnsafeMutablePointer<UInt32>
  ) {
    for t in 0..<16 {
      w[t] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: t &* 4, as: UInt32.self))
    }
    for t in 16..<64 {
      let x = w[t &- 15]
      let y = w[t &- 2]
      let s0 = rotatedLeft(x, 25) ^ rotatedLeft(x, 14) ^ (x &>> 3)
      let s1 = rotatedLeft(y, 15) ^ rotatedLeft(y, 13) ^ (y &>> 10)
      w[t] = w[t &- 16] &+ s0 &+ w[t &- 7] &+ s1
    }
    var s = self
    var t = 0
    while t < 64 {
      // Eight rounds with the letters moving on instead of the values.
      Self.round(s.a, s.b, s.c, &s.d, s.e, s.f, s.g, &s.h, k[t] &+ w[t])
      Self.round(s.h, s.a, s.b, &s.c, s.d, s.e, s.f, &s.g, k[t &+ 1] &+ w[t &+ 1])
      Self.round(s.g, s.h, s.a, &s.b, s.c, s.d, s.e, &s.f, k[t &+ 2] &+ w[t &+ 2])
      Self.round(s.f, s.g, s.h, &s.a, s.b, s.c, s.d, &s.e, k[t &+ 3] &+ w[t &+ 3])
      Self.round(s.e, s.f, s.g, &s.h, s.a, s.b, s.c, &s.d, k[t &+ 4] &+ w[t &+ 4])
      Self.round(s.d, s.e, s.f, &s.g, s.h, s.a, s.b, &s.c, k[t &+ 5] &+ w[t &+ 5])
      Self.round(s.c, s.d, s.e, &s.f, s.g, s.h, s.a, &s.b, k[t &+ 6] &+ w[t &+ 6])
      Self.round(s.b, s.c, s.d, &s.e, s.f, s.g, s.h, &s.a, k[t &+ 7] &+ w[t &+ 7])
      t &+= 8
    }
    a &+= s.a
    b &+= s.b
    c &+= s.c
    d &+= s.d
    e &+= s.e
    f &+= s.f
    g &+= s.g
    h &+= s.h
  }

  @inline(__always)
  private static func round(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32,
    _ h: inout UInt32, _ kw: UInt32
  ) {
    let s1 = rotatedLeft(e, 26) ^ rotatedLeft(e, 21) ^ rotatedLeft(e, 7)
    let choice = g ^ (e & (f ^ g))
    let t1 = h &+ kw &+ choice &+ s1
    let s0 = rotatedLeft(a, 30) ^ rotatedLeft(a, 19) ^ rotatedLeft(a, 10)
    let majority = (a & b) | (c & (a | b))
    d &+= t1
    h = t1 &+ s0 &+ majority
  }
}
