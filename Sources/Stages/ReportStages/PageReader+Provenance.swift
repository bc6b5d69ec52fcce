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
  func artifactRecords() throws -> [ReportContents.ArtifactRecord] {
    var records: [String: ReportContents.ArtifactRecord] = [:]
    var waiting = tables.flatMap { $0.cells.map(\.path) } + datasets.keys.sorted()
    while let path = waiting.popLast() {
      guard records[path] == nil, try isPresent(path) else { continue }
      let (header, digest) = try readHeader(path)
      let inputs = header.inputs.map { input in
        (path: tree.path(of: input, for: header), input: input)
      }
      waiting += inputs.compactMap(\.path)
      records[path] = .init(
        path: path, kind: header.kind, contentSHA256: digest,
        inputs: inputs.map { .init(name: $0.path ?? $0.input.fileName, contentSHA256: $0.input.contentSHA256) })
    }
    return records.values.sorted { $0.path < $1.path }
  }

  /// Times of the side logs beside models, by what was trained.
  func trainingTimes() throws -> [ReportContents.TrainingTime] {
    var groups: [(name: String, time: ReportContents.TrainingTime)] = []
    for record in try artifactRecords() where record.kind == .student || record.kind == .teacher {
      let log = replacingExtension(of: record.path, by: "timing.csv")
      guard fileExists(log), let (seconds, images) = try TimingLog(path: log)?.totals else { continue }
      let header = try readHeader(record.path).header
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
    case .teacher: return try TeacherSettings(file("teacher"), width: cell.width).effective
    case .scratch, .kd, .distilled:
      let hasFile = defaults.contains { fileExists("\($0)/\(cell.model.variant).json") }
      guard let name = hasFile ? cell.model.variant : cell.model.kind?.rawValue else { return nil }
      var settings = try StudentSettings(file(name)).effective
      if cell.model.regime == .kd {
        var distillation = try DistillationSettings(file("distillation")).effective
        distillation.replace(["teacher"], by: try TeacherSettings(file("teacher"), width: cell.width).effective)
        distillation.replace(
          ["teacher", "data", "resolution"], by: .number(Double(TinyViTConfiguration.side)))
        settings.replace(["distillation"], by: distillation)
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
            teachers.insert(tree.teacher(dataset, width: width))
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

/// A side log of a training, `NAME.timing.csv`.
struct TimingLog {
  /// Seconds and images of all epochs in it.
  let totals: (seconds: Double, images: Double)

  /// Reads a log; nil if it is none, for example because an earlier version wrote it.
  /// - Throws: `FileError`.
  init?(path: String) throws {
    let lines = String(decoding: try contents(ofFile: path), as: UTF8.self).split(separator: "\n")
    guard lines.first == "epoch,seconds,images_per_second", lines.count > 1 else { return nil }
    var totals = (seconds: 0.0, images: 0.0)
    for line in lines.dropFirst() {
      let fields = line.split(separator: ",").compactMap { Double($0) }
      guard fields.count == 3, fields.allSatisfy({ $0.isFinite && $0 >= 0 }) else { return nil }
      totals.seconds += fields[1]
      totals.images += fields[1] * fields[2]
    }
    self.totals = totals
  }
}
