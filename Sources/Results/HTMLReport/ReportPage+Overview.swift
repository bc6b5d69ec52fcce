import Drawing
import Claims
import Configuration
import Datasets
import Figures
import Markup
import Metrics
import Reporting

extension ReportPage {
  /// The first screen: a sentence in numbers, and the picture of the reproduction.
  mutating func overview() -> Section? {
    var pictures: [Node] = []
    for table in contents.tables where table.plan.paperTable != nil || contents.tables.count == 1 {
      for metric in Metric.allCases {
        let plot = ForestPlot(table, metric)
        pictures.append(show(plot.bare, name: "\(table.plan.name)-\(metric.name)", file: plot.picture))
      }
    }
    return Section(
      id: "overview", title: "At a glance",
      content: [
        Node(Element("p", ["class": "lead"], .text(sentence))), gallery(pictures, wide: true),
        figure(ForestPlot.legend.element(name: "legend")),
      ])
  }

  /// "41 of 48 cells inside …": how well the paper is reproduced, in numbers.
  private var sentence: String {
    // Averages are no cells.
    let entries = contents.tables.flatMap { table in
      table.rows.flatMap { $0.entries.prefix(table.plan.datasets.count).joined() }
    }
    let papers = entries.filter { $0.paper != nil }
    let compared = papers.filter { $0.agreement != .notCompared }
    let inside = compared.count { $0.agreement == .inside }
    let there = entries.count { $0.summary != nil }
    var parts = ["\(there) of \(entries.count) cells are there"]
    if compared.isEmpty {
      parts.append(
        isSample
          ? "none is compared with the paper, because these are sample data"
          : "none can be compared with the paper yet")
    } else {
      parts.append("the paper's value lies inside our 95% prediction interval in \(inside) of \(compared.count)")
    }
    if let claims = contents.claims { parts.append("claims: \(claims.summary)") }
    return parts.joined(separator: "; ") + "."
  }
}
