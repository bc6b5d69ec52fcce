public import Datasets
import Threads
import VectorMath

/// Generated images in place of a dataset: the true classes, channels and names, pictures that only look a little like the
/// modality. They make every stage run without a download and are never comparable to the paper.
///
/// Each image is a function of dataset, split and index. It is drawn at 224 pixels; the 28-pixel image is the mean of its
/// 8 × 8 blocks, rounded half up.
public struct SampleImages: ImageSource, Sendable {
  /// The resolutions there are, in pixels.
  public static let resolutions = [28, 224]

  /// Changes whenever any picture does.
  public static let version = 2

  /// Images of a split: enough for a teacher to learn from and for AUCs with intervals worth printing.
  static func count(of split: Split) -> Int { split == .train ? 320 : 160 }

  /// The dataset.
  public let description: DatasetDescription
  /// Height and width, 28 or 224.
  public let resolution: Int

  private let painter: (draw: Painter, classes: Int)
  private let splitLabels: [Split: [Int]]

  private typealias Painter = @Sendable (Int, inout RandomStream) -> SampleCanvas

  /// How a picture is drawn, and how many classes it can tell apart.
  private static func painter(of picture: SamplePicture) -> (draw: Painter, classes: Int) {
    switch picture {
    case .breast: (SampleCanvas.breast, 2)
    case .retina: (SampleCanvas.retina, 5)
    case .chest: (SampleCanvas.chest, 2)
    case .skin: (SampleCanvas.skin, 7)
    case .blood: (SampleCanvas.blood, 8)
    case .organ: (SampleCanvas.organ, 11)
    case .tissue: (SampleCanvas.tissue, 9)
    case .brain: (SampleCanvas.brain, 4)
    }
  }

  /// The samples of a dataset of the catalogue.
  /// - Throws: `DatasetError.unknownName` for a dataset without samples, `DatasetError.unknownResolution`.
  public init(description: DatasetDescription, resolution: Int) throws(DatasetError) {
    guard let painter = description.sample.map(Self.painter) else {
      throw .unknownName(description.name, known: Catalogue.all.map(\.name))
    }
    guard Self.resolutions.contains(resolution) else {
      throw .unknownResolution(resolution, known: Self.resolutions)
    }
    self.description = description
    self.resolution = resolution
    self.painter = painter
    splitLabels = Dictionary(
      uniqueKeysWithValues: Split.allCases.map { ($0, Self.labels(of: description, $0)) })
  }

  /// Never: these are not the published images.
  public var isOfficial: Bool { false }

  /// The generator and its version.
  public var digest: SourceDigest { .generator(name: "sample", version: Self.version) }

  /// Says that these are not real images.
  public var notices: [String] { ["generated sample data, not comparable to the paper"] }

  /// Number of images of a split.
  public func count(of split: Split) -> Int { splitLabels[split]?.count ?? 0 }

  /// The labels of a split; each class occurs at least twice.
  public func labels(_ split: Split) -> [Int] { splitLabels[split] ?? [] }

  /// Draws the images of a split in batches.
  /// - Throws: what `body` throws.
  public func readImages(
    _ split: Split, batch: Int, _ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void
  ) throws {
    precondition(batch > 0, "batch of \(batch) images")
    let labels = labels(split)
    let pool = WorkerPool(threads: WorkerPool.processors)
    for first in stride(from: 0, to: labels.count, by: batch) {
      let part = first..<min(first + batch, labels.count)
      let images = [UInt8](unsafeUninitializedCapacity: part.count * imageSize) { target, count in
        // Invariant: every chunk initialises the bytes of its own image.
        nonisolated(unsafe) let bytes = target
        pool.run(chunks: part.count) { number in
          let index = part.lowerBound + number
          let drawn = image(split, index: index, label: labels[index])
          _ = UnsafeMutableBufferPointer(rebasing: bytes[number * imageSize..<(number + 1) * imageSize])
            .initialize(from: drawn)
        }
        count = part.count * imageSize
      }
      try images.withUnsafeBufferPointer { try body($0, part.count) }
    }
  }

  /// The first images of the test split, drawn one after the other.
  public func preview(count: Int) -> [[UInt8]] {
    labels(.test).prefix(count).enumerated().map { image(.test, index: $0.offset, label: $0.element) }
  }

  private func image(_ split: Split, index: Int, label: Int) -> [UInt8] {
    var stream = RandomStream(
      seed: UInt64(Self.version), purpose: "sample image \(description.name)", UInt64(split.order), UInt64(index))
    let drawn = painter.draw(label % painter.classes, &stream).bytes(channels: channels)
    guard resolution != SampleCanvas.side else { return drawn }
    let reduce = AreaResize(
      height: SampleCanvas.side, width: SampleCanvas.side, channels: channels, newHeight: resolution,
      newWidth: resolution)
    return [UInt8](unsafeUninitializedCapacity: imageSize) { target, count in
      drawn.withUnsafeBufferPointer { source in
        reduce(source, into: UnsafeMutableBufferPointer(rebasing: target[..<imageSize]))
      }
      count = imageSize
    }
  }

  /// Each class twice, the rest by chance, in random order.
  private static func labels(of description: DatasetDescription, _ split: Split) -> [Int] {
    let classes = description.classes
    let count = count(of: split)
    var stream = RandomStream(
      seed: UInt64(version), purpose: "sample labels \(description.name)", UInt64(split.order))
    let labels = (0..<count).map { $0 < 2 * classes ? $0 % classes : stream.index(below: classes) }
    return stream.permutation(of: count).map { labels[$0] }
  }
}
