import CZlib
import Images
import _TestSupport

/// PNG and JPEG files in memory.
final class ImageTarget: FuzzTarget {
  static let name = "image"
  static let summary = "PNG and JPEG files"
  static let memoryLimit = 2048

  private let seeds: [[UInt8]]
  private let mutation = Mutation(
    tokens: [
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], Array("IHDR".utf8), Array("PLTE".utf8), Array("tRNS".utf8),
      Array("IDAT".utf8), Array("IEND".utf8), Array("iCCP".utf8), Array("zTXt".utf8), Array("eXIf".utf8),
      [0xFF, 0xD8, 0xFF], [0xFF, 0xC0], [0xFF, 0xC2], [0xFF, 0xC4], [0xFF, 0xDA], [0xFF, 0xDD, 0x00, 0x04],
      [0xFF, 0xD9],
      [0xFF, 0xEE, 0x00, 0x0E] + Array("Adobe".utf8), [0xFF, 0xC9],
    ])

  init(directory: String) throws { seeds = try imageSeeds() }

  func input(_ choices: inout Choices, number: Int) throws -> [UInt8] {
    var bytes = choices.one(of: seeds)
    mutation.apply(to: &bytes, &choices)
    if !choices.isOneIn(4) { repairChecksums(of: &bytes) }
    return bytes
  }

  func read(_ input: [UInt8]) throws -> Outcome {
    let image = try PixelImage(decoding: input, path: "image")
    guard image.height * image.width <= PixelImage.pixelLimit else { throw Finding("an image beyond the limit") }
    return .accepted
  }
}

/// Small images of every kind that is read.
func imageSeeds() throws -> [[UInt8]] {
  try [
    "bilevel.png", "gamma.png", "grey-16.png", "grey-alpha.png", "grey.jpg", "grey.png", "palette.png",
    "progressive.jpg",
    "rgb-420.jpg", "rgb-444.jpg", "rgb.png", "rgba.png",
  ].map { try Fixtures.bytes("images/\($0)") }
}

private func checksum(_ bytes: [UInt8]) -> UInt32 {
  bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32(0, $0.baseAddress, UInt32($0.count))) }
}

private func bigEndian(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }

/// Gives every chunk of a PNG file, as far as they follow each other, the checksum of what is in it now.
func repairChecksums(of bytes: inout [UInt8]) {
  guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else { return }
  var offset = 8
  while offset + 12 <= bytes.count {
    let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytes.count - offset - 12 else { return }
    let end = offset + 8 + length
    bytes.replaceSubrange(end..<end + 4, with: bigEndian(checksum(Array(bytes[(offset + 4)..<end]))))
    offset = end + 4
  }
}
