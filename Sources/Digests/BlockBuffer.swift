/// Cuts a stream of bytes into blocks of 64, the unit of both MD5 and SHA-256, and pads its end.
struct BlockBuffer: Sendable {
  /// Bytes per block.
  static let blockSize = 64

  /// Bytes received so far.
  private(set) var byteCount: UInt64 = 0
  private var pending: [UInt8] = []

  /// Passes on as many whole blocks as are there and keeps the rest.
  /// - Parameter process: is called with the first byte of consecutive blocks and their number.
  mutating func append(_ bytes: UnsafeRawBufferPointer, process: (UnsafeRawPointer, Int) -> Void) {
    byteCount &+= UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let taken = min(Self.blockSize - pending.count, rest.count)
      pending.append(contentsOf: rest.prefix(taken))
      rest = rest.dropFirst(taken)
      guard pending.count == Self.blockSize else { return }
      pending.withUnsafeBytes { block in
        if let start = block.baseAddress { process(start, 1) }
      }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count / Self.blockSize
    if whole > 0, let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress {
      process(start, whole)
    }
    pending.append(contentsOf: rest.dropFirst(whole * Self.blockSize))
  }

  /// The end of the message: the kept bytes, 0x80, zeros, and the length in bits as 8 bytes.
  func padding(lengthBigEndian: Bool) -> [UInt8] {
    var end = pending
    end.append(0x80)
    while end.count % Self.blockSize != Self.blockSize - 8 { end.append(0) }
    let bits = byteCount &* 8
    withUnsafeBytes(of: lengthBigEndian ? bits.bigEndian : bits.littleEndian) { end.append(contentsOf: $0) }
    return end
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
