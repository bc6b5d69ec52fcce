/// The images of a batch as the first layer reads them.
struct ImageSource {
  /// uint8 [images, side, side, channels].
  let pixels: UnsafePointer<UInt8>
  let side: Int
  /// 1 (grey, seen as three equal channels) or 3.
  let channels: Int
  /// The number of every pixel value for each of three channels.
  let tables: [[Float]]

  /// Writes one row of an image, [side, 3].
  func writeRow(_ row: Int, ofImage image: Int, to: UnsafeMutablePointer<Float>) {
    let from = pixels + (image * side + row) * side * channels
    let step = channels == 1 ? 0 : 1
    for channel in 0..<3 {
      tables[channel].withUnsafeBufferPointer { table in
        for column in 0..<side { to[3 * column + channel] = table[Int(from[column * channels + step * channel])] }
      }
    }
  }
}
