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
      ("breastmnist", "98e0629017066eb32cac75372bcd33dfa8d62a644fe52632fae5decd672f6f39"),
      ("retinamnist", "acd01bdac484543540d8ce4e9e27b040b35f56bbef282fde1edc043630090fcb"),
      ("pneumoniamnist", "e00614deb00e2ab9fc895e4e36c610d40b8c2690ff4cb4dc76692e3bcfb5b4b9"),
      ("dermamnist", "aa969eeaf789bdb3a5160ff6cfd2187351a515fd6c835886ab0962e431933ec8"),
      ("bloodmnist", "b7248feedb82bdaeb7f7b9c548143a022d4fd1660faf42b60a474c6797239238"),
      ("organcmnist", "30eb7106566dee79d1a7a4bd26e2fcd71653a7583e46766ab6cda90f7301d73f"),
      ("pathmnist", "d0a47059edce686e70e1353fc4873cb1e78b1cee27c6227ac73f866a1c029425"),
      ("oasis", "5ae894bc210656e3ebba73a8dcaab81b0e3e7c4fa229a08f03c17ae01a560300"),
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
      #expect(labels.count == (split == .train ? 320 : 160))
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
