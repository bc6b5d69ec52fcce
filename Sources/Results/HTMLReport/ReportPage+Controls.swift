import Claims
import Markup
import Multiverse

extension ReportPage {
  /// What each control decides, and what each reading of the paper does.
  func controlSection() -> Section? {
    var content: [Node] = []
    if let report = contents.controls, report.results.contains(where: { $0.verdict != .missing }) {
      content += nodes(ofControls: report)
    }
    if let report = contents.multiverse { content += nodes(of: report) }
    if let problem = contents.multiverseProblem {
      content.append(note("The sweeps of readings of the paper are not shown. \(problem)"))
    }
    return content.isEmpty ? nil : Section(id: "controls", title: "Controls and readings", content: content)
  }

  private func nodes(ofControls report: ClaimReport) -> [Node] {
    var nodes = [heading(3, report.title)]
    if report.isSample {
      nodes.append(Node(Element("p", [:], .element(Element("strong", [:], .text(ClaimReport.sampleWarning))))))
    }
    nodes.append(paragraph(.text("Verdicts: \(report.summary). Made by "), code(report.command), "."))
    nodes.append(
      note(
        "Differences are paired by seed and by test image; intervals hold for other seeds and other images at 95%. The verdict is "
          + "on whether the difference matters, and was defined before the runs."))
    nodes.append(tableNode("Controls, and how QViT and ViT compare with them", report.subjectTable))
    nodes.append(
      list(report.results.compactMap { result in result.decision.map { .text("\(result.claim.identifier): \($0)") } }))
    return nodes
  }

  private func nodes(of report: MultiverseReport) -> [Node] {
    [heading(3, report.title), list(report.findings.map { .text($0) })] + [
      tableNode("How much each choice moves each measure, with 95% intervals", report.effectTable),
      tableNode("Readings, and whether the paper's entries can be runs of them", report.readingTable),
    ]
  }

  /// Lines of cells, the first its header.
  private func tableNode(_ caption: String, _ lines: [[String]]) -> Node {
    guard let head = lines.first else { return table(caption, [], []) }
    return table(caption, head.map { .text($0) }, lines.dropFirst().map { $0.map { .text($0) } })
  }
}
