public import Datasets

/// What a dataset artifact says about its images as a whole.
public struct DatasetContents: Sendable, Equatable {
  /// Task by MedMNIST's name: `binary-class`, `multi-class`, `ordinal-regression`.
  public var task: String
  /// Licence or terms of use.
  public var licence: String
  /// What to cite.
  public var citation: String
  /// Class names; a label is an index.
  public var classNames: [String]
  /// Channels of an image: 1 or 3.
  public var channels: Int
  /// Images per split; all three splits are there, an empty one with 0.
  public var counts: [Split: Int]
  /// Where the images come from.
  public var source: SourceDigest

  /// The description of a dataset.
  public init(
    task: String, licence: String, citation: String, classNames: [String], channels: Int, counts: [Split: Int],
    source: SourceDigest
  ) {
    self.task = task
    self.licence = licence
    self.citation = citation
    self.classNames = classNames
    self.channels = channels
    self.counts = counts
    self.source = source
  }
}

/// Figures about the images of one split.
public struct SplitStatistics: Sendable, Equatable {
  /// Images per class, `[K]`.
  public var classCounts: [Int]
  /// Mean pixel value per channel, 0 … 255, `[C]`; NaN in an empty split.
  public var channelMean: [Double]
  /// Smallest pixel value per channel, `[C]`.
  public var channelMinimum: [UInt8]
  /// Largest pixel value per channel, `[C]`.
  public var channelMaximum: [UInt8]
  /// Images whose pixels are all equal.
  public var blankImages: Int
  /// Images that equal an earlier one of the same split.
  public var duplicateImages: Int

  /// The figures of a split.
  public init(
    classCounts: [Int], channelMean: [Double], channelMinimum: [UInt8], channelMaximum: [UInt8], blankImages: Int,
    duplicateImages: Int
  ) {
    self.classCounts = classCounts
    self.channelMean = channelMean
    self.channelMinimum = channelMinimum
    self.channelMaximum = channelMaximum
    self.blankImages = blankImages
    self.duplicateImages = duplicateImages
  }
}

/// Two samples whose images are equal in every pixel.
public struct DuplicatePair: Sendable, Equatable {
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
}
