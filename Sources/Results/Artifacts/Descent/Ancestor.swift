/// A model that another one was made from. Its settings are in the `configuration` of what was made from it.
public struct Ancestor: Sendable, Equatable {
  /// What it was used for.
  public var role: InputRole
  /// `content_sha256` of its artifact; the SHA-256 of a weights file.
  public var contentSHA256: String
  /// Name and version of the program that made it.
  public var software: String
  /// The results version of that program.
  public var resultsVersion: Int
  /// Its seed.
  public var seed: UInt64
  /// What it was made from.
  public var generation: Generation

  /// An ancestor from its parts.
  public init(
    role: InputRole, contentSHA256: String, software: String, resultsVersion: Int, seed: UInt64, generation: Generation
  ) {
    self.role = role
    self.contentSHA256 = contentSHA256
    self.software = software
    self.resultsVersion = resultsVersion
    self.seed = seed
    self.generation = generation
  }
}

extension Descent {
  /// A file with this descent and those before it, as ancestors of what is made from it.
  public func asAncestors(
    role: InputRole, contentSHA256: String, software: String, resultsVersion: Int, seed: UInt64
  ) -> [Ancestor] {
    [
      Ancestor(
        role: role, contentSHA256: contentSHA256, software: software, resultsVersion: resultsVersion, seed: seed,
        generation: own)
    ] + ancestors
  }
}

extension ArtifactHeader {
  /// This artifact and those before it, as ancestors of what is made from it.
  public func asAncestors(role: InputRole, contentSHA256: String) -> [Ancestor] {
    descent?.asAncestors(
      role: role, contentSHA256: contentSHA256, software: software, resultsVersion: resultsVersion, seed: seed) ?? []
  }

  /// Takes over what holds for the images of an ancestor: who learned from one that saw other files than the published ones
  /// has seen them too.
  public mutating func inherit(from ancestor: ArtifactHeader) {
    isOfficial = isOfficial && ancestor.isOfficial
    isComparable = isComparable && ancestor.isComparable
    isGenerated = isGenerated || ancestor.isGenerated
    isLeaking = isLeaking || ancestor.isLeaking
  }
}
