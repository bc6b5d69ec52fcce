import Testing

@testable import Digests

/// Messages with their published digests (RFC 1321 A.5; FIPS 180-4 examples).
@Suite struct PublishedDigests {
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"),
    ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
  ])
  func md5(message: String, digest: String) {
    #expect(MD5.hexDigest(of: Array(message.utf8)) == digest)
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func sha256(message: String, digest: String) {
    #expect(SHA256.hexDigest(of: Array(message.utf8)) == digest)
  }

  @Test func aMillionLettersA() {
    let message = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(
      SHA256.hexDigest(of: message) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    #expect(MD5.hexDigest(of: message) == "7707d6ae4e027c70eea2a935c2296f21")
  }
}

@Suite struct Chunking {
  static let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ $0 >> 3) }

  @Test(arguments: [1, 3, 55, 56, 63, 64, 65, 127, 128, 129, 500, 999])
  func aMessageInChunks(of size: Int) {
    var md5 = MD5()
    var sha256 = SHA256()
    Self.message.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: size) {
        let chunk = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + size, bytes.count)])
        md5.update(chunk)
        sha256.update(chunk)
        md5.update(UnsafeRawBufferPointer(start: nil, count: 0))
      }
    }
    #expect(md5.finalize() == MD5.hexDigest(of: Self.message))
    #expect(sha256.finalize() == SHA256.hexDigest(of: Self.message))
  }

  /// Every length around the block size, where the padding takes its different forms: the digests of the prefixes of
  /// `message`, digested once more (values from Python's hashlib).
  @Test func paddingOfEveryLength() {
    var md5 = MD5()
    var sha256 = SHA256()
    for length in 0...200 {
      let prefix = Array(Self.message.prefix(length))
      Array(MD5.hexDigest(of: prefix).utf8).withUnsafeBytes { md5.update($0) }
      Array(SHA256.hexDigest(of: prefix).utf8).withUnsafeBytes { sha256.update($0) }
    }
    #expect(md5.finalize() == "43097f97c91c666c8184b311c635d4d0")
    #expect(sha256.finalize() == "3e12723e0552be68f64f071e60c1e1dd490d3b854435653328009e5763f6793d")
  }

  @Test func finalizeLeavesTheStreamOpen() {
    var digest = SHA256()
    Array("ab".utf8).withUnsafeBytes { digest.update($0) }
    _ = digest.finalize()
    Array("c".utf8).withUnsafeBytes { digest.update($0) }
    #expect(digest.finalize() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}

/// The processor's instructions and the Swift version digest the same blocks to the same state.
@Suite struct Instructions {
  @Test(arguments: 0...20)
  func bothVersionsAgree(blocks: Int) {
    let message = (0..<blocks * blockSize + 1).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 4 &+ blocks) }
    var state = SHA256State()
    var portable = SHA256State()
    message.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      // From an odd address, on top of a state that is not the first.
      for _ in 0..<2 {
        state.absorb(start + 1, blocks: blocks)
        portable.absorbPortably(start + 1, blocks: blocks)
      }
    }
    for index in 0..<8 { #expect(state.words[index] == portable.words[index]) }
  }

  @Test func thePortableVersionDigestsABC() {
    var block = [UInt8](repeating: 0, count: blockSize)
    block.replaceSubrange(0..<4, with: [0x61, 0x62, 0x63, 0x80])
    block[blockSize - 1] = 24
    var state = SHA256State()
    block.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress { state.absorbPortably(start, blocks: 1) }
    }
    #expect(state.words[0] == 0xba78_16bf)
    #expect(state.words[7] == 0xf200_15ad)
  }

  @Test func aValueIsItsBytes() {
    let value = SHA256.value(of: UnsafeRawBufferPointer(start: nil, count: 0))
    #expect(value.description == SHA256.hexDigest(of: []))
    #expect(value.bytes.withUnsafeBytes { SHA256Value($0) } == value)
    #expect(value.bytes.first == 0xe3)
  }
}
