/// What the pixels and labels of one split are like.
public struct SplitStatistics: Sendable, Equatable {
  /// Images of each class, `[K]`.
  public var classCounts: [Int]
  /// Pixel values of each channel, `[C]`.
  public var channels: [ChannelStatistics]
  /// Images whose pixels are all the same in each channel.
  public var blankImages: Int
  /// By split: images that equal an image of that split; within the own split, an earlier one. Splits without any are left
  /// out, but for the own.
  public var duplicateImages: [Split: Int]

  /// The figures of a split.
  public init(
    classCounts: [Int], channels: [ChannelStatistics], blankImages: Int = 0, duplicateImages: [Split: Int] = [:]
  ) {
    self.classCounts = classCounts
    self.channels = channels
    self.blankImages = blankImages
    self.duplicateImages = duplicateImages
  }

  /// Number of images.
  public var count: Int { classCounts.reduce(0, +) }
}

/// Pixel values of one channel, from 0 to 255.
public struct ChannelStatistics: Sendable, Equatable {
  /// Their mean, rounded once; NaN without pixels.
  public var mean: Double
  /// The smallest; 255 without pixels.
  public var minimum: UInt8
  /// The largest; 0 without pixels.
  public var maximum: UInt8

  /// The values of a channel; by default those of no pixel.
  public init(mean: Double = .nan, minimum: UInt8 = .max, maximum: UInt8 = .min) {
    self.mean = mean
    self.minimum = minimum
    self.maximum = maximum
  }
}

/// Two images that are equal in every pixel; the first comes first in the order of splits and images.
public struct DuplicatePair: Sendable, Equatable {
  /// Split of the first image.
  public var firstSplit: Split
  /// Its index in that split.
  public var firstSample: Int
  /// Split of the second image.
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
