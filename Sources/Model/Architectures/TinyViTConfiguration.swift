/// The sizes of a TinyViT.
public struct TinyViTConfiguration: Sendable, Equatable {
  /// Pixels along a side of the image.
  public var imageSide: Int
  /// Channels of the four stages.
  public var channels: [Int]
  /// Blocks of the four stages; those of the first are convolutions, those of the others attend.
  public var depths: [Int]
  /// Tokens along a side of an attention window in stages 1, 2 and 3.
  public var windows: [Int]
  /// Width q of the penultimate vector.
  public var penultimate: Int
  /// Number of classes K.
  public var classes: Int

  /// Pixels along a side of the published models' images.
  public static let side = 224

  /// Channels of an attention head.
  static let headWidth = 32

  /// TinyViT-5M at 224 pixels with the head Linear(320, q), ReLU, Linear(q, K).
  ///
  /// Source: microsoft/Cream, TinyViT; timm's `tiny_vit_5m_224`.
  public static func fiveMillion(penultimate: Int, classes: Int) -> TinyViTConfiguration {
    TinyViTVariant.fiveMillion.configuration(penultimate: penultimate, classes: classes)
  }

  /// A TinyViT of these sizes; `channels` and `depths` have four elements, `windows` three.
  /// - Precondition: channels of stage 0 a multiple of 32, those of the others of 32 (the width of a head); the image is 32
  ///   times the grid of the last stage, and every grid is a multiple of its window.
  public init(
    imageSide: Int, channels: [Int], depths: [Int], windows: [Int], penultimate: Int, classes: Int
  ) {
    precondition(
      channels.count == 4 && depths.count == 4 && windows.count == 3 && channels.allSatisfy { $0 > 0 && $0 % 32 == 0 },
      "channels \(channels), depths \(depths), windows \(windows)")
    precondition(imageSide > 0 && imageSide % 32 == 0 && penultimate > 0 && classes > 1, "image side \(imageSide)")
    for (stage, window) in windows.enumerated() {
      precondition(
        window > 0 && (imageSide >> (stage + 3)) % window == 0, "stage \(stage + 1) with a window of \(window)")
    }
    self.imageSide = imageSide
    self.channels = channels
    self.depths = depths
    self.windows = windows
    self.penultimate = penultimate
    self.classes = classes
  }
}
