public import Datasets

// The groups `manifest` and `left_out` of a dataset artifact: where each image comes from, and what was left out.

extension DatasetArtifact {
  /// Where each image comes from, in the order of splits and images; empty where the artifact does not say.
  /// - Throws: `ArtifactError`, `HDF5Error`.
  public func manifest() throws -> [ManifestRow] {
    guard try reader.root.memberNames().contains(DatasetSchema.manifest) else { return [] }
    let group = try reader.root.group(DatasetSchema.manifest)
    let count = Split.allCases.map(count(of:)).reduce(0, +)
    let files = try reader.strings(DatasetSchema.file, count: count, in: group)
    let digests = try reader.strings(DatasetSchema.fileSHA256, count: count, in: group)
    let labels = try reader.strings(DatasetSchema.className, count: count, in: group).map { name in
      guard let label = contents.classNames.firstIndex(of: name) else {
        throw ArtifactError.invalidValue(
          path: path, object: "/\(DatasetSchema.manifest)/\(DatasetSchema.className)",
          expected: "a class of the dataset",
          found: name)
      }
      return label
    }
    let splits = try splits(DatasetSchema.split, count: count, in: group)
    let slices = try slices(count: count, in: group)
    return (0..<count).map {
      ManifestRow(file: files[$0], sha256: digests[$0], label: labels[$0], split: splits[$0], slice: slices?[$0])
    }
  }

  /// The images that were left out because they could not be read.
  /// - Throws: `ArtifactError`, `HDF5Error`.
  public func leftOut() throws -> [LeftOutImage] {
    guard try reader.root.memberNames().contains(DatasetSchema.leftOut) else { return [] }
    let group = try reader.root.group(DatasetSchema.leftOut)
    let files = try reader.strings(DatasetSchema.file, count: nil, in: group)
    let reasons = try reader.strings(DatasetSchema.reason, count: files.count, in: group)
    return zip(files, reasons).map { LeftOutImage(file: $0, reason: $1) }
  }

  private func slices(count: Int, in group: HDF5Group) throws -> [OASISSlice]? {
    guard try group.memberNames().contains(DatasetSchema.participant) else { return nil }
    let participants = try reader.strings(DatasetSchema.participant, count: count, in: group)
    func numbers(_ name: String) throws -> [Int64] {
      try reader.array(name, of: Int64.self, shape: [count], in: group).values
    }
    let sessions = try numbers(DatasetSchema.session)
    let acquisitions = try numbers(DatasetSchema.acquisition)
    let slices = try numbers(DatasetSchema.slice)
    return (0..<count).map {
      OASISSlice(
        participant: participants[$0], session: Int(sessions[$0]), acquisition: Int(acquisitions[$0]),
        slice: Int(slices[$0]))
    }
  }
}

extension ArtifactWriter {
  /// Adds what was left out.
  mutating func add(_ leftOut: [LeftOutImage]) throws {
    let group = try addGroup(DatasetSchema.leftOut, in: root)
    try addScale(DatasetSchema.row, count: leftOut.count, in: group)
    try addStrings(
      DatasetSchema.file, leftOut.map(\.file), axis: DatasetSchema.row, longName: "path of the file below the folder",
      in: group)
    try addStrings(
      DatasetSchema.reason, leftOut.map(\.reason), axis: DatasetSchema.row, longName: "why it could not be read",
      in: group)
  }

  /// Adds the manifest; scans are described where every image has one.
  mutating func add(_ manifest: [ManifestRow], classNames: [String]) throws {
    let group = try addGroup(DatasetSchema.manifest, in: root)
    try addScale(DatasetSchema.row, count: manifest.count, in: group)
    func add(_ name: String, _ values: [String], _ longName: String, _ writer: inout ArtifactWriter) throws {
      try writer.addStrings(name, values, axis: DatasetSchema.row, longName: longName, in: group)
    }
    try add(DatasetSchema.file, manifest.map(\.file), "path of the file below the folder", &self)
    try add(DatasetSchema.fileSHA256, manifest.map(\.sha256), "SHA-256 of the file", &self)
    try add(DatasetSchema.className, manifest.map { classNames[$0.label] }, "class of the image", &self)
    try add(DatasetSchema.split, manifest.map(\.split.rawValue), "split of the image", &self)
    let slices = manifest.compactMap(\.slice)
    guard slices.count == manifest.count else { return }
    try add(DatasetSchema.participant, slices.map(\.participant), "person", &self)
    let columns: [(String, KeyPath<OASISSlice, Int>, String)] = [
      (DatasetSchema.session, \.session, "visit of the person"),
      (DatasetSchema.acquisition, \.acquisition, "repeated scan of the visit"),
      (DatasetSchema.slice, \.slice, "number of the axial slice"),
    ]
    for (name, column, longName) in columns {
      try addArray(
        name, slices.map { Int64($0[keyPath: column]) }, shape: [slices.count], axes: [DatasetSchema.row],
        longName: longName, in: group)
    }
  }
}
