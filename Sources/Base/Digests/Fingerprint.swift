/// A number by which bytes are recognised that were there a while ago: for finding out that memory or a file has changed
/// by accident, within one process. Not cryptographic, and not to be stored.
///
/// Sixteen pairs of Fletcher sums, aᵢ ← aᵢ + w, bᵢ ← bᵢ + aᵢ over every sixteenth word w of 32 bits, all modulo 2³², folded
/// to 64 bits by steps that are one-to-one in each sum: any change within one word changes the number.
public enum Fingerprint {
  private typealias Sums = SIMD16<UInt32>

  /// The fingerprint of some bytes; never 0.
  public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var (a, b) = (Sums(repeating: 0), Sums(repeating: 0))
    let step = MemoryLayout<Sums>.size
    let whole = bytes.count / step * step
    if let start = bytes.baseAddress {
      for offset in stride(from: 0, to: whole, by: step) {
        a &+= start.loadUnaligned(fromByteOffset: offset, as: Sums.self)
        b &+= a
      }
    }
    var rest = Sums(repeating: 0)
    withUnsafeMutableBytes(of: &rest) { $0.copyBytes(from: bytes[whole...]) }
    a &+= rest
    b &+= a
    var result = UInt64(truncatingIfNeeded: bytes.count)
    for index in 0..<Sums.scalarCount {
      result = (result ^ (UInt64(a[index]) << 32 | UInt64(b[index]))) &* 0x9e37_79b9_7f4a_7c15
      result ^= result >> 32
    }
    return result == 0 ? 1 : result
  }
}
