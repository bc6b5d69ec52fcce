import CPNG

extension PixelImage {
  static func png(_ bytes: [UInt8], path: String) throws(ImageError) -> PixelImage {
    // The library's own limit on sides lies above ours, so that the message is ours.
    let libraryLimit = UInt32(Int32.max)
    var image = qvit_png()
    guard qvit_png_decode(bytes, bytes.count, libraryLimit, nil, &image) == 0 else {
      throw .damaged(path: path, format: "PNG", reason: message(image))
    }
    let (height, width) = try check(height: image.height, width: image.width, path: path)
    let stored = Int(image.channels)
    let size = height * width * stored
    var status: Int32 = 0
    var pixels = [UInt8](unsafeUninitializedCapacity: size) { target, count in
      status = qvit_png_decode(bytes, bytes.count, libraryLimit, target.baseAddress, &image)
      count = status == 0 ? size : 0
    }
    guard status == 0 else { throw .damaged(path: path, format: "PNG", reason: message(image)) }
    if stored == 2 || stored == 4 { pixels = onBlack(pixels, channels: stored) }
    return PixelImage(height: height, width: width, channels: stored > 2 ? 3 : 1, pixels: pixels)
  }

  /// The image as a PNG file, 8 bits per channel; `path` is for messages.
  /// - Throws: `ImageError`.
  public func png(path: String) throws(ImageError) -> [UInt8] {
    var image = qvit_png()
    image.height = UInt32(height)
    image.width = UInt32(width)
    image.channels = Int32(channels)
    var size = qvit_png_size_limit(image.height, image.width, image.channels)
    var status: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { target, count in
      status = qvit_png_encode(pixels, &image, target.baseAddress, &size)
      count = status == 0 ? size : 0
    }
    guard status == 0 else { throw .encoding(path: path, reason: Self.message(image)) }
    return bytes
  }

  /// Without the last channel, alpha, by which the others are multiplied.
  private static func onBlack(_ pixels: [UInt8], channels: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count / channels * (channels - 1))
    for start in stride(from: 0, to: pixels.count, by: channels) {
      let alpha = Int(pixels[start + channels - 1])
      for index in start..<start + channels - 1 { result.append(UInt8((Int(pixels[index]) * alpha + 127) / 255)) }
    }
    return result
  }

  private static func message(_ image: qvit_png) -> String {
    withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
