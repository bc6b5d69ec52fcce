/// How a pixel 0 … 255 becomes a number: (x/255 − mean)/deviation, for red, green and blue; a grey image counts as three
/// equal channels. The teacher looks pixels up in `tables`, a student folds `moments` into the weights of its patches; how an
/// image gets its size is the business of `AreaResize` and `PixelRepetition`.
public enum PixelNormalisation: String, CaseIterable, Sendable {
  /// (x/255 − 0.5)/0.5, MedMNIST's.
  case half
  /// With ImageNet's means and standard deviations.
  case imageNet = "imagenet"

  /// Mean and standard deviation of x/255 for red, green and blue.
  public var moments: [(mean: Double, deviation: Double)] {
    switch self {
    case .half: Array(repeating: (0.5, 0.5), count: 3)
    case .imageNet: [(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)]
    }
  }

  /// The number of every pixel value, [3][256], in single precision throughout.
  public var tables: [[Float]] {
    moments.map { moments in
      (0..<256).map { (Float($0) / 255 - Float(moments.mean)) / Float(moments.deviation) }
    }
  }
}
