/// What the pixels and labels of one split are like.
public struct SplitStatistics: Sendable, Equatable {
  /// Number of images.
  public internal(set) var count = 0
  /// Number of images of each class.
  public internal(set) var classCounts: [Int]
  /// Pixel values of each channel.
  public internal(set) var channels: [ChannelStatistics]
  /// Number of images whose pixels are all the same in each channel.
  public internal(set) var blankCount = 0
  /// Number of images equal to an earlier image of the same split.
  public internal(set) var duplicateCount = 0
  /// For each split added before: number of images equal to an image of that split.
  public internal(set) var duplicateCounts: [Split: Int] = [:]

  init(classes: Int, channels: Int) {
    classCounts = Array(repeating: 0, count: classes)
    self.channels = Array(repeating: ChannelStatistics(), count: channels)
  }
}

/// Pixel values of one channel, from 0 to 255.
public struct ChannelStatistics: Sendable, Equatable {
  /// Number of pixels.
  public internal(set) var count = 0
  /// Sum of all values, exact.
  public internal(set) var sum = 0
  /// Smallest value.
  public internal(set) var minimum: UInt8 = .max
  /// Largest value.
  public internal(set) var maximum: UInt8 = .min

  /// sum / count, rounded once; NaN without pixels.
  public var mean: Double { Double(sum) / Double(count) }
}

/// Two equal images; `a` comes first in the order of splits and images.
public struct DuplicatePair: Sendable, Equatable {
  /// Split of the first image.
  public let splitA: Split
  /// Number of the first image in its split, from 0.
  public let indexA: Int
  /// Split of the second image.
  public let splitB: Split
  /// Number of the second image in its split, from 0.
  public let indexB: Int
}
