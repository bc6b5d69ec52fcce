import Datasets
import Threads

/// An array of images in an archive: `UInt8 [N, H, H]`, or `[N, H, H, C]` with one or three channels.
struct ImageMember: Sendable {
  private let member: ZipMember
  private let header: ArrayHeader

  /// More images than any dataset has; what is kept in memory per image stays small.
  static let imageLimit = 1 << 24
  /// Largest member in Fortran order, which has to be read whole, in bytes.
  static let fortranLimit = 1 << 30

  /// Reads the array's header.
  /// - Parameters:
  ///   - resolution: height and width; nil for any square.
  ///   - channels: 1 stands for `[N, H, H]`; nil for any number that is read here.
  ///   - purpose: what the images are for, in the message of the error.
  /// - Throws: `DatasetError.mismatch` naming archive, member and field.
  init(
    _ member: ZipMember, of archive: ZipArchive, resolution: Int? = nil, channels: Int? = nil, for purpose: String
  ) throws {
    func mismatch(_ field: String, _ expected: String, _ found: String) -> DatasetError {
      .mismatch(path: archive.path, member: member.name, field: field, expected: expected, found: found)
    }
    var reader = ZipMemberReader(member, of: archive)
    let header = try ArrayHeader(from: &reader, path: archive.path)
    guard header.element == .byte else { throw mismatch("descr", "'|u1'", "'\(header.element.descr)'") }
    let shape = header.shape
    let side = resolution ?? (shape.count > 1 ? shape[1] : 0)
    // What may stand behind [N, H, H].
    let ends: [[Int]] =
      switch channels {
      case nil: [[], [1], [3]]
      case 1: [[]]
      case let count?: [[count]]
      }
    guard side > 0, !shape.isEmpty, ends.contains(where: { shape.dropFirst().elementsEqual([side, side] + $0) }) else {
      let length = resolution.map(String.init) ?? "H"
      let sizes = ["N", length, length] + (channels.map { $0 == 1 ? [] : ["\($0)"] } ?? ["C"])
      throw mismatch("shape", "[\(sizes.joined(separator: ", "))] for \(purpose)", describe(shape: shape))
    }
    guard (1...Self.imageLimit).contains(shape[0]) else {
      throw mismatch("images", "1 to \(Self.imageLimit)", "\(shape[0])")
    }
    guard !header.fortranOrder || member.size <= Self.fortranLimit else {
      throw mismatch("fortran_order", "False for a member of more than \(Self.fortranLimit) bytes", "True")
    }
    self.member = member
    self.header = header
  }

  /// Number of images.
  var count: Int { header.shape[0] }
  /// Height and width in pixels.
  var resolution: Int { header.shape[1] }
  /// 1 or 3.
  var channels: Int { header.shape.count == 4 ? header.shape[3] : 1 }

  /// Reads the images in batches; a member in Fortran order is read whole (at most 1 GiB) and turned round.
  /// - Throws: `FileError`, `DatasetError`, or what `body` throws.
  func read(
    from archive: ZipArchive, batch: Int, _ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void
  ) throws {
    precondition(batch > 0, "batch of \(batch) images")
    let imageSize = resolution * resolution * channels
    var reader = ZipMemberReader(member, of: archive)
    _ = try ArrayHeader(from: &reader, path: archive.path)
    let capacity = min(batch, count) * imageSize
    if header.fortranOrder {
      let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: capacity)
      defer { buffer.deallocate() }
      let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: reader.remaining, alignment: 64)
      defer { whole.deallocate() }
      _ = try reader.read(into: whole)
      for first in stride(from: 0, to: count, by: batch) {
        let part = min(batch, count - first)
        transpose(UnsafeRawBufferPointer(whole), shape: header.shape, images: first..<first + part, into: buffer)
        try body(UnsafeBufferPointer(rebasing: buffer[..<(part * imageSize)]), part)
      }
    } else {
      // Inflating costs as much as all that is done with the images, so the two share the work.
      try readAhead(capacity: capacity, produce: { try reader.read(into: $0) }) { piece in
        try body(piece.bindMemory(to: UInt8.self), piece.count / imageSize)
      }
    }
  }

  /// The labels that stand beside `count` images: of any integer type, `[N, 1]` or `[N]`.
  /// - Throws: `DatasetError.mismatch` unless each is in `0 ..< classes`.
  static func labels(
    _ member: ZipMember, of archive: ZipArchive, count: Int, classes: Int
  ) throws -> [Int] {
    func mismatch(_ field: String, _ expected: String, _ found: String) -> DatasetError {
      .mismatch(path: archive.path, member: member.name, field: field, expected: expected, found: found)
    }
    var reader = ZipMemberReader(member, of: archive)
    let header = try ArrayHeader(from: &reader, path: archive.path)
    guard header.shape == [count, 1] || header.shape == [count] else {
      throw mismatch("shape", "[\(count), 1] or [\(count)] (one label for each image)", describe(shape: header.shape))
    }
    // At most 2²⁴ labels of 8 bytes; C and Fortran order are the same for one column.
    let bytes = try reader.bytes(count * header.element.size, of: "labels")
    return try bytes.withUnsafeBytes { bytes in
      try (0..<count).map { index in
        let start = index * header.element.size
        let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + header.element.size])
        guard let label = header.element.value(part), (0..<classes).contains(label) else {
          throw mismatch(
            "label \(index)", "0 to \(classes - 1)", header.element.value(part).map(String.init) ?? "a larger number")
        }
        return label
      }
    }
  }
}

/// Images of a Fortran-ordered array `[N, H, W]` or `[N, H, W, C]` in C order.
///
/// The element (n, h, w, c) lies at n + N (h + H (w + W c)).
private func transpose(
  _ array: UnsafeRawBufferPointer, shape: [Int], images: Range<Int>, into buffer: UnsafeMutableBufferPointer<UInt8>
) {
  let (number, height, width) = (shape[0], shape[1], shape[2])
  let channels = shape.count == 4 ? shape[3] : 1
  var target = 0
  for image in images {
    for row in 0..<height {
      for column in 0..<width {
        for channel in 0..<channels {
          buffer[target] = array[image + number * (row + height * (column + width * channel))]
          target += 1
        }
      }
    }
  }
}
