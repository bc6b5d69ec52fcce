import Glibc
import Testing
import _TestSupport

@testable import DatasetSources
import Datasets

/// An official file that is kept beside the package; nil where it is absent.
private func official(_ name: String) -> String? {
  let path = "\(Fixtures.packageRoot)/../shared/data/\(name)"
  return access(path, R_OK) == 0 ? path : nil
}

@Suite(.enabled(if: official("breastmnist.npz") != nil, "the official files are absent"))
struct OfficialFileTests {
  /// Sums of all pixels by numpy.
  @Test(arguments: [
    ("breastmnist", [[147, 399], [21, 57], [42, 114]], [35757482, 5282574, 10478773]),
    ("pneumoniamnist", [[1214, 3494], [135, 389], [234, 390]], [538305934, 59624090, 70355184]),
  ])
  func classCountsAndPixels(_ name: String, counts: [[Int]], sums: [Int]) throws {
    let path = try #require(official("\(name).npz"))
    let file = try MedMNISTFile(path: path, description: Catalogue.dataset(named: name), resolution: 28)
    #expect(file.isOfficial)
    #expect(file.notices.isEmpty)
    for split in Split.allCases {
      let labels = file.labels(split)
      #expect((0..<2).map { label in labels.count { $0 == label } } == counts[split.order])
      var sum = 0
      try file.readImages(split, batch: 100) { images, _ in for pixel in images { sum += Int(pixel) } }
      #expect(sum == sums[split.order])
    }
  }

  @Test func anotherResolutionIsRefused() throws {
    let path = try #require(official("breastmnist.npz"))
    let error = #expect(throws: DatasetError.self) {
      try MedMNISTFile(path: path, description: Catalogue.dataset(named: "breastmnist"), resolution: 224)
    }
    #expect(error.map { "\($0)".contains("shape: expected [N, 224, 224]") } == true)
  }
}
