public import Artifacts
public import Reporting
import Configuration
public import Metrics

/// A row of results as claims name it, `VARIANT-REGIME-RESOLUTION`: "qvit-scratch-28", "vit-q8-kd-224".
public struct RowName: Sendable, Hashable, CustomStringConvertible {
  /// The variant's name.
  public let variant: String
  /// How its models came about.
  public let regime: Regime
  /// The side of the images in pixels.
  public let resolution: Int

  /// Whether its one run stands for every seed: nothing in a floor is random.
  var hasNoSeed: Bool { regime == .floor }

  /// A row from its parts.
  public init(variant: String, regime: Regime, resolution: Int) {
    self.variant = variant
    self.regime = regime
    self.resolution = resolution
  }

  /// The row of an evaluation.
  public init(_ cell: TableCell) {
    self.init(variant: cell.model.variant, regime: cell.model.regime, resolution: cell.header.resolution)
  }

  /// The row a text names; nil for any other text.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 3, let regime = Regime(rawValue: String(parts[parts.count - 2])),
      let resolution = Int(parts[parts.count - 1]),
      resolution > 0
    else { return nil }
    let variant = parts.dropLast(2).joined(separator: "-")
    guard ArtifactModel.isVariantName(variant) else { return nil }
    self.init(variant: variant, regime: regime, resolution: resolution)
  }

  /// "qvit-scratch-28".
  public var description: String { "\(variant)-\(regime.rawValue)-\(resolution)" }
}

/// A number that a formula may ask for: a metric of a row on a dataset.
public struct Cell: Sendable, Hashable {
  /// The row.
  public let row: RowName
  /// The dataset.
  public let dataset: String
  /// The metric.
  public let metric: Metric

  /// A cell from its parts.
  public init(row: RowName, dataset: String, metric: Metric) {
    self.row = row
    self.dataset = dataset
    self.metric = metric
  }
}
