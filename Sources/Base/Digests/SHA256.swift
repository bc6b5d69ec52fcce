internal import CDigests

/// SHA-256 of a stream of bytes (FIPS 180-4), by the processor's own instructions where it has them.
///
/// How the stream is cut into calls of `update` does not matter.
public struct SHA256: Sendable {
  private var message = BlockDigest<SHA256State>()

  /// The digest of no bytes.
  public init() {}

  /// Appends bytes to the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) { message.update(bytes) }

  /// The digest of the message so far: 64 lower-case hexadecimal digits. More bytes may follow.
  public func finalize() -> String { value().description }

  /// The digest of the message so far. More bytes may follow.
  public func value() -> SHA256Value { SHA256Value(message.finalState()) }

  /// The digest of a whole message: 64 lower-case hexadecimal digits.
  public static func hexDigest(of bytes: [UInt8]) -> String { bytes.withUnsafeBytes(value(of:)).description }

  /// The digest of a whole message.
  public static func value(of bytes: UnsafeRawBufferPointer) -> SHA256Value {
    var digest = SHA256()
    digest.update(bytes)
    return digest.value()
  }
}

/// The 32 bytes of a SHA-256.
public struct SHA256Value: Hashable, Sendable, CustomStringConvertible {
  /// Eight words, each as it lies in memory.
  private let words: SIMD8<UInt32>

  /// Bytes of a digest.
  public static let size = 32

  /// The digest that stands at `offset` in `bytes`.
  public init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
    words = bytes.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt32>.self)
  }

  fileprivate init(_ state: SHA256State) {
    let numbers = state.words
    words = SIMD8(
      numbers[0].bigEndian, numbers[1].bigEndian, numbers[2].bigEndian, numbers[3].bigEndian, numbers[4].bigEndian,
      numbers[5].bigEndian, numbers[6].bigEndian, numbers[7].bigEndian)
  }

  /// Its bytes.
  public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

  /// 64 lower-case hexadecimal digits.
  public var description: String { withUnsafeBytes(of: words, hexadecimal) }
}

/// The eight working words of SHA-256, a … h.
struct SHA256State: BlockState {
  fileprivate(set) var words: InlineArray<8, UInt32> = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]

  static let lengthIsBigEndian = true

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

  mutating func absorb(_ bytes: UnsafeRawPointer, blocks: Int) {
    guard sha256_has_instructions() else { return absorbPortably(bytes, blocks: blocks) }
    Self.constants.withUnsafeBufferPointer { constants in
      withUnsafeMutableBytes(of: &words) { words in
        sha256_absorb(words.assumingMemoryBound(to: UInt32.self).baseAddress, bytes, blocks, constants.baseAddress)
      }
    }
  }

  /// The same without special instructions: for machines that have none, and to check those.
  mutating func absorbPortably(_ bytes: UnsafeRawPointer, blocks: Int) {
    var words = WorkingWords(words)
    Self.constants.withUnsafeBufferPointer { constants in
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
        guard let k = constants.baseAddress, let w = schedule.baseAddress else { return }
        for block in 0..<blocks { words.absorb(block: bytes + block &* blockSize, constants: k, schedule: w) }
      }
    }
    self.words = [words.a, words.b, words.c, words.d, words.e, words.f, words.g, words.h]
  }
}

/// a … h, each in a register.
private struct WorkingWords {
  var a, b, c, d, e, f, g, h: UInt32

  init(_ words: InlineArray<8, UInt32>) {
    (a, b, c, d) = (words[0], words[1], words[2], words[3])
    (e, f, g, h) = (words[4], words[5], words[6], words[7])
  }

  /// One block. `schedule` has room for the 64 words of the message schedule.
  @inline(__always)
  mutating func absorb(
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
