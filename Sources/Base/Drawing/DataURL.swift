/// Bytes of a file as an address that holds them, so that a page needs no other file.
public struct DataURL: Sendable, Equatable {
  /// The address.
  public let text: String

  /// A PNG file.
  public init(png bytes: [UInt8]) { text = "data:image/png;base64," + base64(bytes) }
}

/// Bytes as letters (RFC 4648, section 4).
public func base64(_ bytes: [UInt8]) -> String {
  let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = (0..<3).map { start + $0 < bytes.count ? UInt32(bytes[start + $0]) : 0 }
    let bits = group[0] << 16 | group[1] << 8 | group[2]
    for place in 0..<4 {
      text.append(
        start + place <= bytes.count ? letters[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
    }
  }
  return String(decoding: text, as: UTF8.self)
}
