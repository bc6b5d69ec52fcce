public import Artifacts
import Datasets
import Failures
import Files
public import JSON

/// A table as its file declares it. `pipeline/tables/NAME.json` is the whole of it; the file's name is the table's.
///
///     {
///       "title": "Table 1",
///       "caption": "Students trained from scratch",
///       "paper": 1,
///       "rows": [{ "variant": ["vit", "qvit"], "regime": "scratch", "resolution": [28, 224] }]
///     }
///
/// An entry of `rows` is a row for each variant and each resolution, variants outermost. `variant` names settings files;
/// `{ "regime": "teacher" }` is the row of the teachers, of another `width` than the table's students where that is given; and
/// `{ "regime": "external", "variant": "resnet18", "label": "ResNet-18", "resolution": 28 }` that of scores from elsewhere
/// (`evaluate --scores`). `{ "regime": "floor", "variant": "logistic-regression", "resolution": 28 }` is the row of a floor, whose
/// variant is the name of its settings file, too. `datasets`, where given, are the table's columns; otherwise they are those asked for. `paper` is the
/// number of the paper's table whose values stand beside ours. `group` is a goal for make that stands for all tables that name
/// it. Only `caption` and `rows` are needed.
public struct TableDeclaration: Sendable, Equatable {
  /// A row.
  public struct Row: Sendable, Hashable {
    /// The variant; for scores from elsewhere the name they were given, for the teacher nil.
    public var variant: String?
    /// How its models came about.
    public var regime: Regime
    /// The side of the images in pixels.
    public var resolution: Int
    /// What the row is called, where no settings file says it.
    public var label: String?
    /// The teachers' width, where it is not that of the table's students.
    public var width: Int?
  }

  /// The name: that of the file, of the table's own files and of its goal for make.
  public let name: String
  /// What stands before the caption: "Table 1".
  public let title: String
  /// What the table shows, a sentence without its full stop.
  public let caption: String
  /// The paper's number of the table; nil if the paper has no values for it.
  public let paperTable: Int?
  /// The goal for make that makes this table and others; nil if there is none.
  public let group: String?
  /// The columns; nil for those asked for.
  public let datasets: [String]?
  /// The rows from the top.
  public let rows: [Row]

  /// Reads a declaration.
  /// - Throws: `SettingsError`, `FileError`.
  public init(path: String) throws {
    name = fileName(of: path, without: ".json")
    guard Self.isGoal(name) else {
      throw SettingsError(
        path: path, place: "", message: "a table's name has small letters, digits, '-' and '_', found '\(name)'")
    }
    let value = try JSONValue(parsing: contents(ofFile: path, limit: 1 << 20), path: path)
    let reader = try SettingsReader(value: value, path: path)
    title = try reader.string("title", default: name)
    caption = try reader.string("caption")
    paperTable = reader.value("paper") == nil ? nil : try reader.integer("paper", in: 1...2)
    group = reader.value("group") == nil ? nil : try reader.string("group")
    if let group, !Self.isGoal(group) {
      throw reader.error(
        at: "group", expected: "a name of small letters, digits, '-' and '_'", found: .string(group))
    }
    datasets = try reader.value("datasets").map { try Self.strings($0, reader, "datasets") }
    var rows: [Row] = []
    for (index, entry) in try reader.array("rows").enumerated() {
      rows += try Self.rows(SettingsReader(value: entry, path: "\(path): rows[\(index)]"))
    }
    try reader.finish()
    for (index, dataset) in (datasets ?? []).enumerated() where datasets?[..<index].contains(dataset) == true {
      throw SettingsError(path: path, place: "datasets", message: "the same dataset twice: '\(dataset)'")
    }
    guard !rows.isEmpty else { throw SettingsError(path: path, place: "rows", message: "expected at least one row") }
    for (index, row) in rows.enumerated() where rows[..<index].contains(row) {
      throw SettingsError(path: path, place: "rows", message: "the same row twice: \(row.description)")
    }
    for text in [title, caption] + rows.compactMap(\.label) {
      guard text.count <= 200, !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
      else {
        throw SettingsError(
          path: path, place: "", message: "a title, caption or label has at most 200 characters, no control characters")
      }
    }
    self.rows = rows
  }

  /// Whether a name can be a goal for make.
  private static func isGoal(_ name: String) -> Bool { name.wholeMatch(of: /[a-z0-9][a-z0-9_-]*/) != nil }

  private static func rows(_ reader: SettingsReader) throws -> [Row] {
    let regime: Regime = try reader.choice("regime", among: [.scratch, .kd, .teacher, .external, .floor])
    var rows: [Row] = []
    switch regime {
    case .teacher:
      let width = reader.value("width") == nil ? nil : try reader.integer("width", in: 2...64)
      rows = [Row(regime: .teacher, resolution: 224, width: width)]
    case .external:
      let label = try reader.string("label")
      for resolution in try resolutions(reader) {
        rows.append(
          Row(variant: try reader.string("variant"), regime: .external, resolution: resolution, label: label))
      }
    case .scratch, .kd, .distilled, .floor:
      let resolutions = try resolutions(reader)
      for variant in try strings(reader.value("variant") ?? .null, reader, "variant") {
        rows += resolutions.map { Row(variant: variant, regime: regime, resolution: $0) }
      }
    }
    try reader.finish()
    return rows
  }

  private static func resolutions(_ reader: SettingsReader) throws -> [Int] {
    let value = reader.value("resolution") ?? .null
    let elements: [JSONValue] = if case .array(let elements) = value { elements } else { [value] }
    return try elements.map { element in
      guard case .number(let number) = element, number == 28 || number == 224 else {
        throw reader.error(at: "resolution", expected: "28, 224 or both in a list", found: element)
      }
      return Int(number)
    }
  }

  /// One string or a list of them.
  private static func strings(_ value: JSONValue, _ reader: SettingsReader, _ key: String) throws -> [String] {
    let elements: [JSONValue] = if case .array(let elements) = value { elements } else { [value] }
    guard !elements.isEmpty else { throw reader.error(at: key, expected: "a name or a list of names", found: value) }
    return try elements.map { element in
      guard case .string(let text) = element, !text.isEmpty else {
        throw reader.error(at: key, expected: "a name or a list of names", found: element)
      }
      return text
    }
  }
}

extension TableDeclaration.Row {
  var description: String {
    "\(variant.map { "\($0) " } ?? "")\(regime.rawValue) at \(resolution) pixels\(width.map { ", width \($0)" } ?? "")"
  }
}

/// A table with everything it was asked for: what `plan` writes for `report` and `verify`, and what makes a table stale when
/// it changes.
public struct PlannedTable: Sendable, Equatable {
  /// A row.
  public struct Row: Sendable, Equatable {
    /// What it is called: "QViT-KD_28".
    public var label: String
    /// Its models.
    public var model: ArtifactModel
    /// The side of the images in pixels.
    public var resolution: Int
    /// Whether the settings in effect make it a row of the paper's.
    public var isPapers: Bool

    /// A row from its parts.
    public init(label: String, model: ArtifactModel, resolution: Int, isPapers: Bool) {
      self.label = label
      self.model = model
      self.resolution = resolution
      self.isPapers = isPapers
    }

    /// Whether the row has one run, not one for each seed.
    public var hasOneRun: Bool { [.teacher, .external, .floor].contains(model.regime) }

    /// Whether the row is there for comparison and does not compete for the best entry of a column.
    public var isReference: Bool { hasOneRun }
  }

  /// The table's name.
  public var name: String
  /// What stands before the caption.
  public var title: String
  /// What the table shows.
  public var caption: String
  /// The paper's number of the table.
  public var paperTable: Int?
  /// The rows from the top.
  public var rows: [Row]
  /// The columns.
  public var datasets: [String]
  /// The seeds of the students of each dataset.
  public var seeds: [String: [UInt64]]
  /// The teachers' seeds.
  public var teacherSeeds: TeacherSeeds
  /// The profile of its artifacts.
  public var profile: Profile
  /// The directory of the profile's artifacts: `artifacts/sample`.
  public var root: String
  /// The command that, followed by names of artifacts, makes them: `make PROFILE=paper SEEDS="1 2"`.
  public var command: String
  /// What part of the grid it shows: `breastmnist-28`; nil for the whole.
  public var part: String?

  /// The name of its files: that of a part stands beside that of the whole.
  public var fileName: String { part.map { "\(name)@\($0)" } ?? name }

  /// A table from its parts, in the order of the properties.
  public init(
    name: String, title: String, caption: String, paperTable: Int?, rows: [Row], datasets: [String],
    seeds: [String: [UInt64]], teacherSeeds: TeacherSeeds, profile: Profile, root: String, command: String,
    part: String? = nil
  ) {
    self.part = part
    self.name = name
    self.title = title
    self.caption = caption
    self.paperTable = paperTable
    self.rows = rows
    self.datasets = datasets
    self.seeds = seeds
    self.teacherSeeds = teacherSeeds
    self.profile = profile
    self.root = root
    self.command = command
  }

  /// The seeds of an entry.
  public func seeds(of row: Row, dataset: String) -> [UInt64] {
    switch row.model.regime {
    case .teacher: teacherSeeds.seeds
    case .external, .floor: [0]
    case .scratch, .kd, .distilled: seeds[dataset] ?? []
    }
  }
}

extension PlannedTable {
  /// As a file holds it.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(name), "title": .string(title), "caption": .string(caption),
      "datasets": .array(datasets.map { .string($0) }),
      "seeds": .object(seeds.mapValues { .array($0.map { .number(Double($0)) }) }),
      "teacher_seeds": .array(teacherSeeds.seeds.map { .number(Double($0)) }), "profile": .string(profile.rawValue),
      "root": .string(root),
      "command": .string(command),
      "rows": .array(
        rows.map { row in
          var members: [String: JSONValue] = [
            "label": .string(row.label), "variant": .string(row.model.variant),
            "regime": .string(row.model.regime.rawValue), "resolution": .number(Double(row.resolution)),
            "is_papers": .bool(row.isPapers),
          ]
          members["model"] = row.model.kind.map { .string($0.rawValue) }
          return .object(members)
        }),
    ]
    members["paper"] = paperTable.map { .number(Double($0)) }
    members["part"] = part.map { .string($0) }
    return .object(members)
  }

  /// Reads what `plan` wrote.
  /// - Throws: `SettingsError`, `FileError`.
  public init(path: String) throws {
    let value = try JSONValue(parsing: contents(ofFile: path, limit: 16 << 20), path: path)
    let reader = try SettingsReader(value: value, path: path)
    let name = try reader.string("name")
    let datasets = try reader.array("datasets").map { element in
      guard case .string(let name) = element else {
        throw reader.error(at: "datasets", expected: "names", found: element)
      }
      return name
    }
    let seedsReader = try reader.child("seeds")
    var seeds: [String: [UInt64]] = [:]
    for dataset in datasets { seeds[dataset] = try seedsReader.seeds(dataset) }
    guard let teacherSeeds = TeacherSeeds(try reader.seeds("teacher_seeds")) else {
      throw SettingsError(path: path, place: "teacher_seeds", message: TeacherSeeds.requirement)
    }
    self.init(
      name: name, title: try reader.string("title"), caption: try reader.string("caption"),
      paperTable: reader.value("paper") == nil ? nil : try reader.integer("paper", in: 1...2),
      rows: try reader.array("rows").map { entry in
        let row = try SettingsReader(value: entry, path: path)
        let kind: ModelKind? = row.value("model") == nil ? nil : try row.choice("model")
        let model = ArtifactModel(
          variant: try row.string("variant"), regime: try row.choice("regime"), kind: kind)
        let planned = Row(
          label: try row.string("label"), model: model, resolution: try row.integer("resolution", in: 1...4096),
          isPapers: try row.boolean("is_papers"))
        try row.finish()
        return planned
      },
      datasets: datasets, seeds: seeds,
      teacherSeeds: teacherSeeds,
      profile: try reader.choice("profile"), root: try reader.string("root"), command: try reader.string("command"),
      part: reader.value("part") == nil ? nil : try reader.string("part"))
    try reader.finish()
  }
}

extension SettingsReader {
  fileprivate func seeds(_ key: String) throws -> [UInt64] {
    try numbers(key, in: 0...Double(Int32.max)).map { UInt64($0) }
  }
}
