import Artifacts
import Configuration
import Datasets
import Digests
public import Drawing
import Figures
import Markup
import Reporting

/// The page: one HTML file that needs no other and no network, and the pictures in it as files of their own.
public struct ReportPage {
  /// What it shows.
  let contents: ReportContents
  /// The pictures in the order they stand in the page.
  private(set) var pictures: [NamedPicture] = []

  /// A picture with the name of its file.
  public struct NamedPicture: Sendable {
    /// Without directory and extension: "table1-auc".
    public let name: String
    /// The picture.
    public let picture: Picture
  }

  /// The page and its pictures.
  public struct Rendering: Sendable {
    /// The file.
    public let html: String
    /// The pictures, each name once.
    public let pictures: [NamedPicture]
  }

  private init(_ contents: ReportContents) { self.contents = contents }

  /// Renders a report. It follows from the contents alone.
  public static func render(_ contents: ReportContents) -> Rendering {
    var page = ReportPage(contents)
    let html = page.html()
    return Rendering(html: html, pictures: page.pictures)
  }

  /// A picture in the page, which becomes a file as well, where that needs more as `file`.
  mutating func show(_ picture: Picture, name: String, caption: String? = nil, file: Picture? = nil) -> Node {
    pictures.append(NamedPicture(name: name, picture: file ?? picture))
    return figure(picture.element(name: "p\(pictures.count)"), caption)
  }

  // MARK: The whole

  private mutating func html() -> String {
    let sections = [
      overview(), resultTables(), claimSection(), controlSection(), comparisonSection(), entrySection(), costSection(),
      scalingSection(),
      circuitSection(),
      attentionSection(), datasetSection(), provenanceSection(), missingSection(),
    ].compactMap(\.self)
    let style = PageStyle.text + PageStyle.paperNotice(warningLine)
    let navigation = sections.map { Node(Element("li", [:], link($0.id, .text($0.title)))) }
    let head = Element(
      "head", [:],
      .element(Element("meta", ["charset": "utf-8"])),
      .element(
        Element(
          "meta",
          [
            "http-equiv": "Content-Security-Policy",
            "content": "default-src 'none'; img-src data:; style-src '\(Self.source(style))'; "
              + "script-src '\(Self.source(PageScript.text))'",
          ])),
      .element(Element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])),
      .element(Element("meta", ["name": "color-scheme", "content": "light dark"])),
      .element(Element("meta", ["name": "generator", "content": "\(Software.name) \(Software.version)"])),
      .element(Element("title", [:], .text(title))),
      .element(Element("style", [:], .code(ProgramText(style)))))
    let body = Element(
      "body", [:],
      .element(Element("a", ["class": "skip", "href": "#main"], "To the content")),
      .element(Element("div", ["class": "warning", "role": "note"], paragraph(.text(warningLine)))),
      .element(
        Element(
          "header", [:], heading(1, title),
          .element(Element("nav", ["aria-label": "Sections"], .element(Element("ul", [:], navigation)))))),
      .element(Element("main", ["id": "main"], sections.map { section($0.id, $0.title, $0.content) })),
      .element(Element("footer", [:], note(footer))),
      .element(Element("script", [:], .code(ProgramText(PageScript.text)))))
    return "<!DOCTYPE html>\n" + Node(Element("html", ["lang": "en"], .element(head), .element(body))).markup + "\n"
  }

  /// A section before it is written.
  struct Section {
    let id: String
    let title: String
    let content: [Node]
  }

  /// The source of a style sheet or script that the page's policy lets through: its digest.
  private static func source(_ text: String) -> String {
    var text = text
    return "sha256-" + base64(text.withUTF8 { SHA256.value(of: UnsafeRawBufferPointer($0)).bytes })
  }

  // MARK: What holds for the whole

  /// The profile, of all tables.
  var profile: Profile { contents.tables.first?.plan.profile ?? .sample }
  /// Whether any number is of generated images.
  var isSample: Bool { contents.tables.contains(where: \.isSample) || profile == .sample }

  private var title: String {
    let names = contents.tables.map(\.plan.title).joined(separator: ", ")
    return "Quantum vision transformers, reproduced: \(names) of arXiv:2503.07294 (profile \(profile.rawValue))"
  }

  /// The line that nobody can miss.
  var warningLine: String {
    var parts: [String] = []
    if isSample { parts.append("Sample data, not comparable to the paper") }
    let marks = contents.tables.flatMap { table in
      let notes = TableNotes(table: table, bestMark: "Bold")
      return table.plan.datasets.flatMap { notes.marks(of: $0) }
    }
    for mark in DatasetMark.allCases where marks.contains(mark) && !(isSample && mark == .generated) {
      parts.append(mark.shortText)
    }
    parts.append("not for clinical use")
    let line = parts.joined(separator: " · ")
    return line.prefix(1).uppercased() + line.dropFirst()
  }

  private var footer: String {
    "Made by \(Software.name) \(Software.version) from the artifacts in \(contents.tables.first?.plan.root ?? "."). "
      + "Research software: neither the models nor these numbers say anything about a patient."
  }
}

extension ResultTable {
  /// The key of an entry in the page, the same in every table that shows it.
  func key(row: Int, column: Int) -> String {
    let (model, resolution) = (rows[row].row.model, rows[row].row.resolution)
    return "\(model.variant)-\(model.regime.rawValue)-\(resolution)-\(slug(plan.datasets[column]))"
  }
}
