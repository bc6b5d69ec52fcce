import VectorMath

/// The random choices of one case: the same for the same seed, target and number of the case.
struct Choices {
  private var stream: RandomStream

  init(seed: UInt64, target: String, number: Int) {
    stream = RandomStream(seed: seed, purpose: "fuzz \(target)", UInt64(number))
  }

  /// Uniform in 0 ..< `count`.
  mutating func index(below count: Int) -> Int { stream.index(below: count) }

  /// True once in `odds` times on average.
  mutating func isOneIn(_ odds: Int) -> Bool { index(below: odds) == 0 }

  /// One of the elements.
  mutating func one<Element>(of elements: [Element]) -> Element { elements[index(below: elements.count)] }

  /// A random byte.
  mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: stream.next()) }

  /// A number on which counts, lengths and offsets break: around 0, around powers of two, the ends of the types, a small
  /// or an arbitrary one.
  mutating func boundary() -> Int {
    switch index(below: 8) {
    case 0: return index(below: 4) - 1
    case 1, 2, 3:
      let power = 1 << one(of: [3, 7, 8, 10, 15, 16, 20, 24, 31, 32, 40, 53, 62])
      return power + index(below: 3) - 1
    case 4: return one(of: [Int.max, Int.min, Int(Int32.min), -2, Int.max - 1, Int(UInt32.max) - 1])
    case 5: return index(below: 1 << 16)
    case 6: return -index(below: 1 << 16)
    default: return Int(truncatingIfNeeded: UInt64(stream.next()) << 32 | UInt64(stream.next()))
    }
  }

  /// A number on which measures and weights break.
  mutating func boundaryNumber() -> Double {
    one(of: [
      0, -0.0, 1, -1, .nan, .infinity, -.infinity, 1e300, -1e300, 1e-300, .leastNonzeroMagnitude, 3.5e38, 1e19, 0x1p53,
      0.5, 2,
      Double(boundary()),
    ])
  }
}

/// Changes that need no knowledge of a format but where its tokens and numbers are.
struct Mutation {
  /// Pieces of text or bytes of the format, to be put anywhere.
  var tokens: [[UInt8]] = []

  /// Changes `bytes` in one to four places.
  func apply(to bytes: inout [UInt8], _ choices: inout Choices) {
    for _ in 0...(choices.index(below: 4)) { change(&bytes, &choices) }
  }

  private func change(_ bytes: inout [UInt8], _ choices: inout Choices) {
    guard !bytes.isEmpty else {
      bytes = choices.isOneIn(2) ? [choices.byte()] : []
      return
    }
    let place = choices.index(below: bytes.count)
    switch choices.index(below: 12) {
    case 0: bytes[place] ^= 1 << UInt8(choices.index(below: 8))
    case 1: bytes[place] = choices.byte()
    case 2: bytes[place] = choices.one(of: [0, 1, 0x7f, 0x80, 0xff])
    case 3, 4: setNumber(at: place, &bytes, &choices)
    case 5: bytes.removeSubrange(place..<min(bytes.count, place + 1 + choices.index(below: 16)))
    case 6: bytes.removeLast(choices.index(below: bytes.count))
    case 7:
      let piece = bytes[place..<min(bytes.count, place + 1 + choices.index(below: 64))]
      bytes.insert(contentsOf: Array(piece), at: choices.index(below: bytes.count + 1))
    case 8:
      let piece = Array(bytes[place..<min(bytes.count, place + 1 + choices.index(below: 64))])
      let target = choices.index(below: bytes.count)
      for (offset, byte) in piece.enumerated() where target + offset < bytes.count { bytes[target + offset] = byte }
    case 9, 10: replaceDecimal(near: place, &bytes, &choices)
    default:
      guard let token = tokens.isEmpty ? nil : choices.one(of: tokens) else {
        bytes.insert(choices.byte(), at: place)
        return
      }
      if choices.isOneIn(2) {
        bytes.insert(contentsOf: token, at: place)
      } else {
        for (offset, byte) in token.enumerated() where place + offset < bytes.count { bytes[place + offset] = byte }
      }
    }
  }

  /// A boundary value in 2, 4 or 8 bytes of either order.
  private func setNumber(at place: Int, _ bytes: inout [UInt8], _ choices: inout Choices) {
    let size = choices.one(of: [2, 4, 8])
    let value = UInt64(bitPattern: Int64(choices.boundary()))
    let isBig = choices.isOneIn(3)
    for index in 0..<size where place + index < bytes.count {
      bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (isBig ? size - 1 - index : index)))
    }
  }

  /// Another number in place of the next decimal digits.
  private func replaceDecimal(near place: Int, _ bytes: inout [UInt8], _ choices: inout Choices) {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    let text = choices.isOneIn(6) ? "1e\(choices.boundary() % 1000)" : "\(choices.boundary())"
    bytes.replaceSubrange(start..<end, with: Array(text.utf8))
  }
}
