import Digests
import Testing

@testable import DatasetSources
import Datasets

private struct Enough: Error {}

/// The first images of a split, read in batches of 2.
private func firstImages(_ name: String, _ resolution: Int, _ split: Split, count: Int) throws -> [UInt8] {
  let source = try SampleImages(description: Catalogue.dataset(named: name), resolution: resolution)
  var images: [UInt8] = []
  do {
    try source.readImages(split, batch: 2) { batch, _ in
      images += batch
      if images.count >= count * source.imageSize { throw Enough() }
    }
  } catch is Enough {}
  return Array(images.prefix(count * source.imageSize))
}

@Suite struct SampleImagesTests {
  /// A change here changes every result on sample data: then `SampleImages.version` changes too.
  @Test(
    "The pictures stay the same",
    arguments: [
      ("breastmnist", "b575cebc340873adcd65e5ae98ecfbd68b41940c71323e068903a2b4d5306731"),
      ("retinamnist", "859d712127e4bf7ce7bad4f18da464e1fa056a4c6cf907070208dfa6a145e8a7"),
      ("pneumoniamnist", "f718a7090965550c439fda4a5d1e15549193194ab1158c746f6f7156c581a433"),
      ("dermamnist", "66ad68f087ba71e91fa158a5910cb988ae06d821b0bd4c3637c2e7631e23c22f"),
      ("bloodmnist", "7a477e5acb3f60645282d4f33871cf2c699232207b8550b217589116ed92c07d"),
      ("organcmnist", "07cfbcba5e404e8a33250afe3c61273edebea475045b1e6a7d53979a7d5ebdaa"),
      ("pathmnist", "07300875654401553e24b2c5fd37e54189a053fb6f0f8fbd24427955f2272a0d"),
      ("oasis", "6cca6dce2a9131324bd24373732921578b11e75673a47c05213e29b45a539bac"),
    ])
  func picturesArePinned(_ name: String, digest: String) throws {
    #expect(SHA256.hexDigest(of: try firstImages(name, 224, .test, count: 2)) == digest)
  }

  @Test("The 28-pixel image is the rounded block mean of the 224-pixel image", arguments: ["breastmnist", "pathmnist"])
  func reducedImages(_ name: String) throws {
    let channels = try Catalogue.dataset(named: name).channels
    let large = try firstImages(name, 224, .val, count: 2)
    let small = try firstImages(name, 28, .val, count: 2)
    for image in 0..<2 {
      for row in 0..<28 {
        for column in 0..<28 {
          for channel in 0..<channels {
            var sum = 0
            for y in 0..<8 {
              for x in 0..<8 {
                sum += Int(large[((image * 224 + row * 8 + y) * 224 + column * 8 + x) * channels + channel])
              }
            }
            #expect(Int(small[((image * 28 + row) * 28 + column) * channels + channel]) == (sum + 32) / 64)
          }
        }
      }
    }
  }

  @Test(arguments: Catalogue.all.map(\.name))
  func everyClassIsInEverySplitTwice(_ name: String) throws {
    let description = try Catalogue.dataset(named: name)
    let source = try SampleImages(description: description, resolution: 28)
    for split in Split.allCases {
      let labels = source.labels(split)
      #expect(labels.count == source.count(of: split))
      #expect((22...88).contains(labels.count))
      for label in 0..<description.classes { #expect(labels.count { $0 == label } >= 2) }
      #expect(labels.allSatisfy { (0..<description.classes).contains($0) })
    }
    #expect(!source.isOfficial)
    #expect(source.digest == .generator(name: "sample", version: SampleImages.version))
  }

  @Test("No image is blank or occurs twice")
  func imagesDiffer() throws {
    let source = try SampleImages(description: Catalogue.dataset(named: "oasis"), resolution: 28)
    var statistics = DatasetStatistics(for: source)
    for split in [Split.val, .test] {
      let labels = source.labels(split)
      var done = 0
      try source.readImages(split, batch: 7) { images, count in
        statistics.add(images, labels: labels[done..<done + count], to: split)
        done += count
      }
      #expect(done == labels.count)
      #expect(statistics.splits[split]?.blankImages == 0)
    }
    #expect(statistics.duplicatePairCount == 0)
  }

  @Test func otherResolutionsAreRefused() throws {
    let breast = try Catalogue.dataset(named: "breastmnist")
    #expect(throws: DatasetError.unknownResolution(64, known: [28, 224])) {
      try SampleImages(description: breast, resolution: 64)
    }
  }
}
