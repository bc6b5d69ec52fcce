import Testing
import _TestSupport

@testable import Datasets

@Suite struct DatasetStatisticsTests {
  @Test func countsPixelsBlanksAndDuplicates() {
    var statistics = DatasetStatistics(classes: 3, channels: 1, imageSize: 4)
    func add(_ images: [[UInt8]], _ labels: [Int], _ split: Split) {
      Array(images.joined()).withUnsafeBufferPointer { statistics.add($0, labels: labels, to: split) }
    }
    let (a, b, blank): ([UInt8], [UInt8], [UInt8]) = ([1, 2, 3, 4], [9, 8, 7, 6], [5, 5, 5, 5])
    add([a, b], [0, 2], .train)
    add([a, blank], [0, 0], .train)
    add([b], [2], .val)
    add([a, a, blank], [1, 1, 1], .test)

    #expect(statistics.splits[.train]?.classCounts == [3, 0, 1])
    #expect(statistics.splits[.train]?.count == 4)
    #expect(statistics.splits[.train]?.blankImages == 1)
    #expect(statistics.splits[.train]?.channels[0].mean == 70.0 / 16)
    #expect(statistics.splits[.train]?.channels[0].minimum == 1)
    #expect(statistics.splits[.train]?.channels[0].maximum == 9)
    #expect(statistics.splits[.train]?.duplicateImages == [.train: 1])
    #expect(statistics.splits[.val]?.duplicateImages == [.train: 1, .val: 0])
    #expect(statistics.splits[.test]?.duplicateImages == [.train: 3, .test: 1])
    #expect(
      statistics.duplicates == [
        DuplicatePair(firstSplit: .train, firstSample: 0, secondSplit: .train, secondSample: 2),
        DuplicatePair(firstSplit: .train, firstSample: 1, secondSplit: .val, secondSample: 0),
        DuplicatePair(firstSplit: .train, firstSample: 0, secondSplit: .test, secondSample: 0),
        DuplicatePair(firstSplit: .train, firstSample: 0, secondSplit: .test, secondSample: 1),
        DuplicatePair(firstSplit: .test, firstSample: 0, secondSplit: .test, secondSample: 1),
        DuplicatePair(firstSplit: .train, firstSample: 3, secondSplit: .test, secondSample: 2),
      ])
  }

  @Test func theListIsCappedAndTheCountIsNot() {
    var statistics = DatasetStatistics(classes: 1, channels: 3, imageSize: 3)
    let images = [UInt8](repeating: 7, count: 3 * 2000)
    images.withUnsafeBufferPointer {
      statistics.add($0, labels: Array(repeating: 0, count: 2000), to: .train)
    }
    #expect(statistics.duplicates.count == DatasetStatistics.listLimit)
    #expect(statistics.duplicatePairCount == 1999)
    #expect(statistics.splits[.train]?.blankImages == 2000)
  }

  @Test("sums and extremes of each channel, whatever the size", arguments: [1, 3], [1, 2, 15, 16, 17, 48, 784, 1000])
  func pixels(channels: Int, count: Int) throws {
    let size = channels * count
    let images = (0..<2 * size).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 / 7 &+ 3) }
    var statistics = DatasetStatistics(classes: 1, channels: channels, imageSize: size)
    images.withUnsafeBufferPointer { statistics.add($0, labels: [0, 0], to: .train) }
    let found = try #require(statistics.splits[.train])
    for channel in 0..<channels {
      let values = stride(from: channel, to: images.count, by: channels).map { images[$0] }
      #expect(found.channels[channel].mean == Double(values.reduce(0) { $0 + Int($1) }) / Double(values.count))
      #expect(found.channels[channel].minimum == values.min())
      #expect(found.channels[channel].maximum == values.max())
    }
  }

  @Test("an image is blank if each channel is the same everywhere", arguments: [1, 3])
  func blanks(channels: Int) {
    let size = channels * 100
    var images = (0..<3 * size).map { UInt8($0 % channels * 9) }
    images[size + 30] = 1
    images[3 * size - 1] = 1
    var statistics = DatasetStatistics(classes: 1, channels: channels, imageSize: size)
    images.withUnsafeBufferPointer { statistics.add($0, labels: [0, 0, 0], to: .train) }
    #expect(statistics.splits[.train]?.blankImages == 1)
  }
}
