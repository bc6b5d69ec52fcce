public import Datasets

/// What a dataset artifact says about its images as a whole.
public struct DatasetContents: Sendable, Equatable {
  /// What the labels mean.
  public var task: ClassificationTask
  /// Licence or terms of use.
  public var licence: String
  /// What to cite.
  public var citation: String
  /// Class names; a label is an index.
  public var classNames: [String]
  /// Channels of an image: 1 or 3.
  public var channels: Int
  /// Images per split; all three splits are there, an empty one with 0.
  public var counts: [Split: Int]
  /// Where the images come from.
  public var source: SourceDigest

  /// The description of a dataset.
  public init(
    task: ClassificationTask, licence: String, citation: String, classNames: [String], channels: Int,
    counts: [Split: Int],
    source: SourceDigest
  ) {
    self.task = task
    self.licence = licence
    self.citation = citation
    self.classNames = classNames
    self.channels = channels
    self.counts = counts
    self.source = source
  }
}
