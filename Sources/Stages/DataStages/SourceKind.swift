import DatasetSources
import StageSupport
import CommandLineKit
import Datasets
import Failures
import JSON

/// Where `prepare-data` takes images from.
enum SourceKind: String, CaseIterable {
  case sample
  case npz
  case folder
  case oasis

  /// The options that only some sources know.
  var options: [String] {
    switch self {
    case .sample: []
    case .npz: ["input", "allow-unofficial"]
    case .folder: ["input", "channels", "split-file", "divided", "ratios", "seed", "skip-unreadable"]
    case .oasis:
      ["input", "cdr-table", "split", "ratios", "per-class-cap", "allow-missing-val", "seed", "skip-unreadable"]
    }
  }

  /// - Throws: `UsageError` for an option that means nothing here, so that none is silently ignored.
  static func requireOnly(_ names: [String], _ arguments: ParsedArguments, with what: String) throws(UsageError) {
    for option in PrepareDataStage.command.options where !names.contains(option.name) && arguments.has(option.name) {
      throw UsageError("'--\(option.name)' does not go with \(what)")
    }
  }

  /// The settings as the options say, checked as far as that is possible without the data.
  /// - Throws: `UsageError`.
  func configuration(_ arguments: ParsedArguments) throws(UsageError) -> DataConfiguration {
    var configuration = DataConfiguration(source: self)
    configuration.resolution = Int(arguments.string("resolution")) ?? configuration.resolution
    if self != .sample {
      guard let input = arguments.optionalString("input") else {
        throw UsageError("--source \(self) needs --input \(self == .npz ? "FILE" : "DIRECTORY")")
      }
      configuration.input = input
    }
    let name = arguments.string("dataset")
    let known = Catalogue.all.map(\.name)
    guard self == .folder || known.contains(name) else {
      let suggestion = Failures.suggestion(for: name, among: known)
      throw UsageError(
        "option '--dataset': expected one of \(known.map { "'\($0)'" }.joined(separator: ", ")), found '\(name)'\(suggestion)"
      )
    }
    if self == .oasis, name != Catalogue.oasis.name {
      throw UsageError("--source oasis makes the dataset '\(Catalogue.oasis.name)', found '\(name)'")
    }
    if self == .folder {
      guard name.wholeMatch(of: /[a-z0-9][a-z0-9_-]*/) != nil, !known.contains(name)
      else {
        throw UsageError(
          "option '--dataset': expected a new name of small letters, digits, '-' and '_' for --source folder, found "
            + "'\(name)'")
      }
      if arguments.has("split-file"), arguments.has("ratios") || arguments.has("seed") {
        throw UsageError("'--ratios' and '--seed' do not go with '--split-file'")
      }
      configuration.hasSplitFile = arguments.has("split-file")
      configuration.isDivided = arguments.flag("divided")
      for option in ["split-file", "ratios", "seed"] where configuration.isDivided && arguments.has(option) {
        throw UsageError("'--\(option)' does not go with '--divided'")
      }
    }
    if let text = arguments.optionalString("ratios") {
      guard let ratios = SplitRatios(text) else {
        throw UsageError("option '--ratios': expected three whole numbers above 0 like 70/10/20, found '\(text)'")
      }
      configuration.ratios = ratios
    }
    configuration.channels = arguments.optionalString("channels").flatMap(Int.init) ?? configuration.channels
    configuration.seed = arguments.optionalInteger("seed").map { UInt64($0) } ?? configuration.seed
    configuration.level = arguments.optionalChoice("split", as: OASISSource.Level.self) ?? configuration.level
    configuration.cutsVolumes = arguments.has("cdr-table")
    configuration.perClassCap = arguments.optionalInteger("per-class-cap")
    configuration.skipsUnreadable = arguments.flag("skip-unreadable")
    configuration.allowsMissingVal = arguments.flag("allow-missing-val")
    return configuration
  }
}

/// What a dataset is made with.
struct DataConfiguration {
  let source: SourceKind
  var resolution = 28
  var input = ""
  var channels = 3
  var hasSplitFile = false
  var isDivided = false
  var skipsUnreadable = false
  var cutsVolumes = false
  var ratios = SplitRatios.standard
  var level = OASISSource.Level.slice
  var perClassCap: Int?
  var allowsMissingVal = false
  var seed: UInt64 = 1

  /// Whether results may be compared with the paper's: it used MedMNIST's published files, and OASIS slices divided at
  /// random, as far as its numbers tell. Slices cut here have not been compared with those of the public copy.
  func isComparable(official: Bool) -> Bool {
    switch source {
    case .sample, .folder: false
    case .npz: official
    case .oasis: level == .slice && !cutsVolumes
    }
  }

  /// The seed where something is left to chance, otherwise 0.
  var recordedSeed: UInt64 {
    switch source {
    case .sample, .npz: 0
    case .folder: hasSplitFile || isDivided ? 0 : seed
    case .oasis: seed
    }
  }

  /// The settings that the images and splits depend on.
  var recorded: JSONValue {
    var values: [String: JSONValue] = [:]
    switch source {
    case .sample, .npz: break
    case .folder:
      values["channels"] = .number(Double(channels))
      if isDivided { values["divided"] = .bool(true) }
      if !hasSplitFile, !isDivided { values["ratios"] = .string(ratios.description) }
    case .oasis:
      values["split"] = .string(level.rawValue)
      values["ratios"] = .string(ratios.description)
      values["per_class_cap"] = perClassCap.map { .number(Double($0)) } ?? .null
      values["allow_missing_val"] = .bool(allowsMissingVal)
      if cutsVolumes { values["images"] = .string("volumes") }
    }
    if skipsUnreadable { values["unreadable"] = .string("left out") }
    return .object(values)
  }
}
