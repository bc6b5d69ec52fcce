/// An integer type of an array, as numpy's `descr` names it: byte order, sign, width.
struct ArrayElement: Equatable {
  let isSigned: Bool
  /// Width in bytes: 1, 2, 4 or 8.
  let size: Int
  let isBigEndian: Bool

  /// One unsigned byte, `|u1`.
  static let byte = ArrayElement(isSigned: false, size: 1, isBigEndian: false)

  private init(isSigned: Bool, size: Int, isBigEndian: Bool) {
    self.isSigned = isSigned
    self.size = size
    self.isBigEndian = isBigEndian
  }

  /// The type called `descr`, for example `|u1`, `<i8`, `>i4`; nil if it is no integer type.
  init?(descr: String) {
    let characters = Array(descr)
    guard characters.count == 3, "<>|=".contains(characters[0]), "iu".contains(characters[1]),
      let size = characters[2].wholeNumberValue, [1, 2, 4, 8].contains(size), characters[0] != "|" || size == 1
    else { return nil }
    // The order of a single byte means nothing.
    self.init(isSigned: characters[1] == "i", size: size, isBigEndian: characters[0] == ">" && size > 1)
  }

  /// The number in `bytes`, which are `size` many; nil if it does not fit an Int.
  func value(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var bits: UInt64 = 0
    for index in 0..<size {
      bits = bits << 8 | UInt64(bytes[isBigEndian ? index : size - 1 - index])
    }
    guard isSigned else { return Int(exactly: bits) }
    let unused = UInt64(64 - 8 * size)
    return Int(Int64(bitPattern: bits << unused) >> Int64(unused))
  }

  /// As numpy writes it.
  var descr: String { (size == 1 ? "|" : isBigEndian ? ">" : "<") + (isSigned ? "i" : "u") + "\(size)" }
}
