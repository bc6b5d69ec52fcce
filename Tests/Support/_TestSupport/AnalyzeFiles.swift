/// The two files of an Analyze 7.5 volume, written for tests.
public struct AnalyzeFiles: Sendable {
  /// Voxels along each axis.
  public var extents: [Int]
  /// The header's `orient`: 0 transverse, 1 coronal, 2 sagittal; 3 to 5 flipped.
  public var orient: UInt8 = 2
  /// Whether numbers have their most significant byte first, as in OASIS-1.
  public var isBigEndian = true
  /// The header's `datatype`: 4 is 16 bits, 2 is 8.
  public var type = 4

  /// 16-bit files of these extents, sagittal, most significant byte first.
  public init(extents: [Int]) { self.extents = extents }

  /// The bytes of the header.
  public var header: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 348)
    func put(_ value: UInt32, _ offset: Int, _ count: Int) {
      for index in 0..<count {
        bytes[offset + (isBigEndian ? count - 1 - index : index)] = UInt8(truncatingIfNeeded: value >> (8 * index))
      }
    }
    put(348, 0, 4)
    put(16384, 32, 4)
    bytes[38] = UInt8(ascii: "r")
    // One volume, as a fourth axis.
    for (index, extent) in ([4] + extents + [1]).enumerated() { put(UInt32(extent), 40 + 2 * index, 2) }
    put(UInt32(type), 70, 2)
    put(type == 2 ? 8 : 16, 72, 2)
    for axis in 1...3 { put(Float(1).bitPattern, 76 + 4 * axis, 4) }
    bytes[252] = orient
    return bytes
  }

  /// The bytes of the voxels; `value` is given the indices along the axes of the file.
  public func voxels(_ value: (_ first: Int, _ second: Int, _ third: Int) -> Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for third in 0..<extents[2] {
      for second in 0..<extents[1] {
        for first in 0..<extents[0] {
          let word = UInt16(bitPattern: Int16(value(first, second, third)))
          let pair = [UInt8(word >> 8), UInt8(word & 0xFF)]
          bytes += type == 2 ? [pair[1]] : isBigEndian ? pair : pair.reversed()
        }
      }
    }
    return bytes
  }
}
