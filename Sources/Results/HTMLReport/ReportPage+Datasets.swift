import Drawing
import Datasets
import Figures
import Markup
import Metrics
import Reporting

extension ReportPage {
  /// What the images are: samples, class balance, equal images, sources, licences, what to cite.
  mutating func datasetSection() -> Section? {
    guard !contents.datasets.entries.isEmpty else { return nil }
    let entries = contents.datasets.entries
    var content = [
      table(
        "Images of the datasets",
        [
          .text("Dataset"), .number("Pixels"), .number("Classes"), .number("Train"), .number("Val"), .number("Test"),
          .number("Largest class"), .text("Equal images"),
        ],
        entries.map { entry in
          [
            .text(Catalogue.title(of: entry.dataset) + entry.marks.map(\.rawValue).joined()),
            .text(entry.origins.map { "\($0.resolution)" }.joined(separator: ", ")),
            .text("\(entry.classNames.count)"),
          ]
            + Split.allCases.map { Cell(.text(grouped(entry.count($0))), sortKey: Double(entry.count($0))) } + [
              .measure(threeDecimals(entry.majorityBaseline(on: .test)), entry.majorityBaseline(on: .test)),
              .text(entry.duplicates ?? "none across splits"),
            ]
        })
    ]
    let marks = DatasetMark.allCases.filter { mark in entries.contains { $0.marks.contains(mark) } }
    content += marks.map { note("\($0.rawValue) \($0.text).") }
    content.append(
      note(
        "Largest class: the accuracy on test of always answering its most frequent class. Samples are the first training images of each class."
      ))
    for entry in entries { content += nodes(of: entry) }
    return Section(id: "datasets", title: "Datasets", content: content)
  }

  private mutating func nodes(of entry: DatasetFacts) -> [Node] {
    let name = Catalogue.title(of: entry.dataset)
    let sizes = entry.origins.map { "\($0.resolution)" }.joined(separator: "-")
    let balance = show(ClassBalance(entry, name: name).picture, name: "dataset-\(slug(entry.dataset))-\(sizes)-balance")
    let samples = (contents.samples[entry.dataset] ?? []).enumerated().map { label, sample in
      let image = Element(
        "img",
        [
          "class": "strip", "src": sample.images.text,
          "alt": "\(sample.count) training images of the class \(sample.name)", "width": "\(56 * sample.count)",
          "height": "56",
        ])
      return Node(
        Element(
          "figure", [:], .element(image), .element(Element("figcaption", [:], .text(classLabel(label, sample.name))))))
    }
    var facts = ["Task: \(entry.task.rawValue)."]
    facts += entry.origins.map { "Source at \($0.resolution) pixels: \($0.text)." }
    facts += entry.marks.map { "\($0.rawValue) \($0.text)." }
    if let duplicates = entry.duplicates { facts.append("Warning: \(duplicates).") }
    facts.append("Licence: \(entry.licence)\(entry.licence.contains("-NC") ? ": not for commercial use" : "").")
    facts.append("Cite: \(entry.citation)")
    return [
      heading(3, name), gallery([balance, Node(Element("div", ["class": "gallery small"], samples))], wide: true),
      list(facts.map { .text($0) }),
    ]
  }
}
