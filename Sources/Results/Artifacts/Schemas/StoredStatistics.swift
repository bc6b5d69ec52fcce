public import Datasets

/// Figures about the images of one split, as a dataset artifact holds them.
public struct StoredStatistics: Sendable, Equatable {
  /// Images per class, `[K]`.
  public var classCounts: [Int]
  /// Mean pixel value per channel, 0 … 255, `[C]`; NaN in an empty split.
  public var channelMean: [Double]
  /// Smallest pixel value per channel, `[C]`; 255 in an empty split.
  public var channelMinimum: [UInt8]
  /// Largest pixel value per channel, `[C]`; 0 in an empty split.
  public var channelMaximum: [UInt8]
  /// Images whose pixels are all equal in each channel.
  public var blankImages: Int
  /// By split: images that equal an image of that split; within the own split, an earlier one.
  public var duplicateImages: [Split: Int]

  /// The figures of a split.
  public init(
    classCounts: [Int], channelMean: [Double], channelMinimum: [UInt8], channelMaximum: [UInt8], blankImages: Int,
    duplicateImages: [Split: Int]
  ) {
    self.classCounts = classCounts
    self.channelMean = channelMean
    self.channelMinimum = channelMinimum
    self.channelMaximum = channelMaximum
    self.blankImages = blankImages
    self.duplicateImages = duplicateImages
  }

  /// The figures gathered for `split`.
  public init(_ statistics: SplitStatistics, of split: Split) {
    classCounts = statistics.classCounts
    channelMean = statistics.channels.map(\.mean)
    channelMinimum = statistics.channels.map(\.minimum)
    channelMaximum = statistics.channels.map(\.maximum)
    blankImages = statistics.blankCount
    duplicateImages = statistics.duplicateCounts
    duplicateImages[split] = statistics.duplicateCount
  }
}

/// Two samples whose images are equal in every pixel.
public struct StoredDuplicate: Sendable, Equatable {
  /// Split of the earlier image, in the order train, val, test.
  public var firstSplit: Split
  /// Its index in that split.
  public var firstSample: Int
  /// Split of the later image.
  public var secondSplit: Split
  /// Its index in that split.
  public var secondSample: Int

  /// A pair.
  public init(firstSplit: Split, firstSample: Int, secondSplit: Split, secondSample: Int) {
    self.firstSplit = firstSplit
    self.firstSample = firstSample
    self.secondSplit = secondSplit
    self.secondSample = secondSample
  }

  /// A pair as it was found.
  public init(_ pair: DuplicatePair) {
    self.init(
      firstSplit: pair.splitA, firstSample: pair.indexA, secondSplit: pair.splitB, secondSample: pair.indexB)
  }
}
