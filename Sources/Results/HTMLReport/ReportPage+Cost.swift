import Architectures
import Artifacts
import Configuration
import Datasets
import Figures
import Markup
import Metrics
import Reporting

extension ReportPage {
  /// What the models cost: counts that are the same on every machine, and times of this one.
  mutating func costSection() -> Section? {
    var pictures: [Node] = []
    for dataset in PaperResults.datasets + contents.tables.flatMap(\.plan.datasets) {
      for cost in Cost.allCases {
        let key = "cost-\(slug(dataset))-\(cost.rawValue)"
        let name = "\(Catalogue.title(of: dataset)): accuracy against \(cost.title)"
        guard !self.pictures.contains(where: { $0.name == key }),
          let plot = AccuracyPlot(points(dataset, cost), title: name, axis: cost.axis)
        else { continue }
        pictures.append(show(plot.picture, name: key, caption: name))
      }
    }
    var content: [Node] = []
    if !pictures.isEmpty { content.append(gallery(pictures)) }
    if !contents.times.isEmpty { content.append(timeTable) }
    return content.isEmpty ? nil : Section(id: "cost", title: "Accuracy against cost", content: content)
  }

  /// What a model costs, the same on every machine.
  private enum Cost: String, CaseIterable {
    case parameters
    case operations

    var title: String { self == .parameters ? "parameters" : "operations" }
    var axis: String {
      self == .parameters ? "trained parameters" : "multiply-adds for one image (published: FLOPs as given)"
    }

    /// Of an evaluated model; nil where it is not known.
    func value(of cell: TableCell) -> Double? {
      switch self {
      case .parameters: cell.evaluation.parameterCount > 0 ? Double(cell.evaluation.parameterCount) : nil
      case .operations: cell.multiplyAdds.map(Double.init)
      }
    }

    /// Of a published classifier; nil where nobody says.
    func value(of classifier: PublishedResults.Classifier) -> Double? {
      switch self {
      case .parameters: classifier.parameters.map(Double.init)
      case .operations: classifier.gigaFLOPs.map { $0 * 1e9 }
      }
    }
  }

  /// Our models, each once, with the paper's values, and where ours are real the published classifiers.
  private func points(_ dataset: String, _ cost: Cost) -> [AccuracyPlot.Point] {
    let place = Metric.allCases.firstIndex(of: .accuracy) ?? 0
    var points: [AccuracyPlot.Point] = []
    var shown: Set<String> = []
    for table in contents.tables {
      guard let column = table.plan.datasets.firstIndex(of: dataset) else { continue }
      for (index, row) in table.rows.enumerated() {
        let entry = row.entries[column][place]
        guard let cell = row.cells[column].first, let value = cost.value(of: cell), let mean = entry.summary?.mean,
          shown.insert(table.key(row: index, column: column)).inserted
        else { continue }
        points.append(.init(label: row.row.label, cost: value, accuracy: mean, origin: .ours))
        if let paper = entry.paper, !table.isSample {
          points.append(.init(label: "\(row.row.label), paper", cost: value, accuracy: paper, origin: .paper))
        }
      }
    }
    guard !isSample, !points.isEmpty else { return points }
    return points
      + PublishedResults.classifiers.compactMap { classifier in
        classifier.entries[dataset].map {
          .init(label: classifier.name, cost: cost.value(of: classifier), accuracy: $0.accuracy, origin: .published)
        }
      }
  }

  private var timeTable: Node {
    table(
      "Times of the trainings, from the side logs NAME.timing.csv: of the machine they ran on, not part of any artifact",
      [.text("Trainings"), .number("Runs"), .number("Seconds"), .number("Seconds a run"), .number("Images/s")],
      contents.times.map { time in
        [
          .text(time.name), .text("\(time.runs)"), .measure(oneDecimal(time.seconds), time.seconds),
          .measure(oneDecimal(time.seconds / Double(time.runs)), time.seconds / Double(time.runs)),
          .measure(grouped(Int(time.images / max(time.seconds, 1e-9))), time.images / max(time.seconds, 1e-9)),
        ]
      })
  }

  private func oneDecimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}

extension TableCell {
  /// Multiply-adds for one image, by formula from the settings (docs/operations.md); nil for a model made elsewhere.
  fileprivate var multiplyAdds: Int? {
    let classes = evaluation.classNames.count
    if let width = model.teacherWidth {
      let settings = try? TeacherSettings(recordedIn: header, path: path)
      return settings?.architecture.configuration(penultimate: width, classes: classes).multiplyAdds
    }
    // A cell's settings were read before; what cannot be read has none.
    let settings = try? StudentSettings(recordedIn: header, path: path)
    return settings?.architecture(imageSize: header.resolution, classes: classes).multiplyAdds
  }
}
