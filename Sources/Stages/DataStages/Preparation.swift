public import CommandLineKit
import DatasetSources
import Datasets
import Digests
import Files
import StageSupport
public import JSON

/// How a dataset is prepared, as options of `prepare-data` say it: what it is made from and with which settings.
public struct Preparation {
  /// The file or the folder that is read; nil where images are generated.
  public var input: String? { configuration.source == .sample ? nil : configuration.input }
  /// What the artifact records as its configuration.
  public var recorded: JSONValue { configuration.recorded }
  /// What it records as its seed.
  public var seed: UInt64 { configuration.recordedSeed }
  let configuration: DataConfiguration
  private let arguments: ParsedArguments

  /// The preparation that options ask for.
  /// - Throws: `UsageError`.
  init(_ arguments: ParsedArguments) throws(UsageError) {
    let source = arguments.choice("source", as: SourceKind.self)
    try SourceKind.requireOnly(
      ["dataset", "resolution", "source", "profile", "quiet", "output"] + source.options, arguments,
      with: "--source \(source)")
    configuration = try source.configuration(arguments)
    self.arguments = arguments
  }

  /// The preparation that the words of a command line ask for; `--profile` and `--output` may be missing.
  /// - Throws: `UsageError`.
  public init(dataset: String, resolution: Int, words: [String]) throws(UsageError) {
    let rest = ["--dataset", dataset, "--resolution", "\(resolution)", "--profile", "paper", "--output", "-"]
    guard case .run(let arguments) = try PrepareDataStage.command.parse(words + rest) else {
      throw UsageError("\(dataset): expected options of prepare-data, found '\(words.joined(separator: " "))'")
    }
    try self.init(arguments)
  }

  /// Opens what is read; a folder's images and a file's bytes are digested by that.
  /// - Throws: `FileError`, `DatasetError`, `UnexpectedEntry`, and others of the sources.
  func source(style: ProgressReporter.Style) throws -> any ImageSource {
    let name = arguments.string("dataset")
    switch configuration.source {
    case .sample:
      return try SampleImages(description: Catalogue.dataset(named: name), resolution: configuration.resolution)
    case .npz:
      return try MedMNISTFile(
        path: configuration.input, description: Catalogue.dataset(named: name), resolution: configuration.resolution,
        allowUnofficial: arguments.flag("allow-unofficial"), progress: digestProgress("MiB", style))
    case .folder:
      let listed: FolderSource.Division? =
        configuration.isDivided ? .folders : arguments.optionalString("split-file").map { .file($0) }
      return try FolderSource(
        directory: configuration.input, name: name, resolution: configuration.resolution,
        channels: configuration.channels,
        division: listed ?? .ratios(configuration.ratios, seed: configuration.seed),
        skipsUnreadable: configuration.skipsUnreadable,
        progress: digestProgress("images", style))
    case .oasis:
      return try OASISSource(
        directory: configuration.input, clinicalTable: arguments.optionalString("cdr-table"),
        resolution: configuration.resolution,
        division: OASISSource.Division(
          level: configuration.level, ratios: configuration.ratios, perClassCap: configuration.perClassCap,
          allowsMissingVal: configuration.allowsMissingVal,
          skipsUnreadable: configuration.skipsUnreadable, seed: configuration.seed),
        progress: digestProgress("images", style))
    }
  }

  /// What is read as the file system knows it; nil where nothing is.
  /// - Throws: `FileError`, `UnexpectedEntry`.
  public func trace() throws -> SourceTrace? {
    guard let input else { return nil }
    return try SourceTrace(
      of: [input] + ["split-file", "cdr-table"].compactMap { arguments.optionalString($0) })
  }

  /// Whether an artifact holds what this preparation would read now. Where size or time of a file are not those it had when
  /// it was read, its content is compared, once. An archive may be removed after it was read.
  /// - Parameter recorded: the digest of its source that the artifact has recorded.
  public func isUnchanged(since artifact: String, recorded: String?) throws -> Bool {
    guard let input, fileExists(input) else { return true }
    // What cannot be read the stage itself complains about.
    guard let trace = try? trace() else { return false }
    if trace.isThat(besides: artifact) { return true }
    guard let found = try? source(style: .automatic).digest.sha256, found == recorded else { return false }
    // Where it cannot be written, contents are compared again next time.
    try? trace.write(besides: artifact)
    return true
  }

  /// Shows how far the digests of the input have come, and stops them where a signal asks for it.
  private func digestProgress(_ unit: String, _ style: ProgressReporter.Style) -> DigestProgress {
    var reporter: ProgressReporter?
    var shown = 0
    let name = arguments.string("dataset")
    return { done, total in
      let current = reporter ?? ProgressReporter("reading \(name)", total: total, unit: unit, style: style)
      reporter = current
      current.advance(by: done - shown)
      shown = done
      try Interruption.check()
    }
  }
}

extension SourceDigest {
  /// What an artifact records of its source; nil where images are generated.
  fileprivate var sha256: String? {
    switch self {
    case .file(_, _, let sha256), .folder(_, let sha256): sha256
    case .generator: nil
    }
  }
}
