import StageSupport
import Artifacts
import Datasets
import Files
import Images

/// Draws a contact sheet: for every class a label, the numbers of images, and the first images of each split.
/// - Throws: `FileError`, `ArtifactError`, `HDF5Error`, `ImageError`.
func writeMontage(of data: String, to path: String) throws {
  try requireWritable(path)
  let sheet = try Montage(of: DatasetArtifact(path: data)).sheet()
  try writeFile(sheet.png(path: path), to: path)
}

/// The layout of a contact sheet.
private struct Montage {
  /// Images shown of each split.
  static let shown: [Split: Int] = [.train: 6, .val: 3, .test: 3]
  static let tile = 84
  static let gap = 4
  static let groupGap = 20
  static let margin = 24
  static let headHeight = 92
  static let rowHeight = tile + 60

  static let paper: PixelCanvas.Colour = (250, 250, 248)
  static let ink: PixelCanvas.Colour = (32, 34, 40)
  static let faint: PixelCanvas.Colour = (112, 116, 126)
  static let rule: PixelCanvas.Colour = (218, 220, 224)

  let dataset: DatasetArtifact
  let labels: [Split: [UInt8]]

  init(of dataset: DatasetArtifact) throws {
    self.dataset = dataset
    labels = try Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, try dataset.labels($0)) })
  }

  /// The left edge of each split's images, and the right edge of the last.
  private static let (left, right): ([Split: Int], Int) = {
    var left: [Split: Int] = [:]
    var x = margin
    for split in Split.allCases {
      left[split] = x
      x += shown[split, default: 0] * (tile + gap) - gap + groupGap
    }
    return (left, x - groupGap)
  }()

  func sheet() throws -> PixelImage {
    let names = dataset.contents.classNames
    var canvas = PixelCanvas(
      height: Self.headHeight + names.count * Self.rowHeight + Self.margin, width: Self.right + Self.margin,
      background: Self.paper)
    drawHead(on: &canvas)
    for (label, name) in names.enumerated() {
      let top = Self.headHeight + label * Self.rowHeight
      canvas.fill(x: Self.margin, y: top, width: Self.right - Self.margin, height: 1, colour: Self.rule)
      canvas.draw("\(label)  \(name)", x: Self.margin, y: top + 12, size: 2, colour: Self.ink)
      try drawImages(label: UInt8(label), top: top + 36, on: &canvas)
    }
    return canvas.image
  }

  private func drawHead(on canvas: inout PixelCanvas) {
    let header = dataset.header
    canvas.draw(header.title, x: Self.margin, y: Self.margin, size: 3, colour: Self.ink)
    let remarks = [
      dataset.contents.licence, header.isGenerated ? "generated images" : nil,
      header.isOfficial || header.isGenerated
        ? nil : Catalogue.hasOfficialFiles(header.dataset) ? "not the official file" : "no official file exists",
      header.isLeaking ? "leaking split" : nil,
    ]
    canvas.draw(
      remarks.compactMap(\.self).joined(separator: " - "), x: Self.margin, y: Self.margin + 34, colour: Self.faint)
    for split in Split.allCases {
      canvas.draw(
        "\(split.rawValue): \(dataset.count(of: split)) images", x: Self.left[split, default: 0],
        y: Self.headHeight - 16, colour: Self.ink)
    }
  }

  private func drawImages(label: UInt8, top: Int, on canvas: inout PixelCanvas) throws {
    let side = dataset.header.resolution
    let channels = dataset.contents.channels
    let resize = AreaResize(height: side, width: side, channels: channels, newHeight: Self.tile, newWidth: Self.tile)
    for split in Split.allCases {
      let samples = labels[split, default: []].indices.filter { labels[split, default: []][$0] == label }
      let left = Self.left[split, default: 0]
      canvas.draw("\(samples.count)", x: left, y: top + Self.tile + 5, colour: Self.faint)
      for (index, sample) in samples.prefix(Self.shown[split, default: 0]).enumerated() {
        var source = [UInt8](repeating: 0, count: dataset.imageSize)
        try source.withUnsafeMutableBufferPointer { try dataset.readImages(split, sample..<sample + 1, into: $0) }
        var pixels = [UInt8](repeating: 0, count: Self.tile * Self.tile * channels)
        source.withUnsafeBufferPointer { source in pixels.withUnsafeMutableBufferPointer { resize(source, into: $0) } }
        canvas.draw(
          PixelImage(height: Self.tile, width: Self.tile, channels: channels, pixels: pixels),
          x: left + index * (Self.tile + Self.gap), y: top)
      }
    }
  }
}
