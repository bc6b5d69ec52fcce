public import Artifacts
public import Metrics

/// The values printed in the paper.
///
/// Source: T. Boucher, E. B. Mazomenos, arXiv:2503.07294, Tables 1 and 2.
public enum PaperResults {
  /// AUC and ACC of one entry, as printed, three decimals.
  public struct Entry: Sendable, Equatable {
    /// Area under the ROC curve.
    public let auc: Double
    /// Accuracy.
    public let accuracy: Double

    /// The value of a metric; nil for one that the paper does not give.
    public subscript(metric: Metric) -> Double? {
      switch metric {
      case .auc: auc
      case .accuracy: accuracy
      }
    }
  }

  /// The datasets by their flags, in the order of the paper's columns.
  public static let datasets = [
    "breastmnist", "retinamnist", "pneumoniamnist", "dermamnist", "bloodmnist", "organcmnist", "pathmnist", "oasis",
  ]

  /// The entry of a model in Table 1 or 2; nil where the paper has none.
  public static func entry(table: Int, model: ArtifactModel, resolution: Int, dataset: String) -> Entry? {
    switch (table, model.kind, model.regime) {
    case (1, .vit, .scratch): entry(row: "ViT_\(resolution)", dataset: dataset)
    case (1, .qvit, .scratch): entry(row: "QViT_\(resolution)", dataset: dataset)
    case (2, .vit, .kd): entry(row: "ViT-KD_\(resolution)", dataset: dataset)
    case (2, .qvit, .kd): entry(row: "QViT-KD_\(resolution)", dataset: dataset)
    case (2, .tinyvit, .teacher): entry(row: "TinyViT", dataset: dataset)
    default: nil
    }
  }

  /// The entry of a row as the paper calls it, such as "QViT-KD_28", for a dataset's flag; nil where the paper has none.
  public static func entry(row: String, dataset: String) -> Entry? {
    guard let column = datasets.firstIndex(of: dataset), let values = rows[row] else { return nil }
    return Entry(auc: values[column].0, accuracy: values[column].1)
  }

  /// (AUC, ACC) of each row, in the order of `datasets`.
  private static let rows: [String: [(Double, Double)]] = [
    // Table 1
    "ViT_28": [
      (0.733, 0.821), (0.690, 0.468), (0.931, 0.846), (0.863, 0.694), (0.979, 0.844),
      (0.912, 0.574), (0.932, 0.686), (0.822, 0.701),
    ],
    "ViT_224": [
      (0.709, 0.744), (0.696, 0.528), (0.931, 0.849), (0.870, 0.691), (0.976, 0.835),
      (0.938, 0.627), (0.944, 0.687), (0.603, 0.400),
    ],
    "QViT_28": [
      (0.788, 0.801), (0.748, 0.565), (0.904, 0.862), (0.857, 0.695), (0.968, 0.812),
      (0.923, 0.618), (0.934, 0.684), (0.812, 0.693),
    ],
    "QViT_224": [
      (0.735, 0.763), (0.683, 0.525), (0.944, 0.856), (0.862, 0.696), (0.969, 0.815),
      (0.947, 0.633), (0.933, 0.650), (0.785, 0.678),
    ],
    // Table 2
    "ViT-KD_28": [
      (0.770, 0.756), (0.701, 0.518), (0.935, 0.824), (0.865, 0.696), (0.976, 0.839),
      (0.914, 0.613), (0.942, 0.709), (0.810, 0.693),
    ],
    "ViT-KD_224": [
      (0.681, 0.731), (0.708, 0.488), (0.938, 0.825), (0.857, 0.685), (0.981, 0.863),
      (0.906, 0.555), (0.942, 0.682), (0.749, 0.652),
    ],
    "QViT-KD_28": [
      (0.636, 0.750), (0.744, 0.535), (0.938, 0.864), (0.849, 0.693), (0.972, 0.824),
      (0.928, 0.612), (0.921, 0.660), (0.764, 0.641),
    ],
    "QViT-KD_224": [
      (0.714, 0.763), (0.720, 0.510), (0.943, 0.840), (0.860, 0.701), (0.971, 0.815),
      (0.917, 0.613), (0.939, 0.712), (0.763, 0.656),
    ],
    "TinyViT": [
      (0.900, 0.904), (0.790, 0.618), (0.988, 0.886), (0.933, 0.823), (0.999, 0.989),
      (0.997, 0.956), (0.990, 0.889), (0.983, 0.965),
    ],
  ]
}
