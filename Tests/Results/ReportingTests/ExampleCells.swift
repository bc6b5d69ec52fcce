import Metrics
import VectorMath

@testable import Reporting

/// Invented evaluations, near the paper's values and the same in every run.
struct ExampleCells {
  var profile = "paper"
  var source = DataSource.official

  private let facts: [String: (images: Int, classes: Int, majority: Double)] = [
    "breastmnist": (156, 2, 114.0 / 156), "retinamnist": (400, 5, 174.0 / 400), "pneumoniamnist": (624, 2, 0.625),
    "dermamnist": (2005, 7, 1341.0 / 2005), "bloodmnist": (3421, 8, 666.0 / 3421),
    "organcmnist": (8216, 11, 1847.0 / 8216), "pathmnist": (7180, 9, 1338.0 / 7180), "oasis": (800, 4, 0.25),
  ]

  func cell(_ row: TableRow, _ dataset: String, seed: UInt64) -> EvaluatedCell {
    let fact = facts[dataset] ?? (100, 3, 0.4)
    var stream = RandomStream(seed: seed, purpose: "example \(row.label) \(dataset)")
    let paper = PaperResults.entry(row: row.label, dataset: dataset)
    func near(_ value: Double?, upTo unit: Double) -> Double {
      // In steps of one image, as a real accuracy is.
      let value = (value ?? 0.6) + stream.uniform(in: -0.04...0.04)
      return min(1, (value * unit).rounded() / unit)
    }
    let auc = near(paper?.auc, upTo: 10_000)
    let accuracy = near(paper?.accuracy, upTo: Double(fact.images))
    let patch = row.resolution == 28 ? 52 : 3076
    let attention = row.model == "qvit" ? 18 : 60
    let path = "artifacts/\(profile)/evaluations/\(row.model)-\(row.regime)/\(dataset)-\(row.resolution)-s\(seed).h5"
    return EvaluatedCell(
      model: row.model, regime: row.regime, resolution: row.resolution, dataset: dataset, seed: seed, auc: auc,
      accuracy: accuracy, aucInterval: Interval(low: auc - 0.05, high: min(1, auc + 0.04)),
      accuracyInterval: Interval(low: accuracy - 0.06, high: min(1, accuracy + 0.06)), qubits: 4,
      parameterCount: row.isReference ? 5_073_000 : patch + 784 + 24 + attention + 20 + 76 + 5 * fact.classes,
      imageCount: fact.images, majorityBaseline: fact.majority, source: source, hasLeakingSplit: dataset == "oasis",
      isComparable: source == .official, settingsDigest: "5e771465", profile: profile, resultsVersion: 1,
      formatVersion: 1, path: path)
  }

  func cells(_ layout: TableLayout, _ datasets: [String], seeds: [UInt64]) -> [EvaluatedCell] {
    layout.rows.flatMap { row in
      datasets.flatMap { dataset in
        (row.isReference ? Array(seeds.prefix(1)) : seeds).map { cell(row, dataset, seed: $0) }
      }
    }
  }

  func run(seeds: [UInt64]) -> ReportRun {
    ReportRun(profile: profile, softwareVersion: "0.1.0", seeds: seeds, root: "artifacts/\(profile)")
  }
}
