/// An image of a folder that is in no split, because it cannot be read.
public struct LeftOutImage: Sendable, Equatable {
  /// Path of the file below the folder of the dataset.
  public var file: String
  /// What is wrong with it.
  public var reason: String

  /// A file and what is wrong with it.
  public init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }
}

/// Where one image of a dataset comes from.
public struct ManifestRow: Sendable, Equatable {
  /// Path of the file below the folder of the dataset.
  public var file: String
  /// SHA-256 of the file.
  public var sha256: String
  /// The class.
  public var label: Int
  /// The split it is in.
  public var split: Split
  /// Which slice of which scan it is; nil where that is not known.
  public var slice: OASISSlice?

  /// A row from its parts.
  public init(file: String, sha256: String, label: Int, split: Split, slice: OASISSlice? = nil) {
    self.file = file
    self.sha256 = sha256
    self.label = label
    self.split = split
    self.slice = slice
  }
}
