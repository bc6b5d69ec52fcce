import Claims
import Figures
import Markup
import Reporting

extension ReportPage {
  /// What becomes of each claim of the paper, with a picture of each effect.
  mutating func claimSection() -> Section? {
    guard let report = contents.claims else { return nil }
    var content: [Node] = []
    if report.isSample {
      content.append(Node(Element("p", [:], .element(Element("strong", [:], .text(ClaimReport.sampleWarning))))))
    }
    content.append(paragraph(.text("Verdicts: \(report.summary). Made by "), code(report.command), "."))
    content.append(
      note(
        "In the pictures: our number (dot) with its 95% interval, the value it is compared with (dashed), differences that do not "
          + "matter (band), and what the paper's own tables give (hollow diamond)."))
    let judged = report.results.filter { $0.verdict != .missing }
    for result in judged { content += nodes(of: result) }
    let missing = report.results.filter { $0.verdict == .missing }
    if !missing.isEmpty {
      let rows = missing.map { result -> [Cell] in
        let commands = result.missing.map(\.command).filter { !$0.isEmpty }
        return [
          .text(result.claim.identifier), .text(result.claim.sentence),
          Cell(.sequence(Set(commands).sorted().map { Node(Element("p", ["class": "small"], code($0))) })),
        ]
      }
      content.append(
        table("Claims whose results are missing", [.text("Claim"), .text("What it says"), .text("Command")], rows))
    }
    return Section(id: "claims", title: "Claims", content: content)
  }

  private mutating func nodes(of result: ClaimResult) -> [Node] {
    let badge = Element("span", ["class": "verdict"], .text(result.verdict.rawValue))
    var nodes = [
      heading(3, result.claim.sentence),
      paragraph(
        .element(badge), .text(" \(result.claim.identifier), \(result.claim.place)."),
        .text(result.verdict == .inconsistent ? " Our results alone: \(result.reproduction.rawValue)." : "")),
    ]
    var pictures: [Node] = []
    for (index, test) in result.tests.enumerated() {
      guard let estimate = test.estimate,
        let plot = EffectPlot(
          name: "\(result.claim.identifier), \(test.title)", value: estimate.value, interval: estimate.interval,
          target: test.test.target, margin: test.test.margin, paper: test.inside)
      else { continue }
      pictures.append(
        show(
          plot.picture, name: "claim-\(slug(result.claim.identifier))-\(index + 1)",
          caption: "\(test.title): \(test.text(estimate)), expected \(test.expectation): \(test.verdict.rawValue)"))
    }
    if !pictures.isEmpty { nodes.append(gallery(pictures)) }
    if !result.claim.remark.isEmpty { nodes.append(note(result.claim.remark)) }
    return nodes
  }
}
