import Datasets

/// Names in artifacts of kind "dataset".
enum DatasetSchema {
  static let task = "task"
  static let licence = "licence"
  static let citation = "citation"
  static let source = "source"
  static let sourceFile = "file"
  static let sourceFolder = "folder"
  static let sourceGenerator = "generator"
  static let sourceName = "source_name"
  static let sourceVersion = "source_version"
  static let sourceMD5 = "source_md5"
  static let sourceSHA256 = "source_sha256"

  static let classAxis = "class"
  static let y = "y"
  static let x = "x"
  static let channel = "channel"
  static let classNames = "class_names"

  static let sample = "sample"
  static let images = "images"
  static let imageSHA256 = "image_sha256"
  static let digestByte = "digest_byte"
  static let labels = "labels"
  static let classCounts = "class_counts"
  static let channelMean = "channel_mean"
  static let channelMinimum = "channel_min"
  static let channelMaximum = "channel_max"
  static let blankImages = "blank_images"

  /// Images that equal an image of `split`.
  static func duplicateImages(of split: Split) -> String { "duplicates_of_\(split.rawValue)" }

  static let duplicates = "duplicates"
  static let pair = "pair"
  static let pairCount = "pair_count"
  static let firstSplit = "first_split"
  static let firstSample = "first_sample"
  static let secondSplit = "second_split"
  static let secondSample = "second_sample"

  /// The largest side of an image, in pixels.
  static let largestResolution = 4096

  static let manifest = "manifest"
  static let leftOut = "left_out"
  static let reason = "reason"
  static let row = "row"
  static let file = "file"
  static let fileSHA256 = "file_sha256"
  static let className = "class_name"
  static let split = "split"
  static let participant = "participant"
  static let session = "session"
  static let acquisition = "acquisition"
  static let slice = "slice"
}
