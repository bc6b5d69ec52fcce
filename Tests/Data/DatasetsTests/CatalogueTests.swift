import Failures
import FoundationEssentials
import Testing
import _TestSupport

@testable import Datasets

@Suite struct CatalogueTests {
  @Test func beginsWithTheEightDatasetsInTheOrderOfTheTables() {
    let paper = Catalogue.all.prefix(8)
    #expect(
      paper.map(\.title) == [
        "BreastMNIST", "RetinaMNIST", "PneumoniaMNIST", "DermaMNIST", "BloodMNIST", "OrganCMNIST", "PathMNIST", "OASIS",
      ])
    #expect(paper.map(\.classes) == [2, 5, 2, 7, 8, 11, 9, 4])
    #expect(paper.map(\.channels) == [1, 3, 1, 3, 3, 1, 3, 1])
    #expect(Catalogue.all.allSatisfy { $0.sample != nil })
    #expect(Catalogue.title(of: "organcmnist") == "OrganCMNIST" && Catalogue.title(of: "mine") == "mine")
    #expect(Catalogue.hasOfficialFiles("pathmnist") && !Catalogue.hasOfficialFiles("oasis"))
  }

  @Test func smallDatasetsNeedMoreSeeds() {
    for description in Catalogue.all {
      // OASIS has no published split; ours has about 1,300 training images.
      let count = description.officialCounts?[.train] ?? 1300
      #expect(description.seedCount == (count < 10_000 ? 20 : 5), "\(description.name)")
    }
    #expect(Catalogue.seeds(of: "bloodmnist") == [1, 2, 3, 4, 5] && Catalogue.seeds(of: "mine") == [1, 2, 3, 4, 5])
    #expect(Catalogue.seeds(of: "breastmnist") == Array(1...20))
  }

  @Test(arguments: Catalogue.all.prefix(7).map(\.name))
  func officialFilesAreNamedAfterTheirFlag(_ name: String) throws {
    let description = try Catalogue.dataset(named: name)
    #expect(description.officialFiles.keys.sorted() == [28, 224])
    #expect(description.officialFiles[28]?.name == "\(name).npz")
    #expect(description.officialFiles[224]?.name == "\(name)_224.npz")
    for file in description.officialFiles.values {
      #expect(file.url == "https://zenodo.org/records/10519652/files/\(file.name)?download=1")
    }
    #expect(description.officialCounts?.count == 3)
    #expect((description.classes == 2) == (description.task == .binary))
  }

  /// What MedMNIST's `info.py` says, as JSON.
  private struct Published: Decodable {
    struct Dataset: Decodable {
      struct File: Decodable {
        let name: String
        let url: String
        let md5: String
      }
      let title: String
      let task: String
      let channels: Int
      let classes: [String: String]
      let counts: [String: Int]
      let licence: String
      let files: [String: File]

      enum CodingKeys: String, CodingKey {
        case title = "python_class"
        case task
        case channels = "n_channels"
        case classes = "label"
        case counts = "n_samples"
        case licence = "license"
        case files
      }
    }
    let datasets: [String: Dataset]
  }

  @Test(.enabled(if: Fixtures.golden("../medmnist.json") != nil, "MedMNIST's own table is absent"))
  func equalsMedMNISTsTable() throws {
    let path = try #require(Fixtures.golden("../medmnist.json"))
    let published = try JSONDecoder().decode(Published.self, from: Data(contentsOf: URL(filePath: path)))
    for description in Catalogue.all {
      guard let expected = published.datasets[description.name] else { continue }
      #expect(description.title == expected.title)
      #expect(description.task.rawValue == expected.task)
      #expect(description.channels == expected.channels)
      #expect(description.classNames == (0..<expected.classes.count).map { expected.classes["\($0)"] })
      for split in Split.allCases { #expect(description.officialCounts?[split] == expected.counts[split.rawValue]) }
      #expect(description.licence == expected.licence)
      for (resolution, file) in description.officialFiles {
        let other = expected.files["\(resolution)"]
        #expect(file == OfficialFile(name: other?.name ?? "", url: other?.url ?? "", md5: other?.md5 ?? ""))
      }
    }
  }

  @Test func anUnknownNameIsAnsweredWithTheNearest() {
    let error = #expect(throws: DatasetError.self) { try Catalogue.dataset(named: "brestmnist") }
    #expect(error?.kind == .usage)
    #expect(error.map { "\($0)".contains("did you mean 'breastmnist'?") } == true)
  }

  // MARK: The table

  private static let header =
    "name\ttitle\ttask\tchannels\ttrain\tval\ttest\tseeds\tlicence\tmd5_64\tfiles\tsample\tclasses\tcitation\n"
  private static let md5 = String(repeating: "0f", count: 16)

  private static func table(_ row: String) -> Result<[DatasetDescription], EmbeddedTableError> {
    Result { () throws(EmbeddedTableError) in
      try Catalogue.descriptions(in: EmbeddedTable(name: "t.tsv", Array((header + row).utf8)))
    }
  }

  @Test func oneRowIsADataset() throws {
    let row = "new\tNew\tbinary-class\t3\t10\t-\t5\t7\tfree\t\(Self.md5)\tftp://x/{file}?a={file}\tskin\ta, b|c\tMe.\n"
    #expect(
      try Self.table(row).get() == [
        DatasetDescription(
          name: "new", title: "New", task: .binary, channels: 3, classNames: ["a, b", "c"],
          officialCounts: [.train: 10, .test: 5], seedCount: 7, licence: "free", citation: "Me.",
          officialFiles: [
            64: OfficialFile(name: "new_64.npz", url: "ftp://x/new_64.npz?a=new_64.npz", md5: Self.md5)
          ], sample: .skin)
      ])
  }

  @Test(
    arguments: [
      ("new\tNew", "t.tsv: line 2: expected 14 cells, found 2"),
      ("new\tNew\tbinary\t3\t-\t-\t-\t5\tfree\t-\t-\t-\ta|b\tMe.", "t.tsv: line 2: task: cannot be 'binary'"),
      ("new\tNew\tbinary-class\t2\t-\t-\t-\t5\tfree\t-\t-\t-\ta|b\tMe.", "t.tsv: line 2: channels: cannot be '2'"),
      ("new\tNew\tbinary-class\t1\tx\t-\t-\t5\tfree\t-\t-\t-\ta|b\tMe.", "t.tsv: line 2: train: cannot be 'x'"),
      ("new\tNew\tbinary-class\t1\t-\t-\t-\t0\tfree\t-\t-\t-\ta|b\tMe.", "t.tsv: line 2: seeds: cannot be '0'"),
      ("new\tNew\tbinary-class\t1\t-\t-\t-\t5\tfree\tAB\tx\t-\ta|b\tMe.", "t.tsv: line 2: md5_64: cannot be 'AB'"),
      ("new\tNew\tbinary-class\t1\t-\t-\t-\t5\tfree\t\(md5)\t-\t-\ta|b\tMe.", "t.tsv: line 2: files: nothing is there"),
      ("new\tNew\tbinary-class\t1\t-\t-\t-\t5\t-\t-\t-\t-\ta|b\tMe.", "t.tsv: line 2: licence: nothing is there"),
      ("new\tNew\tbinary-class\t1\t-\t-\t-\t5\tfree\t-\t-\t-\t\tMe.", "t.tsv: line 2: classes: nothing is there"),
      ("new\tNew\tbinary-class\t1\t-\t-\t-\t5\tfree\t-\t-\tcat\ta|b\tMe.", "t.tsv: line 2: sample: cannot be 'cat'"),
    ])
  func mistakesAreNamed(row: String, problem: String) {
    #expect(throws: EmbeddedTableError(description: problem)) { try Self.table(row).get() }
  }
}
