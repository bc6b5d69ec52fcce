import Artifacts
import CommandLineKit
import Datasets
import DatasetSources
import Failures
import Files

/// Images to classify, wherever they lie: pictures, a MedMNIST archive, a dataset artifact.
struct PredictionImages {
  /// An image.
  struct Item {
    /// The path below the folder, or the name of the split or array and a number.
    var name: String
    /// The class, where it is known.
    var label: Int?
  }

  private enum Source {
    /// Pictures, by their paths.
    case pictures([String])
    case archive(ImageArchive, [ImageArchive.Part])
    case artifact(DatasetArtifact, [Split])
  }

  /// The images in the order in which `read` brings them.
  let items: [Item]
  private let source: Source

  /// So many at a time.
  private static let batch = 64

  /// - Parameters:
  ///   - split: the only one of an archive or an artifact; nil for all.
  init(path: String, split: Split?, classNames: [String], skipsUnreadable: Bool) throws {
    let splits = split.map { [$0] } ?? Split.allCases
    func numbered(_ split: Split, _ labels: [Int]) -> [Item] {
      labels.enumerated().map { Item(name: "\(split.rawValue)/\($0.offset)", label: $0.element) }
    }
    if path.hasSuffix(".h5") {
      let artifact = try DatasetArtifact(path: path)
      guard artifact.contents.classNames == classNames else {
        throw ArtifactError.invalidValue(
          path: path, object: "/class_names", expected: "the model's: \(classNames.joined(separator: ", "))",
          found: artifact.contents.classNames.joined(separator: ", "))
      }
      items = try splits.flatMap { numbered($0, try artifact.labels($0).map(Int.init)) }
      source = .artifact(artifact, splits)
    } else if path.hasSuffix(".npz") {
      let archive = try ImageArchive(path: path, classes: classNames.count)
      let parts = archive.parts.filter { split == nil || $0.name == split?.rawValue }
      guard !parts.isEmpty else {
        throw DatasetError.mismatch(
          path: path, member: nil, field: "members", expected: "\(split?.rawValue ?? "")_images.npy",
          found: archive.parts.map(\.name).joined(separator: ", "))
      }
      items = parts.flatMap { part in
        (0..<part.count).map { Item(name: "\(part.name)/\($0)", label: part.labels?[$0]) }
      }
      source = .archive(archive, parts)
    } else {
      guard split == nil else { throw UsageError("--split goes with archives (.npz) and dataset artifacts (.h5)") }
      let found = try Self.pictures(path, classNames)
      let readable = try Self.readable(found, of: path, skips: skipsUnreadable)
      items = readable.map(\.item)
      source = .pictures(readable.map(\.path))
    }
    guard !items.isEmpty else { throw NoImages(path: path) }
  }

  /// Calls `body(pixels, count)` with all images, some at a time: `[count, side, side, channels]`.
  func read(side: Int, channels: Int, _ body: ([UInt8], Int) throws -> Void) throws {
    let size = side * side * channels
    func requireSize(_ path: String, _ found: (side: Int, channels: Int)) throws {
      guard found == (side, channels) else {
        throw ArtifactError.invalidValue(
          path: path, object: "images", expected: "\(side) pixels and \(channels) channels, as the model's",
          found: "\(found.side) pixels and \(found.channels) channels")
      }
    }
    switch source {
    case .pictures(let paths):
      var resize = SquareResize(side: side, channels: channels)
      for start in stride(from: 0, to: paths.count, by: Self.batch) {
        let part = paths[start..<min(start + Self.batch, paths.count)]
        var pixels = [UInt8](repeating: 0, count: part.count * size)
        try pixels.withUnsafeMutableBufferPointer { pixels in
          for (index, path) in part.enumerated() {
            try resize.read(path, into: UnsafeMutableBufferPointer(rebasing: pixels[index * size..<(index + 1) * size]))
          }
        }
        try body(pixels, part.count)
      }
    case .archive(let archive, let parts):
      for part in parts { try requireSize(archive.path, (part.resolution, part.channels)) }
      for part in parts {
        try archive.readImages(of: part, batch: Self.batch) { pixels, count in try body(Array(pixels), count) }
      }
    case .artifact(let artifact, let splits):
      try requireSize(artifact.path, (artifact.header.resolution, artifact.contents.channels))
      for split in splits {
        for start in stride(from: 0, to: artifact.count(of: split), by: Self.batch) {
          let range = start..<min(start + Self.batch, artifact.count(of: split))
          var pixels = [UInt8](repeating: 0, count: range.count * size)
          try pixels.withUnsafeMutableBufferPointer { try artifact.readImages(split, range, into: $0) }
          try body(pixels, range.count)
        }
      }
    }
  }

  // MARK: Pictures

  private typealias Picture = (path: String, item: Item)

  private static func pictures(_ path: String, _ classNames: [String]) throws -> [Picture] {
    if isImageName(path) { return [(path, Item(name: fileName(of: path)))] }
    return try files(below: path, "").map { name in
      let label = name.split(separator: "/").dropLast().lazy.compactMap { classNames.firstIndex(of: String($0)) }.first
      return ("\(path)/\(name)", Item(name: name, label: label))
    }
  }

  private static func files(below directory: String, _ prefix: String) throws -> [String] {
    let listing = try DirectoryListing(path: directory)
    return listing.files.filter(isImageName).map { prefix + $0 }
      + (try listing.directories.flatMap { try files(below: "\(directory)/\($0)", "\(prefix)\($0)/") })
  }

  /// The pictures that can be decoded; all others are told at once.
  /// - Throws: `UnreadableImages`, unless they are to be left out.
  private static func readable(_ pictures: [Picture], of path: String, skips: Bool) throws -> [Picture] {
    var readable: [Picture] = []
    var problems = UnreadableImages(
      directory: isImageName(path) ? directoryName(of: path) : path, images: [], count: pictures.count)
    let place = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1)
    defer { place.deallocate() }
    for picture in pictures {
      do {
        var resize = SquareResize(side: 1, channels: 1)
        try resize.read(picture.path, into: place)
        readable.append(picture)
      } catch let failure as any Failure where failure.kind == .badData {
        problems.images.append(LeftOutImage(file: picture.item.name, path: picture.path, failure: failure))
      }
    }
    for line in problems.lines where skips || problems.images.count > 1 {
      writeToStandardError("predict: \(skips ? "left out" : "unreadable"): \(line)\n")
    }
    if !problems.images.isEmpty, !skips { throw problems }
    return readable
  }

  private struct NoImages: Failure {
    var path: String
    var kind: FailureKind { .missingInput }
    var description: String { "\(path): no images (.png, .jpg, .jpeg)" }
  }
}
