/// Names of the attributes and datasets that every artifact has.
enum HeaderSchema {
  static let format = "format"
  static let formatName = "qvit"
  static let formatVersion = "format_version"
  static let currentVersion = 1
  static let kind = "kind"
  static let software = "software"
  static let resultsVersion = "results_version"
  static let profile = "profile"
  static let dataset = "dataset"
  static let resolution = "resolution"
  static let title = "title"
  static let official = "official"
  static let comparable = "comparable"
  static let seed = "seed"
  static let configuration = "configuration"
  static let model = "model"
  static let regime = "regime"
  static let contentSHA256 = "content_sha256"
  static let complete = "complete"
  static let sha256 = "sha256"

  static let inputs = "inputs"
  static let input = "input"
  static let role = "role"
  static let fileName = "file_name"
}
