import Training
import Artifacts
import Configuration
import DataStages
import Datasets
import Digests
import Failures
import Files
import JSON

/// The declared tables with everything they need: settings in effect, artifacts, and the rules that make them.
struct Plan {
  /// A variant in use.
  private struct Variant {
    let settings: StudentSettings
    let label: String
    /// The name of the settings of its distillation.
    let distillation: String
  }

  /// A teacher that students learn from.
  private struct Teacher {
    let path: String
    /// What its artifact records.
    let recorded: JSONValue
  }

  /// The tables, in the order of their files.
  private(set) var tables: [PlannedTable] = []
  /// The groups of tables, in the order in which the tables name them.
  private(set) var groups: [(name: String, tables: [String])] = []
  /// Settings in effect and planned tables, by path.
  private(set) var files: [String: String] = [:]
  private let request: PlanRequest
  private let tree: ArtifactTree
  private var variants: [String: Variant] = [:]
  /// The teachers' settings, by width.
  private(set) var teacherSettings: [Int: TeacherSettings] = [:]
  private(set) var rules: [Rule] = []
  /// What each planned artifact has to say about itself, by path.
  private(set) var expectations: [String: Expectation] = [:]
  private var planned: Set<String> = []
  private var teachers: [String: Teacher] = [:]
  private var distillations: [String: DistillationSettings] = [:]
  private var floors: [String: FloorSettings] = [:]

  /// - Throws: `SettingsError` for a declaration or a settings file, `FileError`.
  init(_ request: PlanRequest) throws {
    self.request = request
    tree = ArtifactTree(root: request.root)
    for name in request.variants { try use(name, place: "VARIANTS") }
    for path in request.tables {
      let declaration = try TableDeclaration(path: path)
      let table = try plan(declaration, path)
      if tables.contains(where: { $0.name == table.name }) {
        throw SettingsError(path: path, place: "", message: "there is another table '\(table.name)'")
      }
      tables.append(table)
      if let group = declaration.group { add(table.name, toGroup: group) }
      files[tree.declaration(ofTable: table.fileName)] = table.json.prettyText
    }
    for table in tables { try addRules(of: table) }
    try addDatasetSection()
  }

  /// The settings of a variant; nil for one that is not in use.
  func settings(ofVariant name: String) -> StudentSettings? { variants[name]?.settings }

  /// How a variant is trained, or distilled where that is the tool; nil for one that is not in use.
  func training(ofVariant name: String, tool: String) -> TrainingSettings? {
    guard let variant = variants[name] else { return nil }
    return tool == "distill" ? distillations[variant.distillation]?.training : variant.settings.training
  }

  /// Goals of make, the groups among them as their tables.
  func tables(in goals: [String]) -> [String] {
    goals.flatMap { goal in groups.first { $0.name == goal }?.tables ?? [goal] }
  }

  private mutating func add(_ table: String, toGroup name: String) {
    if let index = groups.firstIndex(where: { $0.name == name }) {
      groups[index].tables.append(table)
    } else {
      groups.append((name, [table]))
    }
  }

  /// `make datasets`: by itself, it needs the datasets and no training.
  private mutating func addDatasetSection() throws {
    var images: [String] = []
    for dataset in request.datasets {
      for resolution in request.resolutions { images.append(try addDataset(dataset, resolution)) }
    }
    let part = request.whole == nil ? nil : Self.part(partOfDatasets + partOfResolutions)
    let table = TableInputs.Expected(
      prefix: tree.table(part.map { "datasets@\($0)" } ?? "datasets"), root: request.root, datasets: request.datasets,
      resolutions: request.resolutions, profile: request.profile)
    add(
      Rule(
        targets: TableInputs.files(table.prefix), goal: "datasets", prerequisites: images, tool: "report",
        options: "--datasets \"$(strip $(DATASETS))\" --resolutions \"$(strip $(RESOLUTIONS))\" --root \(request.root) "
          + "--profile $(PROFILE) --make '$(COMMAND)'", output: table.prefix, table: table, isOfGrid: false))
  }

  // MARK: Tables

  private mutating func plan(_ declaration: TableDeclaration, _ path: String) throws -> PlannedTable {
    var rows: [PlannedTable.Row] = []
    var widths: Set<Int> = []
    for row in declaration.rows {
      guard let name = row.variant, row.regime != .external else { continue }
      if row.regime == .floor {
        try useFloor(name, place: "\(path): rows")
        continue
      }
      try use(name, place: "\(path): rows")
      if let variant = variants[name] { widths.insert(variant.settings.width) }
    }
    if widths.isEmpty, declaration.rows.contains(where: { $0.regime == .teacher && $0.width == nil }) {
      throw SettingsError(
        path: path, place: "rows", message: "there is no student whose width the teacher could have; give it a 'width'")
    }
    for row in declaration.rows where row.regime == .external {
      try Self.requireName(row.variant ?? "", place: "\(path): rows")
    }
    for row in declaration.rows where row.regime == .teacher || request.resolutions.contains(row.resolution) {
      let name = row.variant ?? ""
      switch row.regime {
      case .teacher:
        for width in row.width.map({ [$0] }) ?? widths.sorted() {
          let label = widths.count > 1 || row.width != nil ? "TinyViT, width \(width)" : "TinyViT"
          rows.append(
            .init(label: label, model: .teacher(width: width), resolution: row.resolution, isPapers: true))
        }
      case .external:
        rows.append(
          .init(
            label: row.label ?? name, model: ArtifactModel(variant: name, regime: .external, kind: nil),
            resolution: row.resolution, isPapers: false))
      case .floor:
        guard let floor = floors[name] else { continue }
        rows.append(
          .init(
            label: "\(floor.label), \(row.resolution) pixels",
            model: ArtifactModel(variant: name, regime: .floor, kind: nil), resolution: row.resolution, isPapers: false)
        )
      case .scratch, .kd, .distilled:
        guard let variant = variants[name], request.variants.isEmpty || request.variants.contains(name) else {
          continue
        }
        let model = ArtifactModel(variant: name, regime: row.regime, kind: variant.settings.kind)
        rows.append(
          .init(
            label: Self.label(variant.label, row), model: model, resolution: row.resolution,
            isPapers: isPapers(variant.settings, model)))
      }
    }
    // Rows that are written differently can mean one model: a teacher with and without its width.
    for (index, row) in rows.enumerated()
    where rows[..<index].contains(where: { $0.model == row.model && $0.resolution == row.resolution }) {
      throw SettingsError(path: path, place: "rows", message: "the same model twice: \(row.label)")
    }
    let known = Catalogue.all.map(\.name) + request.own
    for dataset in declaration.datasets ?? request.datasets where !known.contains(dataset) {
      let suggestion = Failures.suggestion(for: dataset, among: known)
      throw SettingsError(path: path, place: "datasets", message: "unknown dataset '\(dataset)'\(suggestion)")
    }
    let datasets = declaration.datasets ?? request.datasets
    return PlannedTable(
      name: declaration.name, title: declaration.title, caption: declaration.caption,
      paperTable: declaration.paperTable, rows: rows, datasets: datasets,
      seeds: Dictionary(
        datasets.map { ($0, request.seeds ?? Catalogue.seeds(of: $0)) }, uniquingKeysWith: { first, _ in first }),
      teacherSeeds: request.teacherSeeds, profile: request.profile, root: request.root,
      command: request.command, part: part(of: declaration, datasets: datasets))
  }

  /// How a table of a part of the grid is told from that of the whole, which it must not overwrite; nil for the whole.
  private func part(of declaration: TableDeclaration, datasets: [String]) -> String? {
    guard let whole = request.whole else { return nil }
    let hasAllSeeds = request.seeds.map { seeds in
      datasets.allSatisfy { Set(whole.seeds ?? Catalogue.seeds(of: $0)) == Set(seeds) }
    }
    return Self.part(
      (declaration.datasets == nil ? partOfDatasets : []) + partOfResolutions
        + Self.words(request.variants, unless: [])
        + (hasAllSeeds == false ? ["s" + (request.seeds ?? []).map(String.init).joined(separator: "-")] : []))
  }

  private var partOfDatasets: [String] { Self.words(request.datasets, unless: Catalogue.all.map(\.name)) }

  private var partOfResolutions: [String] {
    guard let whole = request.whole else { return [] }
    return Self.words(request.resolutions.map(String.init), unless: whole.resolutions.map(String.init))
  }

  private static func words(_ words: [String], unless whole: [String]) -> [String] {
    words.isEmpty || Set(words) == Set(whole) ? [] : [words.joined(separator: "-")]
  }

  private static func part(_ words: [String]) -> String? {
    guard !words.isEmpty else { return nil }
    let name = words.joined(separator: "-")
    // File systems have names of 255 bytes at most, people shorter ones.
    guard name.count > 60 else { return name }
    return "\(name.prefix(40))-\(SHA256.hexDigest(of: Array(name.utf8)).prefix(8))"
  }

  /// "QViT" distilled at 28 pixels is "QViT-KD_28", as the paper writes it; "QViT, one head" is "QViT-KD_28, one head".
  private static func label(_ label: String, _ row: TableDeclaration.Row) -> String {
    let parts = label.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    let rest = parts.count > 1 ? ",\(parts[1])" : ""
    return "\(parts[0])\(row.regime == .kd ? "-KD" : "")_\(row.resolution)\(rest)"
  }

  /// Whether the settings in effect are the paper's. A distillation's are known when it is recorded.
  private func isPapers(_ settings: StudentSettings, _ model: ArtifactModel) -> Bool {
    PaperSettings.deviations(of: settings.effective, model, in: request.profile)
      .allSatisfy { $0.key.hasPrefix("distillation.") }
  }

  /// A variant's name, which is not that of the settings that stand beside those of variants.
  /// - Throws: `SettingsError`.
  private static func requireName(_ name: String, place: String) throws {
    guard ArtifactModel.isVariantName(name) else {
      throw SettingsError(
        path: place, place: "variant '\(name)'", message: "a variant's name has letters, digits, '-' and '_'")
    }
    guard name != "distillation", !TeacherSettings.isName(name) else {
      throw SettingsError(path: place, place: "variant '\(name)'", message: "this name is that of other settings")
    }
  }

  /// Reads a variant once and notes its settings in effect.
  private mutating func use(_ name: String, place: String) throws {
    guard variants[name] == nil else { return }
    try Self.requireName(name, place: place)
    let file: SettingsFile
    do { file = try SettingsFile(named: name, in: request.layers) } catch let error as SettingsError {
      guard error.place.isEmpty else { throw error }
      throw SettingsError(path: place, place: "variant '\(name)'", message: "\(error.description)")
    }
    let settings = try StudentSettings(file, epochs: request.epochs)
    variants[name] = Variant(
      settings: settings, label: try StudentSettings.label(of: file),
      distillation: try StudentSettings.distillation(of: file))
    files[tree.settings(name)] = settings.effective.prettyText
  }

  /// Reads a floor once and notes its settings in effect.
  private mutating func useFloor(_ name: String, place: String) throws {
    guard floors[name] == nil else { return }
    try Self.requireName(name, place: place)
    let floor = try FloorSettings(SettingsFile(named: name, in: request.layers))
    floors[name] = floor
    files[tree.settings(name)] = floor.effective.prettyText
  }

  // MARK: Rules

  private mutating func addRules(of table: PlannedTable) throws {
    var (evaluations, shown): ([String], [String]) = ([], [])
    for row in table.rows {
      for dataset in table.datasets {
        for seed in table.seeds(of: row, dataset: dataset) {
          let path = tree.evaluation(row.model, dataset: dataset, resolution: row.resolution, seed: seed)
          // Scores from elsewhere are brought by hand; what is there makes the table stale when it changes.
          let isExternal = row.model.regime == .external
          if !isExternal { evaluations.append(path) }
          if !isExternal || fileExists(path) { shown.append(path) }
          try addEvaluation(of: row.model, dataset, row.resolution, seed, path)
        }
      }
    }
    let prefix = tree.table(table.fileName)
    add(
      Rule(
        targets: TableInputs.files(prefix), goal: table.name, prerequisites: evaluations, tool: "report",
        options: "--table \(tree.declaration(ofTable: table.fileName))", output: prefix,
        table: TableInputs.Expected(prefix: prefix, table, showing: shown)))
  }

  private mutating func addEvaluation(
    of model: ArtifactModel, _ dataset: String, _ resolution: Int, _ seed: UInt64, _ path: String
  ) throws {
    guard model.regime != .external, planned.insert(path).inserted else { return }
    if let floor = floors[model.variant], model.regime == .floor {
      let images = try addDataset(dataset, resolution)
      add(
        Rule(
          targets: [path], prerequisites: [images], tool: "evaluate",
          options: "--data \(images) --floor \(tree.settings(model.variant)) $(THREAD_OPTIONS)",
          expectation: expectation(floor.effective, seed: 0, [(.dataset, images)])))
      return
    }
    let (made, images): (String, String)
    if model.regime == .teacher {
      guard let width = model.teacherWidth else { return }
      made = try addTeacher(of: dataset, width: width, seed: seed).path
      images = try addDataset(dataset, request.teacherResolution)
    } else {
      made = try addStudent(model, dataset, resolution, seed)
      images = try addDataset(dataset, resolution)
    }
    add(
      Rule(
        targets: [path], prerequisites: [images, made], tool: "evaluate", options: "--data \(images) --model \(made)",
        subject: .evaluation(
          variant: model.regime == .teacher ? nil : model.variant,
          width: model.teacherWidth ?? variants[model.variant]?.settings.width ?? 4,
          ImagesKey(
            dataset: dataset, resolution: model.regime == .teacher ? request.teacherResolution : resolution)),
        expectation: expectations[made].map {
          var expectation = expectation($0.configuration, seed: $0.seed, [(.dataset, images), (.model, made)])
          expectation.open = $0.open
          return expectation
        }))
  }

  private mutating func addStudent(
    _ model: ArtifactModel, _ dataset: String, _ resolution: Int, _ seed: UInt64
  ) throws -> String {
    let path = tree.student(model, dataset: dataset, resolution: resolution, seed: seed)
    guard planned.insert(path).inserted, var settings = variants[model.variant]?.settings else { return path }
    let (images, file) = (try addDataset(dataset, resolution), tree.settings(model.variant))
    var inputs = [(InputRole.dataset, images)]
    var options = "--data \(images) --config \(file) --seed \(seed) $(THREAD_OPTIONS)"
    if model.regime == .kd {
      let distilled = ArtifactModel(variant: model.variant, regime: .distilled, kind: model.kind)
      let start = tree.student(distilled, dataset: dataset, resolution: resolution, seed: seed)
      inputs.append((.initial, start))
      options += " --init \(start)"
      settings.distillation = try addDistilled(
        start, model, images, ImagesKey(dataset: dataset, resolution: resolution), seed)
    }
    add(
      Rule(
        targets: [path], prerequisites: inputs.map(\.1), tool: "train", options: options,
        subject: .student(variant: model.variant, ImagesKey(dataset: dataset, resolution: resolution)),
        expectation: expectation(settings.recorded, seed: seed, inputs)))
    return path
  }

  /// - Returns: how the student is distilled, as its artifact records it.
  private mutating func addDistilled(
    _ path: String, _ model: ArtifactModel, _ images: String, _ key: ImagesKey, _ seed: UInt64
  ) throws -> JSONValue? {
    guard let variant = variants[model.variant] else { return nil }
    let teacher = try addTeacher(
      of: key.dataset, width: variant.settings.width, seed: request.teacherSeeds.teacher(ofStudent: seed))
    var distillation = try addDistillationSettings(variant.distillation)
    distillation.record(teacher.recorded, resolution: request.teacherResolution)
    var settings = variant.settings
    settings.distillation = distillation.effective
    guard planned.insert(path).inserted else { return settings.distillation }
    add(
      Rule(
        targets: [path], prerequisites: [images, teacher.path], tool: "distill",
        options: "--data \(images) --teacher \(teacher.path) --config \(tree.settings(model.variant)) "
          + "--distillation \(tree.settings(variant.distillation)) --seed \(seed) $(THREAD_OPTIONS)",
        subject: .student(variant: model.variant, key),
        expectation: expectation(settings.recorded, seed: seed, [(.dataset, images), (.teacher, teacher.path)])))
    return settings.distillation
  }

  /// Notes the settings in effect of a distillation.
  private mutating func addDistillationSettings(_ name: String) throws -> DistillationSettings {
    if let known = distillations[name] { return known }
    let settings = try DistillationSettings(SettingsFile(named: name, in: request.layers), epochs: request.epochs)
    files[tree.settings(name)] = settings.effective.prettyText
    distillations[name] = settings
    return settings
  }

  /// A teacher of a dataset, width and seed serves all variants and resolutions.
  private mutating func addTeacher(of dataset: String, width: Int, seed: UInt64) throws -> Teacher {
    let path = tree.teacher(dataset, width: width, seed: seed)
    if let known = teachers[path] { return known }
    let name = TeacherSettings.name(width: width)
    let settings = try TeacherSettings(
      SettingsFile(named: "teacher", in: request.layers), epochs: request.teacherEpochs, width: width,
      program: request.teacherProgram)
    files[tree.settings(name)] = settings.effective.prettyText
    teacherSettings[width] = settings
    let weights = request.weights(of: dataset)
    let teacher = Teacher(
      path: path, recorded: settings.recorded(start: weights == nil ? .random : .asGiven))
    teachers[path] = teacher
    let images = try addDataset(dataset, request.teacherResolution)
    var expectation = expectation(teacher.recorded, seed: seed, [(.dataset, images)])
    if let weights {
      expectation.inputs.append(.weights(path: weights))
      expectation.open = ["weights.start"]
    }
    let inputs = "--data \(images) --config \(tree.settings(name)) --seed \(seed) "
    let start = weights.map { "--weights \($0) " } ?? ""
    var rule = Rule(
      targets: [path], prerequisites: [images], tool: "finetune-teacher", options: inputs + start + "$(THREAD_OPTIONS)",
      subject: .teacher(ImagesKey(dataset: dataset, resolution: request.teacherResolution), width: width),
      expectation: expectation)
    if settings.program == .timm {
      let made = tree.timmWeights(dataset, width: width, seed: seed)
      rule.before = "$(call timm,\(inputs)\(start)$(THREAD_OPTIONS),\(made))"
      rule.options = inputs + "--weights \(made) --epochs 0 $(THREAD_OPTIONS)"
    }
    add(rule)
    return teacher
  }

  @discardableResult
  private mutating func addDataset(_ dataset: String, _ resolution: Int) throws -> String {
    let path = tree.dataset(dataset, resolution: resolution)
    guard planned.insert(path).inserted else { return path }
    let words = request.preparations[ImagesKey(dataset: dataset, resolution: resolution)]
    let preparation = try words.map { try Preparation(dataset: dataset, resolution: resolution, words: $0) }
    add(
      Rule(
        targets: [path], prerequisites: [], tool: "prepare-data",
        options: "--dataset \(dataset) --resolution \(resolution) $(call source,\(dataset),\(resolution)) "
          + "--profile $(PROFILE)",
        subject: .dataset(ImagesKey(dataset: dataset, resolution: resolution)),
        expectation: preparation.map {
          Expectation(
            profile: request.profile, configuration: $0.recorded, seed: $0.seed, inputs: [.images($0)])
        }))
    return path
  }

  private func expectation(
    _ configuration: JSONValue, seed: UInt64, _ inputs: [(role: InputRole, path: String)]
  ) -> Expectation {
    let start = "distillation.teacher.weights.start"
    let isOpen = configuration.value(at: start.split(separator: ".").map(String.init)) == .string("as-given")
    return Expectation(
      profile: request.profile, configuration: configuration, seed: seed,
      inputs: inputs.map { .artifact($0.role, path: $0.path) }, open: isOpen ? [start] : [])
  }

  private mutating func add(_ rule: Rule) {
    rules.append(rule)
    if let expectation = rule.expectation { expectations[rule.targets[0]] = expectation }
  }
}

/// A rule for make: what a stage makes, from what, and how it is called.
struct Rule {
  var targets: [String]
  /// The verb that stands for the targets.
  var goal: String?
  var prerequisites: [String]
  var tool: String
  var options: String
  /// What is run before, as make has to be told.
  var before: String?
  /// What it is about, for an estimate of what it takes; nil for tables.
  var subject: Subject?

  /// What a stage works on.
  enum Subject: Hashable {
    case dataset(ImagesKey)
    case teacher(ImagesKey, width: Int)
    /// A distillation or a training of a variant.
    case student(variant: String, ImagesKey)
    /// An evaluation; of a teacher where there is no variant.
    case evaluation(variant: String?, width: Int, ImagesKey)

    /// The images it reads or makes.
    var images: ImagesKey {
      switch self {
      case .dataset(let key), .teacher(let key, _), .student(_, let key), .evaluation(_, _, let key): key
      }
    }
  }
  /// The value of `--output`, where it is not the target.
  var output: String?
  /// What its target has to say about itself, where it is an artifact.
  var expectation: Expectation?
  /// What its targets show, where they are a table.
  var table: TableInputs.Expected?
  /// Whether its targets are among those that `make status` counts.
  var isOfGrid = true
}

extension Rule {
  /// The directory of its targets.
  var directory: String { directoryName(of: targets[0]) }
}

extension Plan {
  /// The rules in the order of the stages.
  var sortedRules: [Rule] {
    ["prepare-data", "finetune-teacher", "distill", "train", "evaluate", "report"].flatMap { tool in
      rules.filter { $0.tool == tool }
    }
  }

  /// The rules as a makefile. Whether what is there is made again is not said here, and not by times: prerequisites are order-only,
  /// and `StaleRules` adds what is stale. The root is written `$(ROOT)`, so that the text can be read; all else is spelled out.
  var makefile: String {
    let sorted = sortedRules
    let counted = sorted.filter(\.isOfGrid)
    var text = """
      # Made by `plan` from pipeline/tables, pipeline/config and the settings given to make; pipeline/rules.mk explains it.
      # Do not edit: what changes here is remade.

      RESULTS := \(list(counted.flatMap(\.targets)))
      PLANNED_TABLES := \(list(tables.map { tree.declaration(ofTable: $0.fileName) }))
      TABLE_GOALS := \((tables.map(\.name) + groups.map(\.name)).joined(separator: " "))
      DIRECTORIES := \(list(Set(sorted.map(\.directory)).sorted()))

      """
    for rule in sorted {
      if let goal = rule.goal { text += "\n.PHONY: \(goal)\n\(goal): \(list(rule.targets))\n" }
      text += "\n\(list(rule.targets))\(rule.targets.count > 1 ? " &:" : ":") $(STRICT_TOOLS) | "
      text += "\(list(rule.prerequisites + ["$(LOOSE_TOOLS)", rule.directory]))\n"
      if let before = rule.before { text += "\t\(rooted(before))\n" }
      text += "\t$(call stage,\(rule.tool),\(rooted(rule.options)),\(rooted(rule.output ?? rule.targets[0])))\n"
    }
    for group in groups {
      text += "\n.PHONY: \(group.name)\n\(group.name): \(group.tables.joined(separator: " "))\n"
    }
    return text
  }

  func list(_ paths: [String]) -> String { paths.map(rooted).joined(separator: " ") }

  func rooted(_ text: String) -> String {
    text.replacing("\(request.root)/", with: "$(ROOT)/").replacing("--root \(request.root) ", with: "--root $(ROOT) ")
  }
}
