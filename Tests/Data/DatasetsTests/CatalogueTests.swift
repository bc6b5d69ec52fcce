import Failures
import Testing

@testable import Datasets

@Suite struct CatalogueTests {
  @Test func holdsTheEightDatasetsInTheOrderOfTheTables() {
    #expect(
      Catalogue.all.map(\.title) == [
        "BreastMNIST", "RetinaMNIST", "PneumoniaMNIST", "DermaMNIST", "BloodMNIST", "OrganCMNIST", "PathMNIST", "OASIS",
      ])
    #expect(Catalogue.all.map(\.classes) == [2, 5, 2, 7, 8, 11, 9, 4])
    #expect(Catalogue.all.map(\.channels) == [1, 3, 1, 3, 3, 1, 3, 1])
  }

  @Test(arguments: Catalogue.all.filter { $0.name != "oasis" }.map(\.name))
  func officialFilesAreNamedAfterTheirFlag(_ name: String) throws {
    let description = try Catalogue.dataset(named: name)
    #expect(description.officialFiles.keys.sorted() == [28, 224])
    #expect(description.officialFiles[28]?.name == "\(name).npz")
    #expect(description.officialFiles[224]?.name == "\(name)_224.npz")
    for file in description.officialFiles.values {
      #expect(file.md5.count == 32 && file.md5.allSatisfy { "0123456789abcdef".contains($0) })
      #expect(file.url == "https://zenodo.org/records/10519652/files/\(file.name)?download=1")
    }
    #expect(description.officialCounts?.count == 3)
    #expect((description.classes == 2) == (description.task == .binary))
  }

  @Test func anUnknownNameIsAnsweredWithTheNearest() {
    let error = #expect(throws: DatasetError.self) { try Catalogue.dataset(named: "brestmnist") }
    #expect(error?.kind == .usage)
    #expect(error.map { "\($0)".contains("did you mean 'breastmnist'?") } == true)
  }
}
