import Digests
import Failures
import Files
import Glibc
import Images
import Testing
import _TestSupport

@testable import DatasetSources
import Datasets

private let folders = ["Non Demented", "Very_mild_Dementia", "mild dementia", "Moderate Dementia"]

/// Participants by class, each with two volumes of five slices, one of them beyond 160.
private func filled(participants: [Int] = [6, 4, 3, 2], below: String = "") throws -> ImageFolder {
  let folder = try ImageFolder()
  var number = 0
  for (label, count) in participants.enumerated() {
    for _ in 0..<count {
      number += 1
      for acquisition in 1...2 {
        for slice in [100, 101, 130, 160, 161] {
          let id = String(number + 1000)
          try folder.add(
            "\(below)\(folders[label])/OAS1_\(id)_MR1_mpr-\(acquisition)_\(slice).png", value: number * 50 + slice,
            height: 6, width: 12)
        }
      }
    }
  }
  return folder
}

private func division(
  _ level: OASISSource.Level, cap: Int? = nil, allowsMissingVal: Bool = false, seed: UInt64 = 1
) -> OASISSource.Division {
  .init(level: level, ratios: .standard, perClassCap: cap, allowsMissingVal: allowsMissingVal, seed: seed)
}

@Suite("OASIS slices") struct OASISSourceTests {
  @Test(
    "names say which slice it is",
    arguments: [
      ("OAS1_0001_MR1_mpr-1_100.jpg", OASISSlice(participant: "OAS1_0001", session: 1, acquisition: 1, slice: 100)),
      ("OAS1_0351_MR2_mpr-4_160.PNG", OASISSlice(participant: "OAS1_0351", session: 2, acquisition: 4, slice: 160)),
      ("OAS1_0001_MR1_mpr-1_100.gif", nil), ("OAS1_01_MR1_mpr-1_100.jpg", nil), ("copy of OAS1_0001.jpg", nil),
      ("OAS1_0001_MR1_mpr-1_1000.jpg", nil),
    ])
  func names(name: String, slice: OASISSlice?) { #expect(OASISSlice(fileName: name) == slice) }

  @Test("what must stay together is in one split", arguments: OASISSource.Level.allCases, [nil, 12])
  func disjoint(level: OASISSource.Level, cap: Int?) throws {
    let folder = try filled(participants: [6, 4, 3, 3])
    let source = try OASISSource(directory: folder.path, resolution: 28, division: division(level, cap: cap))
    #expect(source.isLeaking == (level != .participant))
    var splits: [String: Set<Split>] = [:]
    for row in source.manifest {
      let slice = try #require(row.slice)
      let group =
        switch level {
        case .slice: row.file
        case .volume: slice.volume
        case .participant: slice.participant
        }
      splits[group, default: []].insert(row.split)
      #expect(OASISSource.sliceNumbers.contains(slice.slice))
    }
    #expect(splits.values.allSatisfy { $0.count == 1 })
    #expect(source.manifest.count == (cap == nil ? 16 * 8 : 4 * 12))
    for split in Split.allCases { #expect(Set(source.labels(split)) == [0, 1, 2, 3]) }
    #expect(source.notices == ["\(folder.path): 32 images of other slices than 100 to 160 left out"])
    let again = try OASISSource(directory: folder.path, resolution: 28, division: division(level, cap: cap))
    #expect(again.manifest == source.manifest)
    let other = try OASISSource(directory: folder.path, resolution: 28, division: division(level, cap: cap, seed: 2))
    #expect(other.manifest != source.manifest)
  }

  @Test("two people cannot be in three splits: the error says so, and what can be done")
  func twoParticipants() throws {
    let folder = try filled()
    let error = #expect(throws: DatasetError.self) {
      try OASISSource(directory: folder.path, resolution: 28, division: division(.participant))
    }
    #expect(error?.kind == .badData)
    #expect(
      error?.description
        == "\(folder.path)/Moderate Dementia: participants: expected at least 3 in class 'Moderate Dementia', one each for "
        + "train, val and test, found 2; --allow-missing-val puts one in train and one in test, none in val, --split slice "
        + "or volume divides their images and leaks")
    let source = try OASISSource(
      directory: folder.path, resolution: 28, division: division(.participant, allowsMissingVal: true))
    #expect(Split.allCases.map { source.labels($0).count { $0 == 3 } } == [8, 0, 8])
    #expect(source.notices.first?.contains("'Moderate Dementia' is not in val") == true)
  }

  @Test("each class is divided by chance of its own")
  func independentClasses() throws {
    let folder = try filled(participants: [9, 9, 9, 9])
    let source = try OASISSource(directory: folder.path, resolution: 28, division: division(.participant))
    let divisions = (0..<4).map { label in
      let rows = source.manifest.filter { $0.label == label }.sorted { $0.file < $1.file }
      return rows.map(\.split)
    }
    #expect(Set(divisions).count > 1)
  }

  @Test("one person is too few, whatever is allowed")
  func oneParticipant() throws {
    let folder = try filled(participants: [3, 3, 3, 1])
    let error = #expect(throws: DatasetError.self) {
      try OASISSource(
        directory: folder.path, resolution: 28, division: division(.participant, allowsMissingVal: true))
    }
    #expect(error?.description.hasSuffix("one each for train, val and test, found 1") == true)
  }

  @Test("a person in two classes is refused where persons stay together, wherever chance puts them")
  func twoClasses() throws {
    let folder = try filled(participants: [3, 3, 3, 3])
    for acquisition in 1...4 {
      try folder.add("\(folders[1])/OAS1_1001_MR2_mpr-\(acquisition)_120.png", value: acquisition)
    }
    var refused = 0
    for seed in 1...8 {
      do {
        _ = try OASISSource(
          directory: folder.path, resolution: 28, division: division(.participant, seed: UInt64(seed)))
      } catch let error as DatasetError {
        refused += 1
        #expect(error.description.contains("participant: expected OAS1_1001 in one class and one split, found"))
      }
    }
    #expect(refused == 8)
  }

  @Test("the class folders may lie in Data")
  func nested() throws {
    let folder = try filled(participants: [3, 3, 3, 3], below: "Data/")
    #expect(
      try OASISSource(directory: folder.path, resolution: 28, division: division(.slice)).manifest.count == 96)
  }

  @Test("wrong folders and names are one line")
  func wrong() throws {
    func message(_ change: (ImageFolder) throws -> Void) throws -> String {
      let folder = try filled(participants: [3, 3, 3, 3])
      try change(folder)
      let error = #expect(throws: DatasetError.self) {
        try OASISSource(directory: folder.path, resolution: 28, division: division(.slice))
      }
      #expect(error?.kind == .badData)
      return error?.description.replacing(folder.path, with: "TMP") ?? ""
    }
    let expected = "expected Non Demented, Very mild Dementia, Mild Dementia, Moderate Dementia"
    #expect(
      try message { rename("\($0.path)/\(folders[2])", "\($0.path)/.hidden") }
        == "TMP: class folders: \(expected), found no Mild Dementia")
    #expect(
      try message { try $0.add("Others/1.png", value: 1) } == "TMP: class folders: \(expected), found also Others")
    #expect(
      try message { try $0.add("Mild_Dementia/OAS1_0001_MR1_mpr-1_100.png", value: 1) }
        == "TMP: class folders: \(expected), found both Mild_Dementia and mild dementia")
    #expect(
      try message { try $0.add("Non Demented/IM-0001.png", value: 1) }
        == "TMP/Non Demented/IM-0001.png: name: expected a name like OAS1_0001_MR1_mpr-1_100.jpg, found IM-0001.png")
  }
}

private let samples = "\(Fixtures.packageRoot)/../shared/data/oasis-slices-sample"

@Suite("Real OASIS slices", .enabled(if: access(samples, R_OK) == 0, "the slices are absent"))
struct RealSliceTests {
  /// SHA-256 of the pixels, and the sum of the luma, by PIL.
  @Test(
    "decode to what PIL decodes to",
    arguments: [
      ("OAS1_0003_MR1_mpr-3_105.jpg", "8b204619ae0aabb775df6ad3dcb0aa219d758d8375d35b97f89835f45304e6d5", 3404858),
      ("OAS1_0004_MR1_mpr-2_116.jpg", "7055fcc859fec6f28a3d9cb4a9b6e2e56beb9a9dbed98a80640f3dcd618dbf83", 5047477),
      ("OAS1_0028_MR1_mpr-2_105.jpg", "4f33a8607148ecc987ec7f10c53e16146decc12c6e9fe8f26965345113450c8a", 4834526),
      ("OAS1_0308_MR1_mpr-3_123.jpg", "7403208429b9a6ff79093dbaebac61f306b441c7f78592a8bad0874e973d6ca1", 4935713),
    ])
  func decoding(name: String, sha256: String, sum: Int) throws {
    let image = try PixelImage(path: "\(samples)/\(name)")
    #expect((image.height, image.width, image.channels) == (248, 496, 3))
    #expect(SHA256.hexDigest(of: image.pixels) == sha256)
    #expect(image.withChannels(1).pixels.reduce(0) { $0 + Int($1) } == sum)
  }
}
