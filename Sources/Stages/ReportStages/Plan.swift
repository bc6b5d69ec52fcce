import Artifacts
import Configuration
import Datasets
import Failures
import Files
import JSON

/// What a plan is asked for.
struct PlanRequest {
  var profile: Profile
  /// `artifacts/<profile>`.
  var root: String
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
  var teacherSeed: UInt64
  var teacherResolution: Int
  /// The command that makes artifacts.
  var command: String
}

/// The declared tables with everything they need: settings in effect, artifacts, and the rules that make them.
struct Plan {
  /// A variant in use.
  private struct Variant {
    let settings: StudentSettings
    let label: String
    /// The name of the settings of its distillation.
    let distillation: String
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
  private var rules: [Rule] = []
  private var planned: Set<String> = []

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
      files[tree.declaration(ofTable: table.name)] = table.json.prettyText
    }
    for table in tables { try addRules(of: table) }
    addDatasetSection()
    addPage()
  }

  /// `make report`: of what is there, after the tables that are made by the same make.
  private mutating func addPage() {
    let declarations = tables.map { tree.declaration(ofTable: $0.name) }
    let made = tables.map { "$(if $(filter \($0.name),$(MAKECMDGOALS)),\(tree.table($0.name)).md)" }
    let external = tables.flatMap { table in
      table.rows.filter { $0.model.regime == .external }.flatMap { row in
        table.datasets.map { tree.evaluation(row.model, dataset: $0, resolution: row.resolution, seed: 0) }
      }
    }
    rules.append(
      Rule(
        targets: [tree.page], goal: "report",
        prerequisites: declarations + [
          "$(wildcard $(filter $(ROOT)/data/% $(ROOT)/evaluations/%,$(RESULTS)))", "$(COMPARISON)",
        ] + made
          + external.map { "$(wildcard \($0))" },
        tool: "report",
        options: "--page \"\(declarations.joined(separator: " "))\" --config pipeline/config "
          + "--figures \(tree.figures) $(if $(COMPARE),--compare $(COMPARE))",
        output: String(tree.page.dropLast(".html".count)), isOfGrid: false))
  }

  private mutating func add(_ table: String, toGroup name: String) {
    if let index = groups.firstIndex(where: { $0.name == name }) {
      groups[index].tables.append(table)
    } else {
      groups.append((name, [table]))
    }
  }

  /// `make datasets`: by itself, it needs the datasets and no training.
  private mutating func addDatasetSection() {
    var images: [String] = []
    for dataset in request.datasets {
      for resolution in request.resolutions { images.append(addDataset(dataset, resolution)) }
    }
    let prefix = tree.table("datasets")
    rules.append(
      Rule(
        targets: ReportStage.formats.map { "\(prefix).\($0)" }, goal: "datasets",
        prerequisites: images + ["$(DATASET_SECTION)"], tool: "report",
        options: "--datasets \"$(strip $(DATASETS))\" --resolutions \"$(strip $(RESOLUTIONS))\" --root \(request.root) "
          + "--profile $(PROFILE) --make '$(COMMAND)'", output: prefix, isOfGrid: false))
  }

  // MARK: Tables

  private mutating func plan(_ declaration: TableDeclaration, _ path: String) throws -> PlannedTable {
    var rows: [PlannedTable.Row] = []
    var widths: Set<Int> = []
    for row in declaration.rows {
      guard let name = row.variant, row.regime != .external else { continue }
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
      teacherSeed: request.teacherSeed, profile: request.profile, root: request.root,
      command: request.command)
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

  // MARK: Rules

  private mutating func addRules(of table: PlannedTable) throws {
    var evaluations: [String] = []
    for row in table.rows {
      for dataset in table.datasets {
        for seed in table.seeds(of: row, dataset: dataset) {
          let path = tree.evaluation(row.model, dataset: dataset, resolution: row.resolution, seed: seed)
          // Scores from elsewhere are brought by hand; what is there makes the table stale when it changes.
          evaluations.append(row.model.regime == .external ? "$(wildcard \(path))" : path)
          try addEvaluation(of: row.model, dataset, row.resolution, seed, path)
        }
      }
    }
    let declaration = tree.declaration(ofTable: table.name)
    let prefix = tree.table(table.name)
    rules.append(
      Rule(
        targets: ReportStage.formats.map { "\(prefix).\($0)" }, goal: table.name,
        prerequisites: [declaration] + evaluations, tool: "report", options: "--table \(declaration)", output: prefix))
  }

  private mutating func addEvaluation(
    of model: ArtifactModel, _ dataset: String, _ resolution: Int, _ seed: UInt64, _ path: String
  ) throws {
    guard model.regime != .external, planned.insert(path).inserted else { return }
    let (made, images): (String, String)
    if model.regime == .teacher {
      guard let width = model.teacherWidth else { return }
      made = try addTeacher(of: dataset, width: width)
      images = addDataset(dataset, request.teacherResolution)
    } else {
      made = try addStudent(model, dataset, resolution, seed)
      images = addDataset(dataset, resolution)
    }
    rules.append(
      Rule(
        targets: [path], prerequisites: [images, made], tool: "evaluate", options: "--data \(images) --model \(made)"))
  }

  private mutating func addStudent(
    _ model: ArtifactModel, _ dataset: String, _ resolution: Int, _ seed: UInt64
  ) throws -> String {
    let path = tree.student(model, dataset: dataset, resolution: resolution, seed: seed)
    guard planned.insert(path).inserted else { return path }
    let (images, settings) = (addDataset(dataset, resolution), tree.settings(model.variant))
    var rule = Rule(
      targets: [path], prerequisites: [images, settings], tool: "train",
      options: "--data \(images) --config \(settings) --seed \(seed) $(THREAD_OPTIONS)")
    if model.regime == .kd {
      let distilled = ArtifactModel(variant: model.variant, regime: .distilled, kind: model.kind)
      let start = tree.student(distilled, dataset: dataset, resolution: resolution, seed: seed)
      rule.prerequisites.append(start)
      rule.options += " --init \(start)"
      try addDistilled(start, model, images, dataset, seed)
    }
    rules.append(rule)
    return path
  }

  private mutating func addDistilled(
    _ path: String, _ model: ArtifactModel, _ images: String, _ dataset: String, _ seed: UInt64
  ) throws {
    guard planned.insert(path).inserted, let variant = variants[model.variant] else { return }
    let teacher = try addTeacher(of: dataset, width: variant.settings.width)
    let settings = tree.settings(model.variant)
    let distillation = try addDistillationSettings(variant.distillation)
    rules.append(
      Rule(
        targets: [path], prerequisites: [images, teacher, settings, distillation], tool: "distill",
        options: "--data \(images) --teacher \(teacher) --config \(settings) --distillation \(distillation) "
          + "--seed \(seed) $(THREAD_OPTIONS)"))
  }

  /// Notes the settings in effect of a distillation.
  private mutating func addDistillationSettings(_ name: String) throws -> String {
    let path = tree.settings(name)
    if files[path] == nil {
      let file = try SettingsFile(named: name, in: request.layers)
      files[path] = try DistillationSettings(file, epochs: request.epochs).effective.prettyText
    }
    return path
  }

  /// One teacher for each dataset and width serves all variants, resolutions and seeds.
  private mutating func addTeacher(of dataset: String, width: Int) throws -> String {
    let path = tree.teacher(dataset, width: width)
    guard planned.insert(path).inserted else { return path }
    let name = TeacherSettings.name(width: width)
    if files[tree.settings(name)] == nil {
      let file = try SettingsFile(named: "teacher", in: request.layers)
      files[tree.settings(name)] =
        try TeacherSettings(file, epochs: request.teacherEpochs, width: width).effective.prettyText
    }
    let images = addDataset(dataset, request.teacherResolution)
    rules.append(
      Rule(
        targets: [path], prerequisites: [images, tree.settings(name), "$(WEIGHTS)", "$(TEACHING)"],
        tool: "finetune-teacher",
        options: "--data \(images) --config \(tree.settings(name)) --seed \(request.teacherSeed) "
          + "$(if $(WEIGHTS),--weights $(WEIGHTS)) $(THREAD_OPTIONS)"))
    return path
  }

  @discardableResult
  private mutating func addDataset(_ dataset: String, _ resolution: Int) -> String {
    let path = tree.dataset(dataset, resolution: resolution)
    guard planned.insert(path).inserted else { return path }
    rules.append(
      Rule(
        targets: [path], prerequisites: ["$(call raw-input,\(dataset),\(resolution))", "$(call division,\(dataset))"],
        tool: "prepare-data",
        options: "--dataset \(dataset) --resolution \(resolution) $(call source,\(dataset),\(resolution)) "
          + "--profile $(PROFILE)"))
    return path
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
  /// The value of `--output`, where it is not the target.
  var output: String?
  /// Whether its targets are among those that `make status` counts.
  var isOfGrid = true
}

extension Rule {
  /// The directory of its targets.
  var directory: String { directoryName(of: targets[0]) }
}

extension Plan {
  /// The rules as a makefile. The root is written `$(ROOT)`, so that the text can be read; all else is spelled out.
  var makefile: String {
    let order = ["prepare-data", "finetune-teacher", "distill", "train", "evaluate", "report"]
    let sorted = order.flatMap { tool in rules.filter { $0.tool == tool } }
    let counted = sorted.filter(\.isOfGrid)
    var text = """
      # Made by `plan` from pipeline/tables, pipeline/config and the settings given to make; pipeline/rules.mk explains it.
      # Do not edit: what changes here is remade.

      RESULTS := \(list(counted.flatMap(\.targets)))
      TABLE_FILES := \(list(counted.filter { $0.tool == "report" }.flatMap(\.targets)))
      TABLE_GOALS := \((tables.map(\.name) + groups.map(\.name)).joined(separator: " "))
      DIRECTORIES := \(list(Set(sorted.map(\.directory)).sorted()))

      """
    for rule in sorted {
      if let goal = rule.goal { text += "\n.PHONY: \(goal)\n\(goal): \(list(rule.targets))\n" }
      text += "\n\(list(rule.targets))\(rule.targets.count > 1 ? " &:" : ":") \(list(rule.prerequisites)) "
      text += "$(STRICT_TOOLS) | $(LOOSE_TOOLS) \(rooted(rule.directory))\n"
      text += "\t$(call stage,\(rule.tool),\(rooted(rule.options)),\(rooted(rule.output ?? rule.targets[0])))\n"
    }
    for group in groups {
      text += "\n.PHONY: \(group.name)\n\(group.name): \(group.tables.joined(separator: " "))\n"
    }
    return text
  }

  private func list(_ paths: [String]) -> String { paths.map(rooted).joined(separator: " ") }

  private func rooted(_ text: String) -> String {
    text.replacing("\(request.root)/", with: "$(ROOT)/").replacing("--root \(request.root) ", with: "--root $(ROOT) ")
  }
}
