import Architectures
import Artifacts
import Datasets
import Drawing
import Figures
import Images
import VisionTransformers

/// How much of the images a page holds.
struct PageImageSettings {
  /// The largest side of an image, in pixels: larger ones are shown smaller.
  var largestSide: Int
  /// Sample images of each class.
  var samples: Int
}

extension DatasetArtifact {
  /// The pixels of an image, `[H, W, C]`.
  func pixels(_ split: Split, _ sample: Int) throws -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: imageSize)
    try pixels.withUnsafeMutableBufferPointer { try readImages(split, sample..<sample + 1, into: $0) }
    return pixels
  }

  /// An image as a page shows it.
  func thumbnail(_ split: Split, _ sample: Int, largestSide: Int) throws -> PixelImage {
    let (side, channels) = (header.resolution, contents.channels)
    let image = PixelImage(height: side, width: side, channels: channels, pixels: try pixels(split, sample))
    guard side > largestSide else { return image }
    let resize = AreaResize(
      height: side, width: side, channels: channels, newHeight: largestSide, newWidth: largestSide)
    var smaller = [UInt8](repeating: 0, count: largestSide * largestSide * channels)
    image.pixels.withUnsafeBufferPointer { source in smaller.withUnsafeMutableBufferPointer { resize(source, into: $0) }
    }
    return PixelImage(height: largestSide, width: largestSide, channels: channels, pixels: smaller)
  }
}

/// Images of one size side by side.
func strip(_ images: [PixelImage]) throws -> DataURL {
  guard let first = images.first else { return DataURL(png: []) }
  let (height, line) = (first.height, first.width * first.channels)
  let pixels = (0..<height).flatMap { row in images.flatMap { $0.pixels[row * line..<(row + 1) * line] } }
  return try DataURL(
    PixelImage(height: height, width: first.width * images.count, channels: first.channels, pixels: pixels))
}

extension DataURL {
  /// An image as a PNG file.
  init(_ image: PixelImage) throws { self.init(png: try image.png(path: "an image of the page")) }
}

/// Where a student looks in an image.
struct AttentionView {
  /// A student.
  struct Viewer {
    let label: String
    let model: VisionTransformerArchitecture
    let parameters: [Float]
  }

  /// A head's map.
  struct Map {
    let name: String
    let weights: [Float]

    /// The part of the attention that the most attended tenth of the patches gets.
    var topShare: Double {
      let top = weights.sorted(by: >).prefix((weights.count + 9) / 10).reduce(0, +)
      return Double(top / weights.reduce(0, +))
    }
  }

  let maps: [Map]
  let predicted: Int

  init(_ viewer: Viewer, _ pixels: [UInt8]) {
    let found = AttentionMaps(viewer.model, parameters: viewer.parameters, pixels: pixels)
    predicted = found.logits.indices.max { found.logits[$0] < found.logits[$1] } ?? 0
    maps = found.heads.map { head in
      let block = viewer.model.blocks > 1 ? "\(head.block + 1)." : ""
      return Map(name: "\(viewer.label) h\(block)\(head.head + 1)", weights: head.weights)
    }
  }
}

/// The maps of heads in the tiles of one grey image, each from its least to its most attended patch; black where all are alike.
/// Eight greys are as many as one tells apart, and take few bytes.
func attentionMap(of heads: [[Float]]) -> PixelImage {
  let size = AttentionPicture.mapSize(heads: heads.count)
  let side = VisionTransformerArchitecture.gridSize
  var pixels = [UInt8](repeating: 0, count: size.width * size.height)
  for (index, weights) in heads.enumerated() {
    let (low, high) = (weights.min() ?? 0, weights.max() ?? 0)
    guard high > low else { continue }
    let place = AttentionPicture.place(ofHead: index)
    for (patch, weight) in weights.enumerated() {
      let (row, column) = (place.y + patch / side, place.x + patch % side)
      pixels[row * size.width + column] = 36 * UInt8((7 * (weight - low) / (high - low)).rounded())
    }
  }
  return PixelImage(height: size.height, width: size.width, channels: 1, pixels: pixels)
}
