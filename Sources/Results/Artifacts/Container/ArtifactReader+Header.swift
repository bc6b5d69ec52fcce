extension ArtifactReader {
  /// The header, after format, version and completeness were checked.
  static func header(of root: HDF5Group, fileSize: Int) throws -> ArtifactHeader {
    let path = root.place.path
    guard case .text(HeaderSchema.formatName)? = try root.attribute(HeaderSchema.format) else {
      throw ArtifactError.notAnArtifact(path: path, found: "an HDF5 file of another program")
    }
    let version = try root.requiredInteger(HeaderSchema.formatVersion)
    guard version == HeaderSchema.currentVersion else {
      throw ArtifactError.unsupportedVersion(path: path, supported: HeaderSchema.currentVersion, found: version)
    }
    guard case .integer(1)? = try root.attribute(HeaderSchema.complete) else {
      throw ArtifactError.incomplete(path: path)
    }
    let kind: ArtifactKind = try root.requiredWord(HeaderSchema.kind)
    var header = ArtifactHeader(
      kind: kind,
      profile: try root.requiredWord(HeaderSchema.profile),
      dataset: try root.requiredText(HeaderSchema.dataset),
      resolution: try root.requiredInteger(HeaderSchema.resolution),
      title: try root.requiredText(HeaderSchema.title),
      isOfficial: try root.requiredInteger(HeaderSchema.official) == 1,
      isComparable: try root.requiredInteger(HeaderSchema.comparable) == 1,
      isGenerated: try root.requiredInteger(HeaderSchema.generated) == 1,
      isLeaking: try root.requiredInteger(HeaderSchema.leaking) == 1,
      seed: UInt64(UInt(bitPattern: try root.requiredInteger(HeaderSchema.seed))),
      configuration: try root.requiredText(HeaderSchema.configuration),
      inputs: try inputs(in: root.group(HeaderSchema.inputs), fileSize: fileSize),
      model: try model(of: root),
      descent: kind == .dataset ? nil : try Descent(parsing: root.requiredText(HeaderSchema.descent), path: path))
    header.software = try root.requiredText(HeaderSchema.software)
    header.resultsVersion = try root.requiredInteger(HeaderSchema.resultsVersion)
    return header
  }

  private static func model(of root: HDF5Group) throws -> ArtifactModel? {
    guard let variant = try root.optionalText(HeaderSchema.variant) else { return nil }
    let hasKind = try root.attribute(HeaderSchema.model) != nil
    return ArtifactModel(
      variant: variant, regime: try root.requiredWord(HeaderSchema.regime),
      kind: hasKind ? try root.requiredWord(HeaderSchema.model) : nil)
  }

  private static func inputs(in group: HDF5Group, fileSize: Int) throws -> [ArtifactInput] {
    let roles = try strings(HeaderSchema.role, count: nil, in: group, fileSize: fileSize)
    let names = try strings(HeaderSchema.fileName, count: roles.count, in: group, fileSize: fileSize)
    let digests = try strings(HeaderSchema.contentSHA256, count: roles.count, in: group, fileSize: fileSize)
    return try roles.indices.map { index in
      guard let role = InputRole(rawValue: roles[index]) else {
        throw ArtifactError.invalidValue(
          path: group.place.path, object: group.place.member(HeaderSchema.role).object,
          expected: InputRole.allCases.map(\.rawValue).joined(separator: ", "), found: roles[index])
      }
      return ArtifactInput(role: role, fileName: names[index], contentSHA256: digests[index])
    }
  }
}
