import Failures
import Files
import Testing
import _TestSupport

@testable import Images

private func fixture(_ name: String) -> String { Fixtures.path("images/\(name)") }

private func bytes(_ name: String) throws -> [UInt8] { try contents(ofFile: fixture(name)) }

@Suite struct PixelImageTests {
  @Test(
    "decodes to what PIL decodes to, bit for bit",
    arguments: [
      "grey.png", "grey-alpha.png", "bilevel.png", "grey-16.png", "gamma.png", "grey.jpg", "rgb.png", "rgba.png",
      "palette.png", "rgb-420.jpg", "rgb-444.jpg", "progressive.jpg",
    ])
  func decoding(name: String) throws {
    let image = try PixelImage(path: fixture(name))
    #expect((image.height, image.width) == (13, 22))
    #expect(image.pixels == (try bytes(name + (image.channels == 1 ? ".grey" : ".rgb"))))
  }

  @Test("grey is the luma PIL computes; three channels repeat it")
  func channels() throws {
    let colour = try PixelImage(path: fixture("rgb.png"))
    let grey = colour.withChannels(1)
    #expect(grey.pixels == (try bytes("luma.grey")))
    #expect(grey.withChannels(3).withChannels(1) == grey)
    #expect(colour.withChannels(3) == colour)
  }

  @Test(
    "bad images are one line and bad data",
    arguments: [
      ("bad-cmyk.jpg", "colours: expected grey or red, green, blue, found CMYK; convert the image first"),
      ("bad-truncated-rgb.png", "damaged PNG: the file ends early"),
      ("bad-truncated-rgb-420.jpg", "damaged JPEG: Premature end of JPEG file"),
      ("bad-truncated-progressive.jpg", "damaged JPEG: Premature end of JPEG file"),
      ("bad-bit.png", "damaged PNG: IDAT: CRC error"),
      (
        "bad-huge.png",
        "size: expected at most 16384 pixels a side and 64 megapixels, found 2000000000 x 2000000000"
      ),
      ("bad-wide.png", "size: expected at most 16384 pixels a side and 64 megapixels, found 16385 x 1"),
      ("bad-area.png", "size: expected at most 16384 pixels a side and 64 megapixels, found 16384 x 16384"),
      ("bad-huge.jpg", "size: expected at most 16384 pixels a side and 64 megapixels, found 65000 x 65000"),
      ("bad-gif.png", "expected a PNG or JPEG image, found something else"),
      ("bad-empty.jpg", "expected a PNG or JPEG image, found something else"),
      ("bad-start.jpg", "damaged JPEG: Premature end of JPEG file"),
    ])
  func refused(name: String, message: String) throws {
    let error = #expect(throws: ImageError.self) { try PixelImage(path: fixture(name)) }
    #expect(error?.description == "\(fixture(name)): \(message)")
    #expect(error?.kind == .badData)
  }

  @Test(
    "every truncation and many damaged bytes are refused or decoded, never a crash",
    arguments: ["rgb.png", "progressive.jpg"])
  func damage(name: String) throws {
    let whole = try bytes(name)
    for count in 0..<whole.count - 2 {
      #expect(throws: ImageError.self, "\(count) bytes") {
        try PixelImage(decoding: Array(whole[..<count]), path: name)
      }
    }
    for index in whole.indices {
      var damaged = whole
      damaged[index] ^= UInt8(1 << (index % 8))
      _ = try? PixelImage(decoding: damaged, path: name)
    }
  }

  /// A chunk of a PNG file with its checksum.
  private func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    var checksum: UInt32 = .max
    for byte in body {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0xEDB8_8320 : checksum >> 1 }
    }
    func bigEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
    return bigEndian(UInt32(data.count)) + body + bigEndian(~checksum)
  }

  @Test("image data left over shows damage, a broken colour profile does not")
  func leftOver() throws {
    let whole = try bytes("rgb.png")
    // A row more than the header says; the header lies behind the signature.
    var header = Array(whole[16..<29])
    header[7] -= 1
    let surplus = Array(whole[..<8]) + chunk("IHDR", header) + Array(whole[33...])
    let error = #expect(throws: ImageError.self) { try PixelImage(decoding: surplus, path: "x.png") }
    #expect(error?.description == "x.png: damaged PNG: IDAT: Too much image data")
    let profile = Array(whole[..<33]) + chunk("iCCP", [0x78, 0, 0, 1, 2, 3]) + Array(whole[33...])
    #expect(try PixelImage(decoding: profile, path: "x.png") == PixelImage(path: fixture("rgb.png")))
  }

  @Test("a PNG written is read back", arguments: [1, 3])
  func encoding(channels: Int) throws {
    let pixels = (0..<(7 * 5 * channels)).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let image = PixelImage(height: 7, width: 5, channels: channels, pixels: pixels)
    #expect(try PixelImage(decoding: image.png(path: "x"), path: "x") == image)
  }
}
