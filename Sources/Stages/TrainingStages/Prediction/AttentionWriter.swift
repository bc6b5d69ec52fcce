import Architectures
import Artifacts
import Files
import Images
import Losses
import StageSupport
import VisionTransformers

/// Writes the attention weights of a student for single images: softmax(QKᵀ/√d) of every block and head, `[blocks, heads, T, T]`, a row
/// for each query, as an array of NumPy's and as a picture.
struct AttentionWriter {
  private let architecture: VisionTransformerArchitecture
  private let parameters: [Float]
  private let side: Int
  private let channels: Int
  private let name: String

  /// - Throws: `ArtifactError` for a teacher, whose windows of attention are no map of the image.
  init(_ predictor: Predictor, path: String) throws {
    guard let student = predictor.student else {
      throw ArtifactError.wrongKind(path: path, expected: "student, for attention maps", found: "teacher")
    }
    (architecture, parameters) = student
    side = predictor.header.resolution
    channels = predictor.channels
    let trained = predictor.header.model.map { "\($0.variant)-\($0.regime.rawValue)" } ?? "student"
    name = "\(trained)-\(predictor.header.resolution)-s\(predictor.header.seed)"
  }

  /// Writes `IMAGE.VARIANT-REGIME-RESOLUTION-sSEED.npy` and `.png` for the first images, in the folders that they are in.
  func write(_ images: PredictionImages, first count: Int, to directory: String) throws {
    var index = 0
    try images.read(side: side, channels: channels) { pixels, _ in
      let size = side * side * channels
      for start in stride(from: 0, to: pixels.count, by: size) where index < count {
        let image = Array(pixels[start..<start + size])
        let weights = AttentionMaps.weights(architecture, parameters: parameters, pixels: image)
        let stem = "\(directory)/\(Self.place(of: images.items[index].name)).\(name)"
        try makeDirectories(directoryName(of: stem))
        try writeFile(array(weights), to: "\(stem).npy")
        try writeFile(picture(image, weights).png(path: "\(stem).png"), to: "\(stem).png")
        index += 1
      }
    }
  }

  /// The path of an image, without what would lead out of the directory: an archive may call its arrays anything.
  private static func place(of image: String) -> String {
    image.split(separator: "/").map { $0 == ".." || $0 == "." ? "_" : $0 }.joined(separator: "/")
  }

  /// NumPy's format, version 1.0.
  private func array(_ weights: [Float]) -> [UInt8] {
    let shape = [architecture.blocks, architecture.heads, architecture.tokens, architecture.tokens]
    var header =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape.map(String.init).joined(separator: ", "))), }"
    header += String(repeating: " ", count: 63 - (header.utf8.count + 10) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(header.utf8)
      + weights.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
  }

  /// The image, and for each block and head how much attention each patch gets, the mean over all queries, from black (least)
  /// to white (most): heads side by side, blocks below each other.
  private func picture(_ pixels: [UInt8], _ weights: [Float]) -> PixelImage {
    let (tokens, heads) = (architecture.tokens, architecture.heads)
    let patches = Int(Double(architecture.patchCount).squareRoot())
    let (tile, gap) = (224, 8)
    var canvas = PixelCanvas(
      height: architecture.blocks * (tile + gap) - gap, width: (heads + 1) * (tile + gap) - gap,
      background: (255, 255, 255))
    let small = PixelImage(height: side, width: side, channels: channels, pixels: pixels)
    for block in 0..<architecture.blocks {
      canvas.draw(Self.enlarged(small, to: tile), x: 0, y: block * (tile + gap))
      for head in 0..<heads {
        let start = (block * heads + head) * tokens * tokens
        let received = (0..<architecture.patchCount).map { key in
          (0..<tokens).reduce(Float(0)) { $0 + weights[start + $1 * tokens + key] } / Float(tokens)
        }
        let (low, high) = (received.min() ?? 0, received.max() ?? 0)
        let map = received.map { UInt8((high > low ? ($0 - low) / (high - low) : 0.5) * 255) }
        let image = PixelImage(height: patches, width: patches, channels: 1, pixels: map)
        canvas.draw(Self.enlarged(image, to: tile), x: (head + 1) * (tile + gap), y: block * (tile + gap))
      }
    }
    return canvas.image
  }

  /// Enlarged by repeating pixels.
  private static func enlarged(_ image: PixelImage, to side: Int) -> PixelImage {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(side * side * image.channels)
    for row in 0..<side {
      for column in 0..<side {
        let place = (row * image.height / side * image.width + column * image.width / side) * image.channels
        pixels += image.pixels[place..<place + image.channels]
      }
    }
    return PixelImage(height: side, width: side, channels: image.channels, pixels: pixels)
  }
}
