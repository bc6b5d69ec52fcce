public import Artifacts
import Datasets
public import Metrics

/// The values printed in the paper: `paper-results.tsv`, a row for each row of the two tables, a column for each dataset.
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

  /// The datasets by their names, in the order of the paper's columns.
  public static let datasets = Array(table.columns.dropFirst())

  /// The rows of both tables: "QViT-KD_28".
  public static var rows: [String] { entries.keys.sorted() }

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

  /// The entry of a row such as "QViT-KD_28" for a dataset; nil where the paper has none.
  public static func entry(row: String, dataset: String) -> Entry? { entries[row]?[dataset] }

  private static let table: EmbeddedTable = {
    do throws(EmbeddedTableError) {
      return try EmbeddedTable(name: "paper-results.tsv", PackageResources.paper_results_tsv)
    } catch { preconditionFailure("\(error)") }
  }()

  /// By row and dataset.
  private static let entries: [String: [String: Entry]] = {
    do throws(EmbeddedTableError) {
      var entries: [String: [String: Entry]] = [:]
      for row in table.rows {
        for dataset in datasets { entries[try row.text("row"), default: [:]][dataset] = try row.value(dataset, entry) }
      }
      return entries
    } catch { preconditionFailure("\(error)") }
  }()

  /// "AUC / ACC".
  private static func entry(_ text: String) -> Entry? {
    let numbers = text.split(separator: " / ").compactMap { Double($0) }
    return numbers.count == 2 ? Entry(auc: numbers[0], accuracy: numbers[1]) : nil
  }
}
