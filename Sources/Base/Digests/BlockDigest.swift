/// What a hash function makes of the blocks it has seen: the part in which MD5 and SHA-256 differ.
protocol BlockState: Sendable {
  /// How the length of the message stands at its end.
  static var lengthIsBigEndian: Bool { get }
  /// The state before the first block.
  init()
  /// Digests consecutive blocks of 64 bytes.
  mutating func absorb(_ bytes: UnsafeRawPointer, blocks: Int)
}

/// Cuts a stream of bytes into blocks of 64, the unit of both MD5 and SHA-256, and pads its end.
///
/// How the stream is cut into calls of `update` does not matter.
struct BlockDigest<State: BlockState>: Sendable {
  /// The state after all whole blocks so far.
  private var state = State()
  /// Bytes of the block under way, the first `byteCount` mod 64 of them; room for the padding behind them.
  private var pending = InlineArray<128, UInt8>(repeating: 0)
  private var byteCount = 0

  /// Appends bytes to the message.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    let kept = byteCount % blockSize
    byteCount += bytes.count
    if kept > 0 {
      let taken = rest.prefix(blockSize - kept)
      withUnsafeMutableBytes(of: &pending) { $0.baseAddress?.advanced(by: kept).copy(taken) }
      rest = rest.dropFirst(taken.count)
      guard kept + taken.count == blockSize else { return }
      absorbPending(blocks: 1)
    }
    let whole = rest.count / blockSize
    if whole > 0, let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress { state.absorb(start, blocks: whole) }
    let end = rest.dropFirst(whole * blockSize)
    withUnsafeMutableBytes(of: &pending) { $0.baseAddress?.copy(end) }
  }

  /// The state after the padded end of the message so far: the kept bytes, 0x80, zeros, and the length in bits as 8 bytes.
  func finalState() -> State {
    var end = self
    let kept = byteCount % blockSize
    let padded = kept < blockSize - 8 ? blockSize : 2 * blockSize
    for index in kept..<padded { end.pending[index] = index == kept ? 0x80 : 0 }
    let bits = UInt64(byteCount) &* 8
    withUnsafeMutableBytes(of: &end.pending) {
      $0.storeBytes(
        of: State.lengthIsBigEndian ? bits.bigEndian : bits.littleEndian, toByteOffset: padded - 8, as: UInt64.self)
    }
    end.absorbPending(blocks: padded / blockSize)
    return end.state
  }

  private mutating func absorbPending(blocks: Int) {
    withUnsafeBytes(of: pending) { bytes in
      if let start = bytes.baseAddress { state.absorb(start, blocks: blocks) }
    }
  }
}

/// Bytes per block.
let blockSize = 64

extension UnsafeMutableRawPointer {
  fileprivate func copy(_ bytes: Slice<UnsafeRawBufferPointer>) {
    if let source = UnsafeRawBufferPointer(rebasing: bytes).baseAddress {
      copyMemory(from: source, byteCount: bytes.count)
    }
  }
}

/// Lower-case hexadecimal digits, two per byte.
func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

@inline(__always)
func rotatedLeft(_ word: UInt32, _ count: UInt32) -> UInt32 {
  (word &<< count) | (word &>> (32 &- count))
}
