/// A member of the TinyViT family, by the name that settings have for it (`model.architecture`).
///
/// The published ones differ in channels only; heads are 32 channels wide in all of them, the four stages have 2, 2, 6 and 2
/// blocks, and windows of 7, 14 and 7 tokens. They are built here without the drop path that timm trains the larger two with.
///
/// Source: microsoft/Cream, TinyViT, `tiny_vit.py`; timm 1.0, `tiny_vit_5m_224`, `tiny_vit_11m_224`, `tiny_vit_21m_224`.
public enum TinyViTVariant: String, Sendable, CaseIterable {
  /// 5.1 million parameters without a head: the paper's teacher.
  case fiveMillion = "tiny-vit-5m"
  /// 10.5 million parameters without a head.
  case elevenMillion = "tiny-vit-11m"
  /// 20.4 million parameters without a head.
  case twentyOneMillion = "tiny-vit-21m"
  /// A teacher for generated images: 0.4 million parameters, one block in each stage, images of 64 pixels. It learns from
  /// random weights in seconds what the large ones need pretraining and hours for. Nobody published it.
  case sample = "tiny-vit-sample"

  /// Its name in tables and pages.
  public var title: String {
    switch self {
    case .fiveMillion: "TinyViT-5M"
    case .elevenMillion: "TinyViT-11M"
    case .twentyOneMillion: "TinyViT-21M"
    case .sample: "TinyViT-sample"
    }
  }

  /// timm's name of its pretrained model without the tag; nil where there is none.
  public var timmName: String? {
    switch self {
    case .fiveMillion: "tiny_vit_5m_224"
    case .elevenMillion: "tiny_vit_11m_224"
    case .twentyOneMillion: "tiny_vit_21m_224"
    case .sample: nil
    }
  }

  /// Pixels along a side of the images it sees; images of other sizes are resized to it.
  public var imageSide: Int { self == .sample ? 64 : TinyViTConfiguration.side }

  /// Its sizes with the head Linear(C₃, q), ReLU, Linear(q, K).
  public func configuration(penultimate: Int, classes: Int) -> TinyViTConfiguration {
    let channels =
      switch self {
      case .fiveMillion: [64, 128, 160, 320]
      case .elevenMillion: [64, 128, 256, 448]
      case .twentyOneMillion: [96, 192, 384, 576]
      case .sample: [32, 64, 96, 128]
      }
    let isSmall = self == .sample
    return TinyViTConfiguration(
      imageSide: imageSide, channels: channels, depths: isSmall ? [1, 1, 1, 1] : [2, 2, 6, 2],
      windows: isSmall ? [4, 4, 2] : [7, 14, 7], penultimate: penultimate, classes: classes)
  }
}
