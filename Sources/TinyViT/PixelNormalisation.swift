/// How a pixel becomes a number: (x/255 − mean)/deviation, for red, green and blue.
public struct PixelNormalisation: Sendable, Equatable {
  /// Subtracted from x/255.
  public var mean: [Float]
  /// Divides the difference.
  public var deviation: [Float]

  /// (x/255 − 0.5)/0.5 for all channels.
  public static let half = PixelNormalisation(mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5])

  /// The means and deviations of ImageNet.
  public static let imageNet = PixelNormalisation(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])

  /// The number of every pixel value, [3][256].
  var tables: [[Float]] {
    (0..<3).map { channel in (0..<256).map { (Float($0) / 255 - mean[channel]) / deviation[channel] } }
  }
}
