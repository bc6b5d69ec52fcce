import Failures
import Testing
import _TestSupport

@testable import DatasetSources
import Datasets

private func opened(_ name: String) throws -> ImageArchive {
  try ImageArchive(path: Fixtures.path("npz/\(name).npz"), classes: 3)
}

/// The pixels of `generate_npz.py`.
private func expected(_ split: Split, count: Int) -> [UInt8] {
  (0..<count * 25).map { UInt8((17 * split.order + 31 * ($0 / 25) + 7 * ($0 / 5 % 5) + 13 * ($0 % 5)) % 251) }
}

@Suite("Archives of images that are not MedMNIST's") struct ImageArchiveTests {
  @Test("A single array needs no labels and no particular name")
  func single() throws {
    let archive = try opened("single")
    #expect(archive.parts.map(\.name) == ["arr_0"] && archive.parts[0].labels == nil)
    #expect((archive.parts[0].count, archive.parts[0].resolution, archive.parts[0].channels) == (5, 5, 1))
    var pixels: [UInt8] = []
    try archive.readImages(of: archive.parts[0], batch: 2) { part, count in
      #expect(part.count == count * 25)
      pixels += part
    }
    #expect(pixels == expected(.test, count: 5))
  }

  @Test("Splits come first, in their order; labels belong to the images beside them")
  func labels() throws {
    let archive = try opened("partly-labelled")
    #expect(archive.parts.map(\.name) == ["val", "scan"])
    #expect(archive.parts.map(\.labels) == [[0, 1, 2, 0], nil])
    #expect(archive.parts.map(\.count) == [4, 7])
    let medMNIST = try opened("stored")
    #expect(medMNIST.parts.map(\.name) == ["train", "val", "test"])
    #expect(medMNIST.parts.map { $0.labels?.count } == [7, 4, 5])
  }

  @Test("One channel may be written as an axis")
  func channel() throws {
    let archive = try opened("one-channel")
    #expect(archive.parts[0].name == "images" && archive.parts[0].channels == 1)
    #expect(archive.parts[0].labels == [0, 1, 2, 0])
  }

  @Test(
    "What is wrong is named",
    arguments: [
      (
        "stray-labels",
        "members: expected NAME_images.npy, with or without NAME_labels.npy, or a single array of images, "
          + "found also test_labels.npy"
      ),
      ("oblong", "images.npy: shape: expected [N, H, H, C] for images, found [4, 4, 5]"),
      ("label-range", "train_labels.npy: label 3: expected 0 to 2, found 3"),
    ])
  func refused(name: String, text: String) {
    #expect {
      _ = try opened(name)
    } throws: { error in
      let found = (error as? any Failure)?.description ?? ""
      return found == "\(Fixtures.path("npz/\(name).npz")): \(text)" && (error as? any Failure)?.kind == .badData
    }
  }
}
