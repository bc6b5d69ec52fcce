import Architectures
import Artifacts
import Configuration
import Datasets
import Drawing
import Figures
import Files
import HTMLReport
import JSON
import PlanStages
import Reporting
import TrainingStages

/// Reads what a page shows: the tables, and behind them the evaluations, models and datasets with their side logs.
struct PageReader {
  let plans: [PlannedTable]
  let tree: ArtifactTree
  /// The pipeline's own settings files, by directories.
  let defaults: [String]
  let images: PageImageSettings
  let evaluations = EvaluationReader()
  private let students: StudentReader
  private(set) var tables: [ResultTable] = []
  /// Datasets by path, opened once.
  private(set) var datasets: [String: DatasetArtifact] = [:]

  /// - Throws: `ReportError`, `ArtifactError`, `SettingsError`, `FileError`.
  init(_ plans: [PlannedTable], defaults: [String], images: PageImageSettings) throws {
    // The paper's own tables first; the others in their order.
    self.plans = plans.filter { $0.paperTable != nil } + plans.filter { $0.paperTable == nil }
    self.defaults = defaults
    self.images = images
    tree = ArtifactTree(root: plans[0].root)
    students = StudentReader(tree: tree)
    tables = try self.plans.map { try evaluations.table(of: $0).table }
    for (dataset, resolution) in datasetKeys {
      let path = tree.dataset(dataset, resolution: resolution)
      if try isPresent(path) { datasets[path] = try DatasetArtifact(path: path) }
    }
  }

  /// Everything.
  func contents() throws -> ReportContents {
    var contents = ReportContents(tables: tables, datasets: try datasetTable())
    contents.samples = try samples()
    contents.circuits = try circuits()
    contents.attention = try attention()
    let artifacts = try artifacts()
    contents.artifacts = artifacts.map(\.record)
    contents.times = try trainingTimes(of: artifacts)
    contents.settings = try settingDifferences()
    contents.stages = stageGraph()
    return contents
  }

  // MARK: Datasets

  /// Datasets and resolutions of the tables, in their order.
  private var datasetKeys: [(dataset: String, resolution: Int)] {
    let columns = plans.flatMap(\.datasets)
    let resolutions = Set(plans.flatMap { $0.rows.filter { !$0.hasOneRun }.map(\.resolution) }).sorted()
    return columns.indices.filter { columns.firstIndex(of: columns[$0]) == $0 }.flatMap { column in
      (resolutions.isEmpty ? [TinyViTConfiguration.side] : resolutions).map { (columns[column], $0) }
    }
  }

  private func datasetTable() throws -> DatasetTable {
    var facts: [DatasetFacts] = []
    var missing: [DatasetTable.Missing] = []
    for (dataset, resolution) in datasetKeys {
      let path = tree.dataset(dataset, resolution: resolution)
      if let artifact = datasets[path] {
        facts.append(try DatasetFacts(artifact, profile: plans[0].profile))
      } else {
        missing.append(
          .init(
            name: "\(Catalogue.title(of: dataset)) at \(resolution) pixels", command: "\(plans[0].command) \(path)"))
      }
    }
    return DatasetTable(
      facts, profile: plans[0].profile.rawValue, softwareVersion: Software.version, missing: missing)
  }

  /// The first training images of each class, from the smallest images there are.
  private func samples() throws -> [String: [ReportContents.ClassSample]] {
    var samples: [String: [ReportContents.ClassSample]] = [:]
    for (dataset, resolution) in datasetKeys where samples[dataset] == nil {
      guard let artifact = datasets[tree.dataset(dataset, resolution: resolution)] else { continue }
      let labels = try artifact.labels(.train)
      samples[dataset] = try artifact.contents.classNames.enumerated().map { label, name in
        let shown = labels.indices.lazy.filter { labels[$0] == label }.prefix(self.images.samples)
        let images = try shown.map { try artifact.thumbnail(.train, $0, largestSide: self.images.largestSide) }
        return .init(name: name, images: try strip(images), count: images.count)
      }
    }
    return samples
  }

  // MARK: Models

  private func circuits() throws -> [ReportContents.TrainedCircuits] {
    var found: [ReportContents.TrainedCircuits] = []
    for table in tables {
      for row in table.rows {
        for (dataset, cells) in zip(table.plan.datasets, row.cells) {
          let key = "\(row.row.model.variant)-\(row.row.model.regime.rawValue)-\(row.row.resolution)-\(dataset)"
          guard !found.contains(where: { $0.key == key }) else { continue }
          // All seeds of an entry have one architecture: of those without circuits one student is read.
          guard let first = try students.first(of: cells) else { continue }
          let architecture = first.settings.architecture(
            imageSize: first.student.header.resolution, classes: cells[0].evaluation.classNames.count)
          guard let circuit = architecture.circuits.first else { continue }
          found.append(
            .init(
              name: "\(row.row.label) on \(Catalogue.title(of: dataset))",
              key: key,
              circuit: circuit, projections: projections(of: try cells.compactMap(students.student).map(\.student))))
        }
      }
    }
    return found
  }

  /// The angles of students, by projection.
  private func projections(of students: [StudentArtifact]) -> [AnglePlot.Projection] {
    let names = students[0].parameters.map(\.name).filter { $0.hasSuffix(".theta") }
    // blocks.0.attn.q.theta
    let blocks = Set(names.map { $0.split(separator: ".")[1] })
    return names.map { name in
      let parts = name.split(separator: ".")
      let role = ["q": "queries", "k": "keys", "v": "values", "proj": "output"][String(parts[parts.count - 2])]
      let block = blocks.count > 1 ? "block \(parts[1]), " : ""
      return AnglePlot.Projection(
        name: block + (role ?? name), seeds: students.map { $0.parameters.first { $0.name == name }?.values ?? [] })
    }
  }

  /// The attention of the lowest seed's students on the first test image of each class.
  private func attention() throws -> [ReportContents.AttentionExample] {
    var found: [ReportContents.AttentionExample] = []
    for (dataset, resolution) in datasetKeys {
      guard let artifact = datasets[tree.dataset(dataset, resolution: resolution)] else { continue }
      let names = artifact.contents.classNames
      let viewers = try viewers(dataset, resolution, classes: names.count)
      let labels = try artifact.labels(.test)
      for (label, name) in names.enumerated() {
        guard !viewers.isEmpty, let sample = labels.firstIndex(where: { $0 == label }) else { continue }
        let pixels = try artifact.pixels(.test, sample)
        let views = viewers.map { AttentionView($0, pixels) }
        let maps = views.flatMap(\.maps)
        guard !maps.isEmpty else { continue }
        found.append(
          .init(
            dataset: dataset, resolution: resolution, className: name, sample: sample,
            predictions: zip(viewers, views).map { "\($0.label): \(names[$1.predicted])" },
            image: try DataURL(artifact.thumbnail(.test, sample, largestSide: images.largestSide)),
            map: try DataURL(attentionMap(of: maps.map(\.weights))),
            heads: maps.map { .init(name: $0.name, topShare: $0.topShare) }))
      }
    }
    return found
  }

  /// The students of the lowest seed, one of each row, that see a dataset at a resolution; one that stands in several tables once.
  private func viewers(_ dataset: String, _ resolution: Int, classes: Int) throws -> [AttentionView.Viewer] {
    var seen: Set<String> = []
    return try tables.flatMap { table in
      try table.rows.filter { $0.row.resolution == resolution }.compactMap { row in
        guard let column = table.plan.datasets.firstIndex(of: dataset), let cell = row.cells[column].first,
          let (student, settings, path) = try students.student(of: cell), seen.insert(path).inserted
        else { return nil }
        let model = settings.architecture(imageSize: resolution, classes: classes)
        return .init(
          label: row.row.label, model: model,
          parameters: try ParameterLayout(model).flat(student.parameters, path: path))
      }
    }
  }
}
