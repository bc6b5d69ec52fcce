import JSON

extension ArtifactWriter {
  mutating func add(_ header: ArtifactHeader) throws {
    try addAttribute(HeaderSchema.format, .text(HeaderSchema.formatName), to: root)
    try addAttribute(HeaderSchema.formatVersion, .integer(HeaderSchema.currentVersion), to: root)
    try addAttribute(HeaderSchema.kind, .text(header.kind.rawValue), to: root)
    try addAttribute(HeaderSchema.software, .text(header.software), to: root)
    try addAttribute(HeaderSchema.resultsVersion, .integer(header.resultsVersion), to: root)
    try addAttribute(HeaderSchema.profile, .text(header.profile.rawValue), to: root)
    try addAttribute(HeaderSchema.dataset, .text(header.dataset), to: root)
    try addAttribute(HeaderSchema.resolution, .integer(header.resolution), to: root)
    try addAttribute(HeaderSchema.title, .text(header.title), to: root)
    try addAttribute(HeaderSchema.official, .integer(header.isOfficial ? 1 : 0), to: root)
    try addAttribute(HeaderSchema.comparable, .integer(header.isComparable ? 1 : 0), to: root)
    try addAttribute(HeaderSchema.generated, .integer(header.isGenerated ? 1 : 0), to: root)
    try addAttribute(HeaderSchema.leaking, .integer(header.isLeaking ? 1 : 0), to: root)
    try addAttribute(HeaderSchema.seed, .integer(Int(bitPattern: UInt(header.seed))), to: root)
    if let model = header.model {
      try addAttribute(HeaderSchema.variant, .text(model.variant), to: root)
      try addAttribute(HeaderSchema.regime, .text(model.regime.rawValue), to: root)
      if let kind = model.kind { try addAttribute(HeaderSchema.model, .text(kind.rawValue), to: root) }
    }
    try addAttribute(HeaderSchema.configuration, .text(header.configuration), to: root)
    if let descent = header.descent {
      try addAttribute(HeaderSchema.descent, .text(descent.json.canonicalText), to: root)
    }

    let group = try addGroup(HeaderSchema.inputs, in: root)
    try addScale(HeaderSchema.input, count: header.inputs.count, in: group)
    try addStrings(
      HeaderSchema.role, header.inputs.map(\.role.rawValue), axis: HeaderSchema.input,
      longName: "what the file was used for", in: group)
    try addStrings(
      HeaderSchema.fileName, header.inputs.map(\.fileName), axis: HeaderSchema.input,
      longName: "name of the file", in: group)
    try addStrings(
      HeaderSchema.contentSHA256, header.inputs.map(\.contentSHA256), axis: HeaderSchema.input,
      longName: "content_sha256 of an artifact, SHA-256 of any other file", in: group)
  }
}
