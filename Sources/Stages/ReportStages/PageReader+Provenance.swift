import Architectures
import Artifacts
import Configuration
import Datasets
import Figures
import Files
import HTMLReport
import JSON
import Reporting
import StageSupport

extension PageReader {
  /// Every artifact that the tables' numbers follow from and that is there, stage by stage.
  func artifacts() throws -> [(record: ReportContents.ArtifactRecord, header: ArtifactHeader)] {
    var found: [String: (record: ReportContents.ArtifactRecord, header: ArtifactHeader)] = [:]
    var waiting = tables.flatMap { $0.cells.map(\.path) } + datasets.keys.sorted()
    while let path = waiting.popLast() {
      guard found[path] == nil, try isPresent(path) else { continue }
      let (header, digest) = try readHeader(path)
      let inputs = header.inputs.map { input in
        (path: tree.path(of: input, for: header), input: input)
      }
      waiting += inputs.compactMap(\.path)
      let record = ReportContents.ArtifactRecord(
        path: path, kind: header.kind, contentSHA256: digest,
        inputs: inputs.map { .init(name: $0.path ?? $0.input.fileName, contentSHA256: $0.input.contentSHA256) })
      found[path] = (record, header)
    }
    return found.values.sorted { $0.record.path < $1.record.path }
  }

  /// Times of the side logs beside models, by what was trained.
  func trainingTimes(
    of artifacts: [(record: ReportContents.ArtifactRecord, header: ArtifactHeader)]
  ) throws -> [ReportContents.TrainingTime] {
    var groups: [(name: String, time: ReportContents.TrainingTime)] = []
    for (record, header) in artifacts where record.kind == .student || record.kind == .teacher {
      guard let (seconds, images) = try TimingLog(besides: record.path)?.totals else { continue }
      let model = header.model.map { "\($0.variant) \($0.regime.rawValue)" } ?? ""
      let name = "\(model), \(Catalogue.title(of: header.dataset)), \(header.resolution) pixels"
      if let known = groups.firstIndex(where: { $0.name == name }) {
        groups[known].time.runs += 1
        groups[known].time.seconds += seconds
        groups[known].time.images += images
      } else {
        groups.append((name, .init(name: name, runs: 1, seconds: seconds, images: images)))
      }
    }
    return groups.map(\.time)
  }

  /// Settings of the evaluated models that are not those of the pipeline's own files.
  func settingDifferences() throws -> [ReportContents.SettingDifference] {
    guard !defaults.isEmpty else { return [] }
    var found: [ReportContents.SettingDifference] = []
    for row in tables.flatMap(\.rows) {
      guard let cell = row.cells.joined().first, let usual = try defaultSettings(of: cell) else { continue }
      // What "auto" stands for is recorded, and is no other setting.
      for difference in cell.configuration.differences(from: usual) where difference.there != "\"auto\"" {
        let isDistillation = difference.key.hasPrefix("distillation.")
        let line = ReportContents.SettingDifference(
          file: isDistillation ? "distillation" : cell.model.variant,
          key: isDistillation ? String(difference.key.dropFirst("distillation.".count)) : difference.key,
          here: difference.here, usual: difference.there)
        if !found.contains(line) { found.append(line) }
      }
    }
    return found
  }

  /// What a model would have been made with by the pipeline's own files; nil for one made elsewhere.
  private func defaultSettings(of cell: TableCell) throws -> JSONValue? {
    func file(_ name: String) throws -> SettingsFile { try SettingsFile(named: name, in: defaults) }
    switch cell.model.regime {
    case .external: return nil
    case .floor:
      guard defaults.contains(where: { fileExists("\($0)/\(cell.model.variant).json") }) else { return nil }
      return try FloorSettings(file(cell.model.variant)).effective
    case .teacher: return try TeacherSettings(file("teacher"), width: cell.width).effective
    case .scratch, .kd, .distilled:
      let hasFile = defaults.contains { fileExists("\($0)/\(cell.model.variant).json") }
      guard let name = hasFile ? cell.model.variant : cell.model.kind?.rawValue else { return nil }
      let own = try file(name)
      var settings = try StudentSettings(own).effective
      if cell.model.regime == .kd {
        var distillation = try DistillationSettings(file(StudentSettings.distillation(of: own)))
        distillation.record(
          try TeacherSettings(file("teacher"), width: cell.width).effective, resolution: TinyViTConfiguration.side)
        settings.replace(["distillation"], by: distillation.effective)
      }
      return settings
    }
  }

  /// How many artifacts of each stage there are, and how many the tables need.
  func stageGraph() -> StageGraph {
    var (images, teachers, distilled, students, evaluations) = (
      Set<String>(), Set<String>(), Set<String>(), Set<String>(), Set<String>()
    )
    for plan in plans {
      for row in plan.rows {
        let width = row.model.teacherWidth ?? (try? StudentSettings(path: tree.settings(row.model.variant)).width)
        for dataset in plan.datasets {
          if row.model.regime == .scratch || row.model.regime == .kd {
            images.insert(tree.dataset(dataset, resolution: row.resolution))
          }
          if row.model.regime == .teacher || row.model.regime == .kd, let width {
            for seed in row.model.regime == .teacher
              ? plan.teacherSeeds.seeds : plan.seeds(of: row, dataset: dataset).map(plan.teacherSeeds.teacher)
            { teachers.insert(tree.teacher(dataset, width: width, seed: seed)) }
          }
          for seed in plan.seeds(of: row, dataset: dataset) {
            evaluations.insert(
              tree.evaluation(row.model, dataset: dataset, resolution: row.resolution, seed: seed))
            guard row.model.regime == .scratch || row.model.regime == .kd else { continue }
            students.insert(tree.student(row.model, dataset: dataset, resolution: row.resolution, seed: seed))
            guard row.model.regime == .kd else { continue }
            let start = ArtifactModel(variant: row.model.variant, regime: .distilled, kind: row.model.kind)
            distilled.insert(tree.student(start, dataset: dataset, resolution: row.resolution, seed: seed))
          }
        }
      }
    }
    func count(_ paths: Set<String>) -> StageGraph.Count {
      .init(found: paths.count(where: fileExists), wanted: paths.count)
    }
    var graph = StageGraph()
    graph.datasets = count(images)
    graph.teachers = count(teachers)
    graph.distilled = count(distilled)
    graph.students = count(students)
    graph.evaluations = count(evaluations)
    graph.tables = .init(found: tables.count { !$0.cells.isEmpty }, wanted: tables.count)
    return graph
  }
}
