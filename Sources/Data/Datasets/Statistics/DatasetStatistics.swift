public import Digests

/// Gathers the statistics of a dataset while its images pass by, one batch after another. Keeps 64 bytes or so per image: equal images are found by their SHA-256.
///
/// Splits are added in the order train, val, test. An image that occurs several times is paired with its first occurrence in
/// its own split and with its first occurrence in each earlier split.
public struct DatasetStatistics: Sendable {
  /// By split; only splits that images were added to.
  public var splits: [Split: SplitStatistics] { gathered.mapValues(\.statistics) }
  /// Pairs of equal images in the order they were found, at most `listLimit`.
  public private(set) var duplicates: [DuplicatePair] = []
  /// Number of all pairs found, listed or not.
  public private(set) var duplicatePairCount = 0

  /// The longest list of duplicates kept.
  public static let listLimit = 1000

  private let classes: Int
  private let channels: Int
  private let imageSize: Int
  private var gathered: [Split: GatheredSplit] = [:]
  private var firstIndices: [SHA256Value: FirstIndices] = [:]

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
  /// - Parameter digests: the SHA-256 of each image, where it is known already.
  /// - Precondition: N labels in `0 ..< classes`; no later split has been added to.
  public mutating func add(
    _ images: UnsafeBufferPointer<UInt8>, labels: some Sequence<Int>, digests: [SHA256Value]? = nil, to split: Split
  ) {
    precondition(gathered.keys.allSatisfy { $0.order <= split.order }, "\(split) after a later split")
    var found = gathered[split] ?? GatheredSplit(split, classes: classes, channels: channels)
    let before = found.count
    for label in labels {
      precondition((0..<classes).contains(label), "label \(label) of \(classes) classes")
      let start = (found.count - before) * imageSize
      precondition(start + imageSize <= images.count, "more labels than images")
      let image = UnsafeBufferPointer(rebasing: images[start..<start + imageSize])
      found.classCounts[label] += 1
      if found.addPixels(of: image) { found.blankImages += 1 }
      let digest = digests?[found.count - before] ?? SHA256.value(of: UnsafeRawBufferPointer(image))
      findDuplicates(of: digest, split: split, index: found.count, counts: &found.duplicateImages)
      found.count += 1
    }
    precondition((found.count - before) * imageSize == images.count, "more images than labels")
    gathered[split] = found
  }

  private mutating func findDuplicates(
    of digest: SHA256Value, split: Split, index: Int, counts: inout [Split: Int]
  ) {
    var first = firstIndices[digest] ?? FirstIndices(repeating: -1)
    for earlier in Split.allCases where earlier.order <= split.order && first[earlier.order] >= 0 {
      counts[earlier, default: 0] += 1
      duplicatePairCount += 1
      if duplicates.count < Self.listLimit {
        duplicates.append(
          DuplicatePair(
            firstSplit: earlier, firstSample: Int(first[earlier.order]), secondSplit: split, secondSample: index))
      }
    }
    if first[split.order] < 0 {
      first[split.order] = Int32(index)
      firstIndices[digest] = first
    }
  }
}

/// The figures of one split as far as its images have passed by.
private struct GatheredSplit {
  /// The exact sum of a channel's values, and their extremes.
  struct Channel {
    var pixels = 0
    var sum = 0
    var minimum = UInt8.max
    var maximum = UInt8.min
  }

  var count = 0
  var classCounts: [Int]
  var channels: [Channel]
  var blankImages = 0
  var duplicateImages: [Split: Int]

  init(_ split: Split, classes: Int, channels: Int) {
    classCounts = Array(repeating: 0, count: classes)
    self.channels = Array(repeating: Channel(), count: channels)
    duplicateImages = [split: 0]
  }

  var statistics: SplitStatistics {
    SplitStatistics(
      classCounts: classCounts,
      channels: channels.map {
        ChannelStatistics(mean: Double($0.sum) / Double($0.pixels), minimum: $0.minimum, maximum: $0.maximum)
      },
      blankImages: blankImages, duplicateImages: duplicateImages)
  }

  /// Adds the pixel values of an image `[H, W, C]`.
  /// - Returns: whether each channel is the same everywhere.
  mutating func addPixels(of image: UnsafeBufferPointer<UInt8>) -> Bool {
    let step = channels.count
    let block = PixelBlock.size
    var lanes = PixelBlock()
    let whole = block % step == 0 ? image.count / block : 0
    for index in 0..<whole { lanes.add(UnsafeRawBufferPointer(image), at: index * block) }
    var isBlank = true
    for channel in 0..<step {
      var (sum, minimum, maximum) = (0, UInt8.max, UInt8.min)
      for lane in stride(from: channel, to: whole > 0 ? block : 0, by: step) {
        sum += lanes.sum(lane)
        minimum = min(minimum, lanes.minimum(lane))
        maximum = max(maximum, lanes.maximum(lane))
      }
      for index in stride(from: whole * block + channel, to: image.count, by: step) {
        let value = image[index]
        sum += Int(value)
        minimum = min(minimum, value)
        maximum = max(maximum, value)
      }
      channels[channel].pixels += image.count / step
      channels[channel].sum += sum
      channels[channel].minimum = min(channels[channel].minimum, minimum)
      channels[channel].maximum = max(channels[channel].maximum, maximum)
      isBlank = isBlank && minimum == maximum
    }
    return isBlank
  }
}

/// Sums and extremes of the bytes at the same place in blocks of 48, which one and three channels divide evenly.
private struct PixelBlock {
  static let size = 48

  private var sums = (SIMD16<UInt32>(), SIMD16<UInt32>(), SIMD16<UInt32>())
  private var minima = (SIMD16<UInt8>(repeating: .max), SIMD16<UInt8>(repeating: .max), SIMD16<UInt8>(repeating: .max))
  private var maxima = (SIMD16<UInt8>(), SIMD16<UInt8>(), SIMD16<UInt8>())

  /// Adds a block. At most 2²⁴ of them, so that no sum overflows.
  @inline(__always)
  mutating func add(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    Self.add(bytes, at: offset, &sums.0, &minima.0, &maxima.0)
    Self.add(bytes, at: offset &+ 16, &sums.1, &minima.1, &maxima.1)
    Self.add(bytes, at: offset &+ 32, &sums.2, &minima.2, &maxima.2)
  }

  @inline(__always)
  private static func add(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, _ sum: inout SIMD16<UInt32>, _ minimum: inout SIMD16<UInt8>,
    _ maximum: inout SIMD16<UInt8>
  ) {
    let values = bytes.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    sum &+= SIMD16<UInt32>(truncatingIfNeeded: values)
    minimum = minimum.replacing(with: values, where: values .< minimum)
    maximum = maximum.replacing(with: values, where: values .> maximum)
  }

  func sum(_ lane: Int) -> Int { Int([sums.0, sums.1, sums.2][lane / 16][lane % 16]) }
  func minimum(_ lane: Int) -> UInt8 { [minima.0, minima.1, minima.2][lane / 16][lane % 16] }
  func maximum(_ lane: Int) -> UInt8 { [maxima.0, maxima.1, maxima.2][lane / 16][lane % 16] }
}
