import Artifacts
import Datasets
import Testing
import _TestSupport

@testable import Reporting

/// An official set at both resolutions, one whose resolutions differ, slices that leak, a folder of one's own.
private func example() -> DatasetTable {
  func facts(
    _ dataset: String, _ resolution: Int, _ names: [String], _ counts: [[Int]], _ source: ImageOrigin,
    duplicates: [[Split: Int]] = [[.train: 0], [.train: 0, .val: 0], [.train: 0, .val: 0, .test: 0]],
    isLeaking: Bool = false
  ) -> DatasetFacts {
    DatasetFacts(
      dataset: dataset, task: names.count == 2 ? .binary : .multiClass, classNames: names,
      splits: Dictionary(
        uniqueKeysWithValues: zip(Split.allCases, zip(counts, duplicates)).map { split, facts in
          // Pixel values differ between resolutions, the facts of an entry do not.
          let channel = ChannelStatistics(mean: Double(resolution), minimum: 0, maximum: 255)
          return (split, SplitStatistics(classCounts: facts.0, channels: [channel], duplicateImages: facts.1))
        }), licence: dataset == "dermamnist" ? "CC BY-NC 4.0" : "CC BY 4.0",
      citation: "Somebody et al., \"Images\", 2020.",
      source: source, hasLeakingSplit: isLeaking,
      origins: [.init(resolution: resolution, text: "\(dataset)-\(resolution).npz, MD5 0123456789abcdef")])
  }
  let breast = [[147, 399], [21, 57], [42, 114]]
  let derma = [[1000, 5000], [200, 700], [1100, 900]]
  let equal = [[.train: 2], [.train: 3, .val: 0], [.train: 4, .val: 1, .test: 5]] as [[Split: Int]]
  let brain = ["none", "very mild", "mild", "moderate"]
  let folder = [[3, 4], [1, 1], [0, 0]]
  return DatasetTable(
    [
      facts("breastmnist", 28, ["malignant", "normal, benign"], breast, .official),
      facts("breastmnist", 224, ["malignant", "normal, benign"], breast, .official),
      facts("dermamnist", 28, ["a_b", "50% c"], derma, .official, duplicates: equal),
      facts("dermamnist", 224, ["a_b", "50% c"], derma, .unofficial),
      facts(
        "oasis", 28, brain, [[317, 317, 317, 317], [49, 49, 49, 49], [122, 122, 122, 122]], .own, isLeaking: true),
      facts("mydata", 28, ["x", "y"], folder, .own),
    ], profile: "paper", softwareVersion: "0.1.0",
    missing: [.init(name: "OASIS at 224 pixels", command: "make PROFILE=paper artifacts/paper/data/oasis-224.h5")])
}

@Suite("Dataset section") struct DatasetTableTests {
  @Test(
    "every format as committed text",
    arguments: ["md", "csv", "tex", "txt"])
  func snapshots(format: String) throws {
    let table = example()
    let text =
      switch format {
      case "md": table.markdown()
      case "csv": table.csv()
      case "tex": table.latex()
      default: table.terminal()
      }
    #expect(try snapshotDifference(text, "reporting/datasets.\(format)") == nil)
  }

  @Test("resolutions with the same facts share an entry, others do not")
  func merging() {
    #expect(
      example().entries.map { "\($0.dataset) \($0.origins.map(\.resolution))" } == [
        "breastmnist [28, 224]", "dermamnist [28]", "dermamnist [224]", "oasis [28]", "mydata [28]",
      ])
  }

  @Test("baselines")
  func baselines() {
    let entries = example().entries
    #expect(entries[0].majorityBaseline(on: .test) == 114.0 / 156)
    #expect(entries[0].trainMajorityAccuracy == 114.0 / 156)
    #expect(entries[1].majorityBaseline(on: .test) == 0.55)
    #expect(entries[1].trainMajorityAccuracy == 0.45)
    #expect(entries[4].majorityBaseline(on: .test).isNaN)
    #expect(entries[4].trainMajorityAccuracy.isNaN)
  }

  @Test("equal images across splits are a warning, those within a split are not")
  func duplicates() {
    #expect(
      example().entries[1].duplicates
        == "3 of 900 val images equal a train image, 4 of 2,000 test images equal a train image, "
        + "1 of 2,000 test images equal a val image")
    #expect(example().entries[0].duplicates == nil)
  }

  @Test("what nobody published is not called unofficial")
  func marks() {
    #expect(example().entries.map(\.marks) == [[], [], [.unofficial], [.own, .leaking], [.own]])
  }
}
