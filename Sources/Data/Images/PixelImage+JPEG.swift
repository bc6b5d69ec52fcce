import CJPEG

extension PixelImage {
  static func jpeg(_ bytes: [UInt8], path: String) throws(ImageError) -> PixelImage {
    var image = qvit_jpeg()
    guard qvit_jpeg_decode(bytes, bytes.count, nil, &image) == 0 else {
      throw .damaged(path: path, format: "JPEG", reason: message(image))
    }
    let (height, width) = try check(height: image.height, width: image.width, path: path)
    let channels = Int(image.components)
    guard channels == 1 || channels == 3 else {
      throw .colours(path: path, found: channels == 4 ? "CMYK" : "\(channels) components")
    }
    var status: Int32 = 0
    let size = height * width * channels
    let pixels = [UInt8](unsafeUninitializedCapacity: size) { target, count in
      status = qvit_jpeg_decode(bytes, bytes.count, target.baseAddress, &image)
      count = status == 0 ? size : 0
    }
    guard status == 0 else { throw .damaged(path: path, format: "JPEG", reason: message(image)) }
    return PixelImage(height: height, width: width, channels: channels, pixels: pixels)
  }

  private static func message(_ image: qvit_jpeg) -> String {
    withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
