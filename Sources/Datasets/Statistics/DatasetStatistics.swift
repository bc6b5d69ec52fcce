/// Gathers the statistics of a dataset while its images pass by, one batch after another. Keeps 64 bytes or so per image.
///
/// Splits are added in the order train, val, test. An image that occurs several times is paired with its first occurrence in
/// its own split and with its first occurrence in each earlier split.
public struct DatasetStatistics: Sendable {
  /// By split; only splits that images were added to.
  public private(set) var splits: [Split: SplitStatistics] = [:]
  /// Pairs of equal images in the order they were found, at most `listLimit`.
  public private(set) var duplicates: [DuplicatePair] = []
  /// Number of all pairs found, listed or not.
  public private(set) var duplicatePairCount = 0

  /// The longest list of duplicates kept.
  public static let listLimit = 1000

  private let classes: Int
  private let channels: Int
  private let imageSize: Int
  private var firstIndices: [ImageDigest: FirstIndices] = [:]

  /// Where an image occurred first in each split, by the split's order; −1 where it did not.
  private typealias FirstIndices = SIMD4<Int32>

  /// No images yet of `source`'s shape.
  public init(for source: some ImageSource) {
    self.init(classes: source.description.classes, channels: source.channels, imageSize: source.imageSize)
  }

  /// No images yet, `imageSize` = H · W · C bytes each.
  public init(classes: Int, channels: Int, imageSize: Int) {
    precondition(imageSize > 0 && imageSize % channels == 0, "\(imageSize) bytes in \(channels) channels")
    self.classes = classes
    self.channels = channels
    self.imageSize = imageSize
  }

  /// Adds a batch of images `[N, H, W, C]` with their labels to a split.
  /// - Precondition: N labels in `0 ..< classes`; no later split has been added to.
  public mutating func add(_ images: UnsafeBufferPointer<UInt8>, labels: some Sequence<Int>, to split: Split) {
    precondition(splits.keys.allSatisfy { $0.order <= split.order }, "\(split) after a later split")
    var statistics = splits[split] ?? SplitStatistics(classes: classes, channels: channels)
    let before = statistics.count
    for label in labels {
      precondition((0..<classes).contains(label), "label \(label) of \(classes) classes")
      let start = (statistics.count - before) * imageSize
      precondition(start + imageSize <= images.count, "more labels than images")
      let image = UnsafeBufferPointer(rebasing: images[start..<start + imageSize])
      statistics.classCounts[label] += 1
      if statistics.addPixels(of: image) { statistics.blankCount += 1 }
      findDuplicates(of: image, split: split, index: statistics.count, statistics: &statistics)
      statistics.count += 1
    }
    precondition((statistics.count - before) * imageSize == images.count, "more images than labels")
    splits[split] = statistics
  }

  private mutating func findDuplicates(
    of image: UnsafeBufferPointer<UInt8>, split: Split, index: Int, statistics: inout SplitStatistics
  ) {
    let digest = ImageDigest(of: UnsafeRawBufferPointer(image))
    var first = firstIndices[digest] ?? FirstIndices(repeating: -1)
    for earlier in Split.allCases where earlier.order <= split.order && first[earlier.order] >= 0 {
      if earlier == split {
        statistics.duplicateCount += 1
      } else {
        statistics.duplicateCounts[earlier, default: 0] += 1
      }
      duplicatePairCount += 1
      if duplicates.count < Self.listLimit {
        duplicates.append(
          DuplicatePair(splitA: earlier, indexA: Int(first[earlier.order]), splitB: split, indexB: index))
      }
    }
    if first[split.order] < 0 {
      first[split.order] = Int32(index)
      firstIndices[digest] = first
    }
  }
}

extension SplitStatistics {
  /// Adds the pixel values of an image `[H, W, C]`.
  /// - Returns: whether each channel is the same everywhere.
  fileprivate mutating func addPixels(of image: UnsafeBufferPointer<UInt8>) -> Bool {
    let step = channels.count
    var isBlank = true
    for channel in 0..<step {
      var (sum, minimum, maximum) = (0, UInt8.max, UInt8.min)
      for index in stride(from: channel, to: image.count, by: step) {
        let value = image[index]
        sum += Int(value)
        minimum = min(minimum, value)
        maximum = max(maximum, value)
      }
      channels[channel].count += image.count / step
      channels[channel].sum += sum
      channels[channel].minimum = min(channels[channel].minimum, minimum)
      channels[channel].maximum = max(channels[channel].maximum, maximum)
      isBlank = isBlank && minimum == maximum
    }
    return isBlank
  }
}
