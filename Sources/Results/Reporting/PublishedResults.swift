import Datasets
public import Metrics

/// The classifiers that the paper compares its students with, with the values they were published with: `published.tsv`, a row
/// for each, a column for each dataset.
///
/// These are the fourteen of its statement about RetinaMNIST: the seven rows of MedMNIST v2, three MedViT and four MedMamba. A
/// cell is "AUC / ACC" on the official test split. "-" is a value that is not confirmed, "~" one that is attributed to the source
/// of its row and that no source at hand confirms; all others are on the collection's own page, in the authors' README, or quoted
/// by a later work. Parameters and GFLOPs are those that arXiv:2503.07294 and arXiv:2403.03849 give.
public enum PublishedResults {
  /// AUC and ACC on a test split, as published.
  public struct Entry: Sendable, Equatable {
    /// Area under the ROC curve.
    public let auc: Double
    /// Accuracy.
    public let accuracy: Double
    /// Whether a source at hand says so.
    public let isConfirmed: Bool

    /// The value of a metric.
    public subscript(metric: Metric) -> Double {
      switch metric {
      case .auc: auc
      case .accuracy: accuracy
      }
    }
  }

  /// A classifier.
  public struct Classifier: Sendable, Equatable {
    /// What it is called: "ResNet-18 (28)".
    public let name: String
    /// The number of its parameters; nil where none is known.
    public let parameters: Int?
    /// Billions of operations for one image, as published; nil where none are known.
    public let gigaFLOPs: Double?
    /// Its values by the datasets' names.
    public let entries: [String: Entry]
    /// What to cite.
    public let source: String
  }

  /// All classifiers, in the order of the table.
  public static let classifiers: [Classifier] = {
    do throws(EmbeddedTableError) {
      return try classifiers(in: EmbeddedTable(name: "published.tsv", PackageResources.published_tsv))
    } catch { preconditionFailure("\(error)") }
  }()

  /// The classifier of a name; nil if there is none.
  public static func classifier(named name: String) -> Classifier? { classifiers.first { $0.name == name } }

  /// The highest published value of a metric on a dataset, and whose it is; nil where none is known.
  public static func best(_ metric: Metric, on dataset: String) -> (classifier: Classifier, value: Double)? {
    classifiers.compactMap { classifier in classifier.entries[dataset].map { (classifier, $0[metric]) } }
      .max { $0.1 < $1.1 }
  }

  /// The rows of a table.
  static func classifiers(in table: EmbeddedTable) throws(EmbeddedTableError) -> [Classifier] {
    let facts = ["name", "parameters", "gflops", "source"]
    let datasets = table.columns.filter { !facts.contains($0) }
    var classifiers: [Classifier] = []
    for row in table.rows {
      var entries: [String: Entry] = [:]
      for dataset in datasets { entries[dataset] = try row.valueIfAny(dataset, entry) }
      classifiers.append(
        Classifier(
          name: try row.text("name"), parameters: try row.valueIfAny("parameters") { Int($0) },
          gigaFLOPs: try row.valueIfAny("gflops") { Double($0) }, entries: entries, source: try row.text("source")))
    }
    return classifiers
  }

  /// "AUC / ACC", with "~" before it where it is not confirmed.
  private static func entry(_ text: String) -> Entry? {
    let isConfirmed = !text.hasPrefix("~")
    let numbers = text.drop { $0 == "~" }.split(separator: " / ").compactMap { Double($0) }
    guard numbers.count == 2, numbers.allSatisfy((0...1).contains) else { return nil }
    return Entry(auc: numbers[0], accuracy: numbers[1], isConfirmed: isConfirmed)
  }
}
