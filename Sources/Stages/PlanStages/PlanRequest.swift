import Artifacts
import CommandLineKit
import Configuration
import Datasets

/// What a plan is asked for.
struct PlanRequest {
  var profile: Profile
  /// Where its artifacts stand.
  var run: RunDirectories
  var root: String { run.root }
  /// Directories of settings files, the first before the others.
  var layers: [String]
  /// Paths of table declarations.
  var tables: [String]
  /// Columns of tables that name none.
  var datasets: [String]
  /// Datasets of the user's own.
  var own: [String]
  var resolutions: [Int]
  /// Variants of the rows; empty for all.
  var variants: [String]
  /// The seeds of each student; nil for as many as its dataset needs.
  var seeds: [UInt64]?
  var epochs: Int?
  var teacherEpochs: Int?
  var teacherSeeds: TeacherSeeds
  var teacherResolution: Int
  /// What fine-tunes the teachers; nil as the settings say.
  var teacherProgram: TeacherSettings.Program?
  /// What the whole grid has of resolutions and seeds (nil for as many as each dataset needs); nil where tables of a part need
  /// no name of their own.
  var whole: (resolutions: [Int], seeds: [UInt64]?)?
  /// What teachers begin with; nil for random weights.
  var weights: String?
  /// The same for single datasets.
  var datasetWeights: [String: String]
  /// How each dataset is prepared, by dataset and resolution, in words for `prepare-data`.
  var preparations: [ImagesKey: [String]]
  /// The command that makes artifacts.
  var command: String
}

/// A dataset at a resolution.
struct ImagesKey: Hashable {
  var dataset: String
  var resolution: Int
}

extension PlanRequest {
  /// The options that say what a grid is, but for `--root` and `--profile`.
  /// - Parameter presence: of those that a grid cannot be without.
  static func options(_ presence: Option.Presence) -> [Option] {
    [
      Option(
        "default-root", .path, "Directory of the default run, where --root is that of a run with a name.",
        placeholder: "DIR"),
      Option(
        "config", .list(of: .path), "Directories of settings files.", placeholder: "\"DIR …\"", presence: presence),
      Option("tables", .list(of: .path), "Declarations of tables.", placeholder: "\"FILE …\"", presence: presence),
      Option("datasets", .list(of: .string), "Columns of tables that name none.", presence: presence),
      Option("own", .list(of: .string), "Names of datasets that the catalogue does not have."),
      Option("resolutions", .list(of: .choice(of: ["28", "224"])), "Resolutions of the rows.", presence: presence),
      Option("variants", .list(of: .string), "Variants of the rows; all by default.", placeholder: "\"NAME …\""),
      Option(
        "seeds", .list(of: .integer(in: 0...Int(Int32.max))),
        "Seeds of each student; as many as its dataset needs by default."),
      Option(
        "whole-resolutions", .list(of: .choice(of: ["28", "224"])),
        "Resolutions of the whole grid; the tables of a part of it then have names of their own."),
      Option(
        "whole-seeds", .list(of: .integer(in: 0...Int(Int32.max))),
        "Seeds of the whole grid; as many as each dataset needs by default."),
      Option("epochs", .integer(in: 1...1_000_000), "Epochs of students instead of the settings files'."),
      Option("teacher-epochs", .integer(in: 0...1_000_000), "Epochs of teachers instead of the settings file's."),
      Option(
        "teacher-seeds", .list(of: .integer(in: 0...Int(Int32.max))),
        "Seeds of the teachers of each dataset; the students go round them.", presence: presence),
      Option(
        "teacher-resolution", .choice(of: ["28", "224"]), "Resolution of the images teachers see.", presence: presence),
      Option(
        "teacher", .choice(of: TeacherSettings.Program.self),
        "What fine-tunes the teachers: finetune-teacher, or PyTorch and timm."),
      Option("weights", .path, "Weights the teachers begin with; compared where they are still there."),
      Option(
        "dataset-weights", .list(of: .string), "Weights of the teachers of single datasets.",
        placeholder: "\"NAME=FILE …\""),
      Option(
        "preparations", .string, "How each dataset is prepared: its name, '-', resolution, and words for prepare-data.",
        placeholder: "\"NAME-N WORDS; …\""),
      Option("make", .string, "The command that makes an artifact.", presence: presence),
    ]
  }

  /// The grid to compare with; nil where none of its options is given.
  /// - Throws: `UsageError` if one of several is missing.
  init?(verifying arguments: ParsedArguments) throws(UsageError) {
    let given = Self.options(.optional).first { $0.name != "weights" && arguments.isGiven($0.name) }
    guard let given else { return nil }
    for option in Self.options(.required) where option.presence == .required && !arguments.has(option.name) {
      throw UsageError("missing '--\(option.name)', which goes with --\(given.name)")
    }
    try self.init(arguments)
  }

  /// The grid that options ask for.
  init(_ arguments: ParsedArguments) throws(UsageError) {
    func resolutions(_ name: String) -> [Int] { arguments.strings(name).compactMap(Int.init) }
    func seeds(_ name: String) -> [UInt64]? {
      arguments.has(name) ? arguments.integers(name).map { UInt64($0) } : nil
    }
    self.init(
      profile: arguments.choice("profile", as: Profile.self),
      run: RunDirectories(
        root: arguments.string("root"), defaultRoot: arguments.optionalString("default-root")),
      layers: arguments.strings("config"), tables: arguments.strings("tables"),
      datasets: arguments.strings("datasets"), own: arguments.strings("own"), resolutions: resolutions("resolutions"),
      variants: arguments.strings("variants"), seeds: seeds("seeds"), epochs: arguments.optionalInteger("epochs"),
      teacherEpochs: arguments.optionalInteger("teacher-epochs"),
      teacherSeeds: try Self.teacherSeeds(seeds("teacher-seeds") ?? []),
      teacherResolution: Int(arguments.string("teacher-resolution")) ?? 224,
      teacherProgram: arguments.has("teacher") ? arguments.choice("teacher", as: TeacherSettings.Program.self) : nil,
      whole: arguments.has("whole-resolutions") ? (resolutions("whole-resolutions"), seeds("whole-seeds")) : nil,
      weights: arguments.optionalString("weights"),
      datasetWeights: try Self.datasetWeights(arguments.strings("dataset-weights")),
      preparations: try Self.preparations(arguments.optionalString("preparations") ?? ""),
      command: arguments.string("make"))
  }

  private static func teacherSeeds(_ seeds: [UInt64]) throws(UsageError) -> TeacherSeeds {
    guard let seeds = TeacherSeeds(seeds) else {
      throw UsageError("--teacher-seeds: \(TeacherSeeds.requirement)")
    }
    return seeds
  }

  private static func datasetWeights(_ words: [String]) throws(UsageError) -> [String: String] {
    var weights: [String: String] = [:]
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw UsageError("option '--dataset-weights': expected 'NAME=FILE', found '\(word)'")
      }
      weights[parts[0]] = parts[1]
    }
    return weights
  }

  /// What the teacher of a dataset begins with; nil for random weights.
  func weights(of dataset: String) -> String? { datasetWeights[dataset] ?? weights }

  /// All weights that teachers of the grid begin with.
  var allWeights: [String] { (weights.map { [$0] } ?? []) + datasetWeights.values.sorted() }

  private static func preparations(_ text: String) throws(UsageError) -> [ImagesKey: [String]] {
    var preparations: [ImagesKey: [String]] = [:]
    for part in text.split(separator: ";") {
      let words = part.split(separator: " ").map(String.init)
      guard let name = words.first else { continue }
      guard let dash = name.lastIndex(of: "-"), let resolution = Int(name[name.index(after: dash)...]) else {
        throw UsageError("option '--preparations': expected 'NAME-RESOLUTION', found '\(name)'")
      }
      preparations[ImagesKey(dataset: String(name[..<dash]), resolution: resolution)] = Array(words.dropFirst())
    }
    return preparations
  }
}
