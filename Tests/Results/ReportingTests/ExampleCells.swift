import Artifacts
import Configuration
import Datasets
import JSON
import Metrics
import Training
import VectorMath
import _TestSupport

@testable import Reporting

/// Rows as the tables of the paper have them.
enum ExampleRows {
  static func student(
    _ kind: ModelKind, _ regime: Regime, _ resolution: Int, label: String? = nil
  ) -> PlannedTable.Row {
    let name = (kind == .vit ? "ViT" : "QViT") + (regime == .kd ? "-KD" : "") + "_\(resolution)"
    return PlannedTable.Row(
      label: label ?? name, model: ArtifactModel(variant: kind.rawValue, regime: regime, kind: kind),
      resolution: resolution, isPapers: true)
  }

  static let teacher = PlannedTable.Row(
    label: "TinyViT", model: .teacher(width: 4), resolution: 224, isPapers: true)

  static func table1(kinds: [ModelKind] = [.vit, .qvit], resolutions: [Int] = [28, 224]) -> [PlannedTable.Row] {
    kinds.flatMap { kind in resolutions.map { student(kind, .scratch, $0) } }
  }

  static func table2(kinds: [ModelKind] = [.vit, .qvit], resolutions: [Int] = [28, 224]) -> [PlannedTable.Row] {
    kinds.flatMap { kind in resolutions.map { student(kind, .kd, $0) } } + [teacher]
  }
}

/// Evaluations of invented scores, the same in every run: real records, computed as the tools compute them.
struct ExampleCells {
  var profile = Profile.paper
  var origin = ImageOrigin.official

  /// Numbers of test images and classes; classes are unequally large.
  private let facts: [String: (images: Int, classes: Int)] = [
    "breastmnist": (156, 2), "retinamnist": (100, 5), "pneumoniamnist": (124, 2), "dermamnist": (205, 7),
    "bloodmnist": (140, 8), "organcmnist": (216, 11), "pathmnist": (180, 9), "oasis": (80, 4),
  ]

  /// The settings that a model of a row was made with: those of pipeline/config, but for `epochs` and `qubits`.
  static func configuration(_ row: PlannedTable.Row, epochs: Int = 100, qubits: Int = 4) throws -> String {
    let layers = ["\(Fixtures.packageRoot)/pipeline/config"]
    func file(_ name: String) throws -> SettingsFile {
      var file = try SettingsFile(named: name, in: layers)
      file.replace(["training", "epochs"], by: .number(Double(epochs)))
      file.replace(["model", "qubits"], by: .number(Double(qubits)))
      return file
    }
    let teacher = try TeacherSettings(file("teacher")).effective
    if row.model.regime == .teacher { return teacher.canonicalText }
    var settings = try StudentSettings(file(row.model.kind?.rawValue ?? "")).effective
    if row.model.regime == .kd {
      var distillation = try DistillationSettings(SettingsFile(named: "distillation", in: layers)).effective
      distillation.replace(["teacher"], by: teacher)
      distillation.replace(["teacher", "data", "resolution"], by: .number(224))
      settings.replace(["distillation"], by: distillation)
    }
    return settings.canonicalText
  }

  /// - Parameters:
  ///   - signal: how much the label's logit is raised, in units of the noise.
  ///   - labels: the true classes, where they are not drawn.
  func evaluation(
    _ row: PlannedTable.Row, _ dataset: String, seed: UInt64, signal: Double = 1.2, labels: [Int]? = nil,
    configuration: String? = nil
  ) throws -> EvaluationArtifact {
    let fact = facts[dataset] ?? (100, 3)
    var stream = RandomStream(seed: seed, purpose: "example \(row.label) \(dataset)")
    var labelStream = RandomStream(seed: 0, purpose: "labels of \(dataset)")
    let labels =
      labels
      ?? (0..<fact.images).map { _ in
        min(labelStream.index(below: fact.classes), labelStream.index(below: fact.classes))
      }
    let logits = labels.flatMap { label in
      (0..<fact.classes).map { Float(stream.normal() + ($0 == label ? signal : 0)) }
    }
    let test = try SplitEvaluation(
      of: .test, logits: logits, labels: labels, classCount: fact.classes,
      task: fact.classes == 2 ? .binary : .multiClass, bootstrap: BootstrapSettings(replicates: 25))
    let patch = row.resolution == 28 ? 52 : 3076
    let attention = row.model.kind == .qvit ? 18 : 60
    var header = ArtifactHeader(
      kind: .evaluation, profile: profile, dataset: dataset, resolution: row.resolution, title: row.label,
      isOfficial: origin == .official, isComparable: origin == .official, isGenerated: origin == .generated,
      isLeaking: dataset == "oasis", seed: seed, configuration: try configuration ?? Self.configuration(row),
      model: row.model, descent: descent(row, dataset))
    header.resultsVersion = 1
    return EvaluationArtifact(
      header: header, classNames: (0..<fact.classes).map { "class \($0)" },
      parameterCount: row.isReference ? 5_073_000 : patch + 784 + 24 + attention + 20 + 76 + 5 * fact.classes,
      history: [], selectedEpoch: 0, splits: [test])
  }

  /// The images of a dataset, as `digest` of them says; the file is the published one where the origin is official.
  func images(_ dataset: String, _ resolution: Int, digest: String = "same") -> ImageDescent {
    ImageDescent(
      contentSHA256: "content of \(dataset)", resultsVersion: 1, resolution: resolution, origin: origin,
      source: origin == .generated
        ? .generator(name: "sample", version: 1)
        : .file(
          name: "\(dataset)\(resolution == 28 ? "" : "_\(resolution)").npz", md5: "0123", sha256: "456789abcdef01"),
      imagesSHA256: "\(digest) \(dataset)", labelsSHA256: "labels")
  }

  /// The descent of a row's models: distilled ones have a teacher of seed 1 that began with weights as given.
  func descent(_ row: PlannedTable.Row, _ dataset: String) -> Descent {
    let start = StartingWeights.asGiven(fileName: "tiny_vit.safetensors", sha256: "fedcba9876543210")
    let alive = PenultimateComponents(count: 4, constant: [])
    let own = Generation(
      images: images(dataset, row.resolution), start: row.model.regime == .teacher ? start : nil, components: alive)
    guard row.model.regime == .kd else { return Descent(own) }
    let teacher = Generation(images: images(dataset, 224), start: start, components: alive)
    return Descent(
      own,
      ancestors: [(InputRole.initial, own), (.teacher, teacher)].map {
        Ancestor(
          role: $0, contentSHA256: "0123456789abcdef", software: "qvit 0.1.0", resultsVersion: 1, seed: 1,
          generation: $1)
      })
  }

  func path(_ row: PlannedTable.Row, _ dataset: String, seed: UInt64) -> String {
    ArtifactTree(root: "artifacts/\(profile.rawValue)")
      .evaluation(row.model, dataset: dataset, resolution: row.resolution, seed: seed)
  }

  func cell(
    _ row: PlannedTable.Row, _ dataset: String, seed: UInt64, signal: Double = 1.2, labels: [Int]? = nil,
    configuration: String? = nil, change: (inout EvaluationArtifact) -> Void = { _ in }
  ) throws -> TableCell {
    var evaluation = try evaluation(
      row, dataset, seed: seed, signal: signal, labels: labels, configuration: configuration)
    change(&evaluation)
    return try TableCell(evaluation, path: path(row, dataset, seed: seed))
  }

  func cells(_ rows: [PlannedTable.Row], _ datasets: [String], seeds: [UInt64]) throws -> [TableCell] {
    try rows.flatMap { row in
      try datasets.flatMap { dataset in
        try (row.hasOneRun ? Array(seeds.prefix(1)) : seeds).map { try cell(row, dataset, seed: $0) }
      }
    }
  }

  func plan(
    _ rows: [PlannedTable.Row], _ datasets: [String], seeds: [UInt64], paperTable: Int? = 1
  ) -> PlannedTable {
    PlannedTable(
      name: "table\(paperTable ?? 3)", title: "Table \(paperTable ?? 3)",
      caption: paperTable == 2
        ? "Students pre-trained by knowledge distillation, and their teacher" : "Students trained from scratch",
      paperTable: paperTable, rows: rows, datasets: datasets,
      seeds: Dictionary(uniqueKeysWithValues: datasets.map { ($0, seeds) }), teacherSeeds: TeacherSeeds(1),
      profile: profile,
      root: "artifacts/\(profile.rawValue)", command: "make PROFILE=\(profile.rawValue)")
  }
}
