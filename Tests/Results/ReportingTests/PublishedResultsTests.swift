import Datasets
import Metrics
import Testing

@testable import Reporting

@Suite struct PublishedResultsTests {
  /// "Outperforms 13 of 14 published classifiers on RetinaMNIST, 0.88 % below the best."
  @Test func theFourteenOfRetinaMNIST() throws {
    let accuracies = PublishedResults.classifiers.compactMap { $0.entries["retinamnist"]?.accuracy }
    #expect(PublishedResults.classifiers.count == 14 && accuracies.count == 14)
    let ours = try #require(PaperResults.entry(row: "QViT_28", dataset: "retinamnist")).accuracy
    #expect(accuracies.count { $0 < ours } == 13)
    let best = try #require(PublishedResults.best(.accuracy, on: "retinamnist"))
    #expect(best.classifier.name == "MedMamba-X" && best.value == 0.570)
    #expect((100 * (ours / best.value - 1) + 0.877).magnitude < 0.001)
  }

  /// The eight-qubit QViT-KD_224 is said to stay 0.40 % and 4.78 % below the best: of an AUC of .995 and an ACC of .937.
  @Test func theBestOfBloodMNIST() throws {
    let (auc, accuracy) = (
      try #require(PublishedResults.best(.auc, on: "bloodmnist")).value,
      try #require(PublishedResults.best(.accuracy, on: "bloodmnist")).value
    )
    #expect(
      (100 * (0.995 / auc - 1) + 0.40).magnitude < 0.005 && (100 * (0.937 / accuracy - 1) + 4.78).magnitude < 0.005)
  }

  @Test func rowsAreWholeWhereTheSourceIsAtHand() {
    let names = Set(PublishedResults.classifiers.map(\.name))
    #expect(names.count == 14)
    let datasets = Set(Catalogue.all.map(\.name))
    for classifier in PublishedResults.classifiers {
      #expect(datasets.isSuperset(of: classifier.entries.keys), "\(classifier.name)")
      #expect(classifier.source.contains("arXiv:") || classifier.source.contains("medmnist.com"))
      if classifier.source.contains("medmnist.com") || classifier.source.contains("README") {
        #expect(
          classifier.entries.count == 7 && classifier.entries.values.allSatisfy(\.isConfirmed), "\(classifier.name)")
      }
    }
    let unconfirmed = PublishedResults.classifiers.filter { $0.entries["retinamnist"]?.isConfirmed == false }
    #expect(unconfirmed.map(\.name) == ["MedViT-T", "MedViT-L", "MedMamba-S", "MedMamba-B"])
    #expect(PublishedResults.classifier(named: "MedMamba-T")?.gigaFLOPs == 2)
    #expect(PublishedResults.classifier(named: "MedMamba-X")?.parameters == 14_500_000)
  }

  @Test(
    arguments: [
      ("X\t-\t-\t0.5\tme", "p.tsv: line 2: oasis: cannot be '0.5'"),
      ("X\t-\t-\t0.5 / 1.5\tme", "p.tsv: line 2: oasis: cannot be '0.5 / 1.5'"),
      ("X\tmany\t-\t-\tme", "p.tsv: line 2: parameters: cannot be 'many'"),
      ("X\t-\t-\t-\t-", "p.tsv: line 2: source: nothing is there"),
    ])
  func mistakesAreNamed(row: String, problem: String) {
    let header = "name\tparameters\tgflops\toasis\tsource\n"
    let error = #expect(throws: EmbeddedTableError.self) {
      try PublishedResults.classifiers(in: EmbeddedTable(name: "p.tsv", Array((header + row).utf8)))
    }
    #expect(error?.description == problem)
  }
}
