import Architectures
import Artifacts
import Configuration
import Datasets
import Drawing
import Figures
import JSON
import Metrics
import QuantumCircuits
import Reporting
import Training
import VectorMath
import _TestSupport

@testable import HTMLReport

/// Reports of invented scores, the same in every run: real records, computed as the tools compute them.
struct ExampleReport {
  var profile = Profile.paper
  var isGenerated = false
  var datasets = ["breastmnist", "retinamnist"]
  var resolutions = [28]
  /// Qubits of the students.
  var widths = [4]
  var seeds: [UInt64] = [1, 2, 3]
  var epochs = 40
  /// Called instead of "class 0", "class 1" …
  var classNames: [String] = []
  /// Of the rows of Table 1; the rest is missing.
  var rowsMade = 9
  /// Added to the logit of the label.
  var signal = 1.2
  var learningRate = 0.001
  var root = "artifacts/paper"

  static let classCounts = [
    "breastmnist": 2, "retinamnist": 5, "pneumoniamnist": 2, "dermamnist": 7, "bloodmnist": 8, "organcmnist": 11,
    "pathmnist": 9, "oasis": 4,
  ]

  private func channels(_ dataset: String) -> Int {
    ["retinamnist", "dermamnist", "bloodmnist", "pathmnist"].contains(dataset) ? 3 : 1
  }

  private func classes(_ dataset: String) -> Int { Self.classCounts[dataset] ?? 3 }

  private func names(_ dataset: String) -> [String] {
    (0..<classes(dataset)).map { classNames.isEmpty ? "class \($0)" : classNames[$0 % classNames.count] }
  }

  // MARK: Tables

  private func rows(_ table: Int) -> [PlannedTable.Row] {
    let students = [ModelKind.vit, .qvit].flatMap { kind in
      resolutions.flatMap { resolution in
        widths.map { width in
          let title = (kind == .vit ? "ViT" : "QViT") + (width == 4 ? "" : ", \(width)")
          let model = ArtifactModel(
            variant: kind.rawValue + (width == 4 ? "" : "-q\(width)"), regime: table == 2 ? .kd : .scratch, kind: kind)
          return PlannedTable.Row(
            label: title + (table == 2 ? "-KD" : "") + "_\(resolution)", model: model, resolution: resolution,
            isPapers: width == 4)
        }
      }
    }
    let teacher = PlannedTable.Row(label: "TinyViT", model: .teacher(width: 4), resolution: 224, isPapers: true)
    return table == 2 ? students + [teacher] : students
  }

  private func plan(_ table: Int) -> PlannedTable {
    PlannedTable(
      name: "table\(table)", title: "Table \(table)",
      caption: table == 1 ? "Students trained from scratch" : "Students after distillation, and their teacher",
      paperTable: table, rows: rows(table), datasets: datasets,
      seeds: Dictionary(uniqueKeysWithValues: datasets.map { ($0, seeds) }), teacherSeeds: TeacherSeeds(1),
      profile: profile,
      root: root,
      command: "make PROFILE=\(profile.rawValue)")
  }

  private static func settings(_ model: ArtifactModel, learningRate: Double) throws -> JSONValue {
    let layers = ["\(Fixtures.packageRoot)/pipeline/config"]
    func file(_ name: String) throws -> SettingsFile {
      var file = try SettingsFile(named: name, in: layers)
      file.replace(["training", "learning_rate"], by: .number(learningRate))
      return file
    }
    if model.regime == .teacher { return try TeacherSettings(file("teacher"), width: 4).effective }
    let student = try StudentSettings(file(model.variant))
    let teacher = try TeacherSettings(file("teacher"), width: student.width).effective
    var settings = student.effective
    if model.regime == .kd {
      var distillation = try DistillationSettings(SettingsFile(named: "distillation", in: layers)).effective
      distillation.replace(["teacher"], by: teacher)
      distillation.replace(["teacher", "data", "resolution"], by: .number(224))
      settings.replace(["distillation"], by: distillation)
    }
    return settings
  }

  private func history(_ stream: inout RandomStream) -> [EpochRecord] {
    (0..<epochs).map { epoch in
      let fraction = Double(epoch) / Double(epochs)
      return EpochRecord(
        epoch: epoch, learningRate: 0.001, trainingLoss: 1.2 - fraction + 0.1 * stream.normal(),
        trainingAccuracy: fraction, validationLoss: 1,
        validationAUC: min(1, 0.6 + 0.3 * fraction + 0.03 * stream.normal()),
        validationAccuracy: 0.5, images: 500)
    }
  }

  private func width(_ row: PlannedTable.Row) -> Int {
    row.model.variant.split(separator: "-q").last.flatMap { Int($0) } ?? 4
  }

  private func cell(_ row: PlannedTable.Row, _ dataset: String, seed: UInt64, settings: String) throws -> TableCell {
    var stream = RandomStream(seed: seed, purpose: "example \(row.label) \(dataset)")
    let (count, images) = (classes(dataset), 60)
    let labels = (0..<images).map { $0 % count }
    let logits = labels.flatMap { label in
      (0..<count).map { Float(stream.normal() + ($0 == label ? signal : 0)) }
    }
    let test = try SplitEvaluation(
      of: .test, logits: logits, labels: labels, classCount: count, task: count == 2 ? .binary : .multiClass,
      bootstrap: BootstrapSettings(replicates: 20))
    let header = ArtifactHeader(
      kind: .evaluation, profile: profile, dataset: dataset, resolution: row.resolution, title: row.label,
      isOfficial: !isGenerated, isComparable: !isGenerated, isGenerated: isGenerated, isLeaking: dataset == "oasis",
      seed: seed, configuration: settings, model: row.model)
    let evaluation = EvaluationArtifact(
      header: header, classNames: names(dataset), parameterCount: row.hasOneRun ? 5_073_000 : 255 * width(row),
      history: history(&stream), selectedEpoch: 1 + stream.index(below: epochs), splits: [test])
    return try TableCell(
      evaluation,
      path: ArtifactTree(root: root).evaluation(row.model, dataset: dataset, resolution: row.resolution, seed: seed))
  }

  func table(_ number: Int) throws -> ResultTable {
    let plan = plan(number)
    let made = number == 1 ? plan.rows.prefix(rowsMade) : plan.rows[...]
    let cells = try made.flatMap { row in
      let settings = try Self.settings(row.model, learningRate: learningRate).canonicalText
      return try datasets.flatMap { dataset in
        try plan.seeds(of: row, dataset: dataset).map { try cell(row, dataset, seed: $0, settings: settings) }
      }
    }
    return try ResultTable(plan, softwareVersion: "0.1.0", cells: cells)
  }

  // MARK: What stands beside the tables

  private func facts(_ dataset: String) -> DatasetFacts {
    let counts = (0..<classes(dataset)).map { 100 + 7 * $0 }
    let statistics = SplitStatistics(
      classCounts: counts, channels: [], duplicateImages: dataset == "oasis" ? [.train: 3] : [:])
    return DatasetFacts(
      dataset: dataset, task: .multiClass, classNames: names(dataset),
      splits: Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, statistics) }), licence: "CC BY-NC 4.0",
      citation: "Nobody et al., 2020", source: isGenerated ? .generated : .official,
      hasLeakingSplit: dataset == "oasis",
      origins: resolutions.map { .init(resolution: $0, text: "\(dataset)_\($0).npz, MD5 0123") })
  }

  /// A PNG that cannot be made smaller, as large as one of so many pixels.
  private func image(_ bytes: Int) -> DataURL {
    var stream = RandomStream(seed: 1, purpose: "image")
    return DataURL(png: (0..<bytes).map { _ in UInt8(stream.index(below: 256)) })
  }

  private func artifact(_ kind: ArtifactKind, _ path: String, _ inputs: [String]) -> ReportContents.ArtifactRecord {
    let digest = String(repeating: "0123456789abcdef", count: 4)
    return .init(
      path: path, kind: kind, contentSHA256: digest, inputs: inputs.map { .init(name: $0, contentSHA256: digest) })
  }

  private func artifacts(_ tables: [ResultTable]) -> [ReportContents.ArtifactRecord] {
    let tree = ArtifactTree(root: root)
    let records = tables.flatMap(\.cells).flatMap { cell -> [ReportContents.ArtifactRecord] in
      let (dataset, resolution, seed) = (cell.header.dataset, cell.header.resolution, cell.header.seed)
      let images = tree.dataset(dataset, resolution: resolution)
      let made = [artifact(.dataset, images, ["\(dataset).npz"])]
      guard cell.model.regime != .teacher else {
        let teacher = tree.teacher(dataset, width: 4, seed: seed)
        return made + [artifact(.teacher, teacher, [images]), artifact(.evaluation, cell.path, [images, teacher])]
      }
      let student = tree.student(cell.model, dataset: dataset, resolution: resolution, seed: seed)
      let start = ArtifactModel(variant: cell.model.variant, regime: .distilled, kind: cell.model.kind)
      let distilled = tree.student(start, dataset: dataset, resolution: resolution, seed: seed)
      let isDistilled = cell.model.regime == .kd
      return made + (isDistilled ? [artifact(.student, distilled, [images])] : []) + [
        artifact(.student, student, isDistilled ? [images, distilled] : [images]),
        artifact(.evaluation, cell.path, [images, student]),
      ]
    }
    return Dictionary(records.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first }).values
      .sorted { $0.path < $1.path }
  }

  private func circuits(_ tables: [ResultTable]) -> [ReportContents.TrainedCircuits] {
    let circuit = Circuit(qubits: 4, pairs: PairLayout.chain.pairs(qubits: 4))
    return tables.flatMap { table in
      table.rows.filter { $0.row.model.kind == .qvit }.flatMap { row in
        datasets.map { dataset in
          .init(
            name: "\(row.row.label) on \(Catalogue.title(of: dataset))", key: "\(slug(row.row.label))-\(dataset)",
            circuit: circuit,
            projections: ["queries", "keys", "values"].map { role in
              .init(name: role, seeds: seeds.map { seed in (0..<6).map { Float($0) * 0.9 + Float(seed) } })
            })
        }
      }
    }
  }

  private var attention: [ReportContents.AttentionExample] {
    datasets.flatMap { dataset in
      resolutions.flatMap { resolution in
        names(dataset).enumerated().map { label, name in
          // As large as the tool shows images of any resolution.
          let side = 28
          return .init(
            dataset: dataset, resolution: resolution, className: name, sample: label,
            predictions: ["ViT", "QViT", "ViT-KD", "QViT-KD"].map { "\($0)_\(resolution): \(name)" },
            image: image(side * side * channels(dataset) + 70), map: image(900),
            heads: (0..<8).map { .init(name: "QViT-KD_\(resolution) h\($0 % 2 + 1)", topShare: 0.31) })
        }
      }
    }
  }

  func contents(tables numbers: [Int] = [1, 2]) throws -> ReportContents {
    let tables = try numbers.map(table)
    var contents = ReportContents(
      tables: tables,
      datasets: DatasetTable(datasets.map(facts), profile: profile.rawValue, softwareVersion: "0.1.0"))
    for dataset in datasets {
      contents.samples[dataset] = names(dataset).map {
        .init(name: $0, images: image(28 * 28 * channels(dataset)), count: 1)
      }
    }
    contents.artifacts = artifacts(tables)
    contents.circuits = circuits(tables)
    contents.attention = attention
    contents.times = [.init(name: "vit scratch, BreastMNIST, 28 pixels", runs: 3, seconds: 12.5, images: 50_000)]
    contents.settings = [.init(file: "vit", key: "training.epochs", here: "40", usual: "100")]
    return contents
  }
}
