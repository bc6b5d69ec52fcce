import Figures
import Configuration
import Artifacts
import Markup
import Reporting

extension ReportPage {
  /// From the numbers to the files, their digests and the commands that make them.
  mutating func provenanceSection() -> Section? {
    var content = [gallery([show(contents.stages.picture, name: "stages")], wide: true)]
    content.append(
      list(
        [
          .text(
            "Profile: \(profile.rawValue). Software: \(Software.name) \(Software.version), results version \(Software.resultsVersion)."
          )
        ]
          + contents.tables.map { table in
            .sequence([
              .text("\(table.plan.title): "),
              code("\(table.plan.command) \(table.plan.name)"),
              .text(
                ". \(TableNotes(table: table, bestMark: "Bold").header); teachers' seeds: \(listed(table.plan.teacherSeeds.seeds))."
              ),
            ])
          }))
    content.append(heading(3, "Settings that differ from the defaults"))
    content.append(
      contents.settings.isEmpty
        ? note("None.")
        : table(
          "Settings that differ from the defaults of pipeline/config",
          [.text("Settings"), .text("Key"), .text("Here"), .text("Default")],
          contents.settings.map { [.text($0.file), .text($0.key), .text($0.here), .text($0.usual)] }))
    content.append(heading(3, "Artifacts"))
    content.append(
      paragraph(
        "The digest is the SHA-256 of the content, which the file itself records and every reader checks; ",
        code("make verify"),
        " compares all of them. What an artifact was made from is recorded in it with its digest. An artifact is made by ",
        code("\(contents.tables.first?.plan.command ?? "make") ARTIFACT"), ", its path in the place of ARTIFACT."))
    let places = Dictionary(
      contents.artifacts.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    for kind in ArtifactKind.allCases {
      let records = contents.artifacts.enumerated().filter { $0.element.kind == kind }
      guard !records.isEmpty else { continue }
      let rows = records.map { index, record in
        Node(
          Element(
            "tr", ["id": "f\(index)"],
            .element(Element("th", ["scope": "row"], code(record.path))),
            .element(Element("td", ["class": "digest"], .text(record.contentSHA256))),
            .element(Element("td", [:], inputs(record, places)))))
      }
      let head = ["Artifact", "Digest", "Made from"].map { Node(Element("th", ["scope": "col"], .text($0))) }
      content.append(
        folded(
          "\(records.count) of kind \(kind.rawValue)",
          tableElement("Artifacts of kind \(kind.rawValue)", head: [head], body: rows),
          isOpen: contents.artifacts.count <= 12))
    }
    return Section(id: "provenance", title: "Provenance", content: content)
  }

  private func inputs(_ record: ReportContents.ArtifactRecord, _ places: [String: Int]) -> Node {
    .sequence(
      record.inputs.map { input in
        guard let place = places[input.name] else {
          return Node(Element("span", ["class": "small"], .text("\(input.name) \(input.contentSHA256.prefix(12))…")))
        }
        let isSame = contents.artifacts[place].contentSHA256 == input.contentSHA256
        return Node(
          Element(
            "span", ["class": "small"],
            link("f\(place)", .text(String(input.name.split(separator: "/").suffix(2).joined(separator: "/")))),
            .text(isSame ? "" : " (has changed since)")))
      })
  }

  /// What is not there, and how to make it.
  func missingSection() -> Section? {
    let entries = contents.tables.flatMap { table in
      TableNotes(table: table, bestMark: "Bold").missing.map { ("\(table.plan.title): \($0.entry)", $0.command) }
    }
    let datasets = contents.datasets.missing.map { ($0.name, $0.command) }
    let missing = entries + datasets
    guard !missing.isEmpty else { return nil }
    let commands = contents.tables.map { "\($0.plan.command) \($0.plan.name)" }
    return Section(
      id: "missing", title: "What is missing",
      content: [
        paragraph(
          .text("\(missing.count) parts are missing. All of them: "),
          code(
            commands.first.map { command in
              ([command] + contents.tables.dropFirst().map(\.plan.name)).joined(separator: " ")
            } ?? ""), ". One by one:"),
        table(
          "Missing parts and the commands that fill them", [.text("What"), .text("Command")],
          missing.map { [.text($0.0), Cell(code($0.1))] }),
      ])
  }
}
