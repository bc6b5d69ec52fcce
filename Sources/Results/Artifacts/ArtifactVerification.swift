/// What an artifact says about itself, without reading its arrays. The seal over the whole file is checked.
/// - Returns: the header and `content_sha256`.
/// - Throws: `FileError`, `ArtifactError`, `HDF5Error`.
public func readHeader(_ path: String) throws -> (header: ArtifactHeader, contentSHA256: String) {
  let reader = try ArtifactReader(path: path, kind: nil)
  return (reader.header, reader.contentSHA256)
}

/// Checks everything that can be checked about an artifact of any kind by itself: its seal, the digest of every array,
/// and `content_sha256` over all arrays and attributes.
/// - Returns: the header, whose inputs remain to be compared with the files there are, and `content_sha256`.
/// - Throws: `FileError`, `ArtifactError`, `HDF5Error`.
@discardableResult
public func verify(_ path: String) throws -> (header: ArtifactHeader, contentSHA256: String) {
  let reader = try ArtifactReader(path: path, kind: nil)
  let found = try reader.recomputedContentSHA256()
  guard found == reader.contentSHA256 else {
    throw ArtifactError.digestMismatch(path: path, object: "/", expected: reader.contentSHA256, found: found)
  }
  return (reader.header, reader.contentSHA256)
}

extension ArtifactReader {
  /// `content_sha256` as it follows from what is in the file now; every array is checked against its own digest.
  func recomputedContentSHA256() throws -> String {
    var content = ContentDigest()
    var rest = Self.memberLimit
    try add(root, depth: 0, rest: &rest, to: &content)
    return content.finalize()
  }

  /// More groups and arrays than any artifact has, and more levels: an object can have several names, and a group can lie
  /// in itself.
  private static let memberLimit = 100_000
  private static let depthLimit = 8

  private func add(_ group: HDF5Group, depth: Int, rest: inout Int, to content: inout ContentDigest) throws {
    try addAttributes(of: group, to: &content)
    let names = try group.memberNames()
    rest -= names.count
    guard depth < Self.depthLimit, rest >= 0 else {
      throw ArtifactError.invalidValue(
        path: path, object: group.place.object,
        expected: "at most \(Self.memberLimit) objects on \(Self.depthLimit) levels", found: "more")
    }
    for name in names {
      switch try group.kind(of: name) {
      case .group: try add(group.group(name), depth: depth + 1, rest: &rest, to: &content)
      case .dataset: try add(group.dataset(name), to: &content)
      case nil:
        let place = group.place.member(name)
        throw ArtifactError.wrongType(
          path: path, object: place.object, expected: "a group or a dataset", found: "another object")
      }
    }
  }

  private func add(_ dataset: HDF5Dataset, to content: inout ContentDigest) throws {
    guard let type = try dataset.typeName() else {
      throw ArtifactError.wrongType(
        path: path, object: dataset.place.object, expected: "numbers or strings", found: "another type")
    }
    let sha256 = try checkedDigest(of: dataset)
    guard try !dataset.isScale() else { return }
    try addAttributes(of: dataset, to: &content)
    content.add(array: dataset.place, type: type, shape: dataset.shape, sha256: sha256)
  }

  private func addAttributes(of object: some HDF5Object, to content: inout ContentDigest) throws {
    for name in try object.attributeNames() where !ContentDigest.ignoredAttributes.contains(name) {
      guard let value = try object.attribute(name) else { continue }
      content.add(attribute: name, of: object.place, value: value)
    }
  }
}
