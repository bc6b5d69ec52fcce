import CHDF5
import Digests
import Files

/// An artifact on its way to its path. Nothing stands there before `publish()`; a writer that is dropped leaves nothing.
struct ArtifactWriter: ~Copyable {
  /// The root group.
  let root: HDF5Group
  private let file: HDF5File
  private let pending: PendingFile
  private var content = ContentDigest()
  private var scales: [String: HDF5Dataset] = [:]
  /// What the seal leaves to digests of its own.
  private var apart: [Range<Int>] = []

  /// Creates the file and writes the header.
  /// - Throws: `FileError` if the target cannot be created or somebody else is writing it; `HDF5Error`.
  static func create(path: String, header: ArtifactHeader) throws -> ArtifactWriter {
    try create(in: PendingFile(path: path), header: header)
  }

  /// Writes the header to a target that was claimed before.
  /// - Throws: `FileError` if the target's directory is gone meanwhile; `HDF5Error`.
  static func create(in pending: consuming PendingFile, header: ArtifactHeader) throws -> ArtifactWriter {
    try pending.requireInPlace()
    let file = try HDF5File.create(in: pending)
    var writer = ArtifactWriter(file: file, pending: pending)
    try writer.add(header)
    return writer
  }

  private init(file: HDF5File, pending: consuming PendingFile) {
    root = file.root
    self.file = file
    self.pending = pending
  }

  /// Adds a group.
  func addGroup(_ name: String, in parent: HDF5Group) throws -> HDF5Group { try parent.createGroup(name) }

  /// Adds an attribute.
  mutating func addAttribute(_ name: String, _ value: HDF5Value, to object: some HDF5Object) throws {
    try object.setAttribute(name, value)
    content.add(attribute: name, of: object.place, value: value)
  }

  /// Adds the coordinates of an axis: `first`, `first` + 1, … as int32. Arrays in the same group and below name their axes
  /// after it.
  mutating func addScale(_ name: String, count: Int, first: Int32 = 0, in group: HDF5Group) throws {
    let values = (0..<Int32(count)).map { first + $0 }
    let dataset = try group.createDataset(
      name, of: Int32.self, shape: [count], chunk: [min(count, 16384)], deflate: 4)
    try values.withUnsafeBytes { try dataset.write($0, rows: 0..<count) }
    try dataset.flush()
    try dataset.setAttribute(HeaderSchema.sha256, .text(Self.digest(values)))
    try dataset.makeScale(name)
    scales[group.place.member(name).object] = dataset
  }

  /// Adds an array.
  /// - Parameters:
  ///   - values: all elements in row-major order.
  ///   - axes: the scale of each axis.
  ///   - longName: what it is, for people and plots.
  ///   - deflate: zlib's level, 0 for none.
  mutating func addArray<Element: HDF5Element>(
    _ name: String, _ values: [Element], shape: [Int], axes: [String], longName: String, in group: HDF5Group,
    deflate: Int = 4
  ) throws {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
    var stream = try beginArray(
      name, of: Element.self, shape: shape, axes: axes,
      storage: .chunks(rows: rows(perChunkOf: shape, Element.self), deflate: deflate),
      longName: longName, in: group)
    try values.withUnsafeBytes { try stream.append($0) }
    try finish(stream)
  }

  /// Adds a column of strings.
  mutating func addStrings(
    _ name: String, _ values: [String], axis: String, longName: String, in group: HDF5Group
  ) throws {
    let width = max(values.map(\.utf8.count).max() ?? 0, 1)
    let bytes = values.flatMap { Array($0.utf8) + [UInt8](repeating: 0, count: width - $0.utf8.count) }
    let dataset = try group.createStringDataset(name, count: values.count, width: width)
    try attachScales([axis], of: dataset, in: group)
    try dataset.setAttribute("long_name", .text(longName))
    content.add(attribute: "long_name", of: dataset.place, value: .text(longName))
    try bytes.withUnsafeBytes { try dataset.write($0, rows: 0..<values.count) }
    try dataset.flush()
    let sha256 = SHA256.hexDigest(of: bytes)
    try dataset.setAttribute(HeaderSchema.sha256, .text(sha256))
    content.add(array: dataset.place, type: "string\(width)", shape: [values.count], sha256: sha256)
  }

  /// How an array lies in the file.
  enum Storage {
    /// In chunks of so many indices of the first axis, at least 1, deflated where the level is not 0.
    case chunks(rows: Int, deflate: Int)
    /// In one piece, as it is, and not under the seal: the caller stores a digest of every row.
    case apart
  }

  /// Begins an array that is written piece by piece along its first axis.
  func beginArray<Element: HDF5Element>(
    _ name: String, of element: Element.Type, shape: [Int], axes: [String], storage: Storage,
    longName: String, in group: HDF5Group
  ) throws -> ArrayStream {
    let dataset =
      switch storage {
      case .chunks(let rows, let deflate):
        try group.createDataset(
          name, of: Element.self, shape: shape, chunk: [min(rows, shape.first ?? 0)] + shape.dropFirst(),
          deflate: deflate)
      case .apart: try group.createDataset(name, of: Element.self, shape: shape, chunk: nil, deflate: 0)
      }
    try attachScales(axes, of: dataset, in: group)
    return ArrayStream(
      dataset: dataset, typeName: Element.hdf5Name, longName: longName,
      bytesPerRow: shape.dropFirst().reduce(MemoryLayout<Element>.size, *))
  }

  /// Ends an array begun with `beginArray`; all of it must be there.
  mutating func finish(_ stream: ArrayStream) throws {
    let dataset = stream.dataset
    precondition(stream.rows == dataset.shape.first, "\(stream.rows) rows written of \(dataset.shape)")
    try dataset.flush()
    if let extent = try dataset.extent() { apart.append(extent) }
    let sha256 = stream.digest.finalize()
    try addAttribute("long_name", .text(stream.longName), to: dataset)
    try dataset.setAttribute(HeaderSchema.sha256, .text(sha256))
    content.add(array: dataset.place, type: stream.typeName, shape: dataset.shape, sha256: sha256)
  }

  /// Completes the artifact and moves it into place.
  /// - Returns: its `content_sha256`.
  /// - Throws: `HDF5Error`, `FileError`; what stood at the path is then unchanged.
  consuming func publish() throws -> String {
    let sha256 = content.finalize()
    try root.setAttribute(HeaderSchema.contentSHA256, .text(sha256))
    try root.setAttribute(HeaderSchema.complete, .integer(1))
    try file.close()
    try FileSeal.close(pending, apart: apart)
    try pending.publish()
    return sha256
  }

  private func attachScales(_ axes: [String], of dataset: HDF5Dataset, in group: HDF5Group) throws {
    precondition(axes.count == dataset.shape.count, "\(axes) for shape \(dataset.shape)")
    for (axis, name) in axes.enumerated() {
      guard let scale = scales[group.place.member(name).object] ?? scales["/\(name)"] else {
        preconditionFailure("no scale '\(name)' for \(dataset.place.object)")
      }
      precondition(scale.shape[0] == dataset.shape[axis], "scale '\(name)' for \(dataset.place.object)")
      try dataset.attach(scale, label: name, axis: axis)
    }
  }

  /// About 64 KiB per chunk.
  private func rows<Element>(perChunkOf shape: [Int], _ element: Element.Type) -> Int {
    max(1, 65536 / max(1, shape.dropFirst().reduce(MemoryLayout<Element>.size, *)))
  }

  private static func digest(_ values: [Int32]) -> String {
    var digest = SHA256()
    values.withUnsafeBytes { digest.update($0) }
    return digest.finalize()
  }
}

/// An array that is being written piece by piece along its first axis.
struct ArrayStream {
  fileprivate let dataset: HDF5Dataset
  fileprivate let typeName: String
  fileprivate let longName: String
  fileprivate let bytesPerRow: Int
  fileprivate var digest = SHA256()
  /// Indices of the first axis written so far.
  private(set) var rows = 0

  fileprivate init(dataset: HDF5Dataset, typeName: String, longName: String, bytesPerRow: Int) {
    self.dataset = dataset
    self.typeName = typeName
    self.longName = longName
    self.bytesPerRow = bytesPerRow
  }

  /// Appends whole rows.
  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(HDF5Error) {
    guard bytesPerRow > 0 else { return }
    precondition(bytes.count % bytesPerRow == 0, "\(bytes.count) bytes, \(bytesPerRow) per row")
    let end = rows + bytes.count / bytesPerRow
    precondition(end <= dataset.shape[0], "row \(end) of \(dataset.shape[0])")
    try dataset.write(bytes, rows: rows..<end)
    digest.update(bytes)
    rows = end
  }
}
