/// A published file of a dataset at one resolution.
public struct OfficialFile: Sendable, Equatable {
  /// File name, for example `breastmnist_224.npz`.
  public let name: String
  /// Where it is published.
  public let url: String
  /// MD5 of the whole file, 32 lower-case hexadecimal digits.
  public let md5: String
}

/// Facts about a dataset that do not depend on where its images come from.
public struct DatasetDescription: Sendable, Equatable {
  /// Name in options, paths and artifacts: MedMNIST's flag, or `oasis`.
  public let name: String
  /// Title in the tables, for example "BreastMNIST".
  public let title: String
  /// What the labels mean.
  public let task: ClassificationTask
  /// Stored channels: 1 (grey) or 3 (red, green, blue).
  public let channels: Int
  /// Names of the classes; the label is the index.
  public let classNames: [String]
  /// Number of images in each split as published; nil where none is published.
  public let officialCounts: [Split: Int]?
  /// How many seeds each student gets where none are asked for.
  public let seedCount: Int
  /// Licence or terms of use.
  public let licence: String
  /// What to cite: the collection, and the source of the images.
  public let citation: String
  /// Published files by resolution in pixels; empty where there are none.
  public let officialFiles: [Int: OfficialFile]
  /// What is drawn in place of its images; nil where nothing is.
  public let sample: SamplePicture?

  /// `seedCount` of large datasets and of those whose size is not known.
  public static let fewestSeeds = 5

  /// A dataset by its facts, in the order of the properties.
  public init(
    name: String, title: String, task: ClassificationTask, channels: Int, classNames: [String],
    officialCounts: [Split: Int]?, seedCount: Int = Self.fewestSeeds, licence: String, citation: String,
    officialFiles: [Int: OfficialFile],
    sample: SamplePicture? = nil
  ) {
    self.name = name
    self.title = title
    self.task = task
    self.channels = channels
    self.classNames = classNames
    self.officialCounts = officialCounts
    self.seedCount = seedCount
    self.licence = licence
    self.citation = citation
    self.officialFiles = officialFiles
    self.sample = sample
  }

  /// Number of classes.
  public var classes: Int { classNames.count }
}
