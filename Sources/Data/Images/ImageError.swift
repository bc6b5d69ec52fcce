public import Failures

/// An image file that cannot be used.
public enum ImageError: Failure, Equatable {
  /// It begins like no format that is read here.
  case notAnImage(path: String)
  /// It is larger than an image of a dataset can be; nothing was decoded.
  case tooLarge(path: String, height: Int, width: Int)
  /// Its colours cannot be turned into grey or red, green, blue.
  case colours(path: String, found: String)
  /// It ends early or is damaged elsewhere.
  case damaged(path: String, format: String, reason: String)
  /// A volume whose header says something that is not read here, or does not agree with its voxels.
  case volume(path: String, field: String, expected: String, found: String)
  /// It cannot be encoded.
  case encoding(path: String, reason: String)

  /// Bad data; internal where encoding fails.
  public var kind: FailureKind {
    if case .encoding = self { .internalError } else { .badData }
  }

  /// One line: path, expected, found.
  public var description: String {
    switch self {
    case .notAnImage(let path): "\(path): expected a PNG or JPEG image, found something else"
    case .tooLarge(let path, let height, let width):
      "\(path): size: expected at most \(PixelImage.sideLimit) pixels a side and \(PixelImage.pixelLimit >> 20) "
        + "megapixels, found \(width) x \(height)"
    case .colours(let path, let found):
      "\(path): colours: expected grey or red, green, blue, found \(found); convert the image first"
    case .damaged(let path, let format, let reason): "\(path): damaged \(format): \(reason)"
    case .volume(let path, let field, let expected, let found):
      "\(path): \(field): expected \(expected), found \(found)"
    case .encoding(let path, let reason): "\(path): cannot encode: \(reason)"
    }
  }
}
