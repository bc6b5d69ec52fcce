extension [UInt8] {
  /// The little-endian number of the width of `Number` at `offset`.
  func littleEndian<Number: FixedWidthInteger>(_: Number.Type, at offset: Int) -> Number {
    var number: Number = 0
    for index in (0..<MemoryLayout<Number>.size).reversed() {
      number = number << 8 | Number(truncatingIfNeeded: self[offset + index])
    }
    return number
  }

  /// The 16-bit number at `offset`.
  func uint16(at offset: Int) -> Int { Int(littleEndian(UInt16.self, at: offset)) }

  /// The 32-bit number at `offset`.
  func uint32(at offset: Int) -> Int { Int(littleEndian(UInt32.self, at: offset)) }

  /// The 64-bit number at `offset`; nil if it is larger than any file.
  func uint64(at offset: Int) -> Int? { Int(exactly: littleEndian(UInt64.self, at: offset)) }
}
