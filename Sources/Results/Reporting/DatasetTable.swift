import Artifacts
import Datasets
import Failures
import Metrics

/// The dataset section of the report: sizes, class balance, baselines, licences, what to cite, what to beware of.
public struct DatasetTable: Sendable, Equatable {
  /// The entries in the order they were asked for; resolutions with the same facts share one.
  public let entries: [DatasetFacts]
  /// The profile the artifacts belong to.
  public let profile: String
  /// The version of the software.
  public let softwareVersion: String
  /// What is missing, a dataset and a resolution such as "OASIS at 224 pixels", and the command that makes it.
  public let missing: [Missing]

  /// A dataset artifact that is not there.
  public struct Missing: Sendable, Equatable {
    /// Dataset and resolution.
    public var name: String
    /// The command that makes it.
    public var command: String

    /// From its parts.
    public init(name: String, command: String) {
      self.name = name
      self.command = command
    }
  }

  /// A table of these facts.
  public init(_ facts: [DatasetFacts], profile: String, softwareVersion: String, missing: [Missing] = []) {
    var entries: [DatasetFacts] = []
    for fact in facts {
      if let last = entries.last, let merged = last.merged(with: fact) {
        entries[entries.count - 1] = merged
      } else {
        entries.append(fact)
      }
    }
    self.entries = entries
    self.profile = profile
    self.softwareVersion = softwareVersion
    self.missing = missing
  }

  private var header: String { "Profile \(profile), software \(softwareVersion)" }

  private static let legend = """
    Largest class: the accuracy on test of always answering its most frequent class; train's: of always answering the most \
    frequent class of train.
    """

  private static let warning = "NOT intended for clinical use."

  private var columns: [String] {
    ["Dataset", "Pixels", "Classes", "Train", "Val", "Test", "Largest class", "Train's"]
  }

  private func cells(_ entry: DatasetFacts) -> [String] {
    [
      Catalogue.title(of: entry.dataset) + entry.marks.map(\.rawValue).joined(),
      entry.origins.map { "\($0.resolution)" }.joined(separator: ", "), "\(entry.classNames.count)",
    ] + Split.allCases.map { grouped(entry.count($0)) }
      + [entry.majorityBaseline(on: .test), entry.trainMajorityAccuracy].map { $0.isNaN ? "—" : threeDecimals($0) }
  }

  private var markTexts: [String] {
    let used = entries.flatMap(\.marks)
    return DatasetMark.allCases.filter(used.contains).map { "\($0.rawValue) \($0.text)." }
  }

  private func title(_ entry: DatasetFacts) -> String {
    let isAlone = entries.count { $0.dataset == entry.dataset } == 1
    let sizes = entry.origins.map { "\($0.resolution)" }.joined(separator: " and ")
    return Catalogue.title(of: entry.dataset) + (isAlone ? "" : " at \(sizes) pixels")
  }

  /// What is to be said about an entry in words, a paragraph each.
  private func paragraphs(_ entry: DatasetFacts) -> [String] {
    var texts = ["Task: \(entry.task.rawValue)."]
    texts += entry.origins.map { "Source at \($0.resolution) pixels: \($0.text)." }
    texts += entry.marks.map { "\($0.rawValue) \($0.text)." }
    if let duplicates = entry.duplicates { texts.append("Warning: \(duplicates).") }
    let isNonCommercial = entry.licence.contains("-NC")
    texts.append("Licence: \(sentence(entry.licence + (isNonCommercial ? ": not for commercial use" : "")))")
    texts.append("Cite: \(sentence(entry.citation))")
    return texts
  }

  private func sentence(_ text: String) -> String { text.hasSuffix(".") ? text : text + "." }

  /// The section as GitHub-flavoured Markdown.
  public func markdown() -> String {
    var text = "# Datasets\n\n\(header).\n\n"
    text += markdownTable([columns] + entries.map { cells($0).map(markdownEscaped) })
    for note in [Self.legend] + markTexts + [Self.warning] { text += "\n\(note)\n" }
    for entry in entries {
      text += "\n## \(markdownEscaped(title(entry)))\n\n"
      let classes = entry.classNames.enumerated().map { label, name in
        ["\(label) \(markdownEscaped(name))"] + Split.allCases.map { share(of: label, in: entry.classCounts($0)) }
      }
      text += markdownTable([["Class"] + Split.allCases.map(\.rawValue)] + classes)
      for paragraph in paragraphs(entry) { text += "\n\(markdownEscaped(paragraph))\n" }
    }
    if !missing.isEmpty {
      text += "\nMissing, and the commands that make it:\n\n"
      for each in missing { text += "- \(markdownEscaped(each.name)): \(markdownCode(each.command))\n" }
    }
    return text
  }

  /// "147 (26.9%)".
  private func share(of label: Int, in counts: [Int]) -> String {
    let (count, all) = (counts[label], counts.reduce(0, +))
    guard all > 0 else { return "0" }
    let tenths = (2000 * count + all) / (2 * all)
    return "\(grouped(count)) (\(tenths / 10).\(tenths % 10)%)"
  }

  /// The columns of the CSV form.
  static let csvColumns = [
    "dataset", "resolution", "task", "split", "label", "class", "images", "split_images", "majority_baseline",
    "train_majority_accuracy", "duplicates_of_train", "duplicates_of_val", "duplicates_of_test", "source", "leaking",
    "origin", "licence", "citation", "profile", "software_version",
  ]

  /// The section as tidy CSV: a header, then one line for each dataset, resolution, split and class.
  public func csv() -> String {
    var lines = [Self.csvColumns]
    for entry in entries {
      for origin in entry.origins {
        for split in Split.allCases {
          for (label, name) in entry.classNames.enumerated() {
            lines.append(
              [
                entry.dataset, "\(origin.resolution)", entry.task.rawValue, split.rawValue, "\(label)", name,
                "\(entry.classCounts(split)[label])", "\(entry.count(split))",
                csvNumber(entry.majorityBaseline(on: split)),
                csvNumber(entry.trainMajorityAccuracy),
              ] + Split.allCases.map { entry.splits[split]?.duplicateImages[$0].map(String.init) ?? "" } + [
                entry.source.rawValue, "\(entry.hasLeakingSplit)", origin.text, entry.licence, entry.citation, profile,
                softwareVersion,
              ])
          }
        }
      }
    }
    return lines.map { $0.map(csvQuoted).joined(separator: ",") + "\n" }.joined()
  }

  /// The section as a LaTeX float for `\input`; needs the package booktabs.
  public func latex() -> String {
    var text = "% \(header)\n% Needs \\usepackage{booktabs}.\n\\begin{table*}[tbp]\n\\centering\\scriptsize\n"
    text += "\\caption{Datasets: images, classes and baselines.}\n\\label{tab:datasets}\n"
    text += "\\begin{tabular}{@{}l" + String(repeating: "r", count: columns.count - 1) + "@{}}\n\\toprule\n"
    text += columns.map(latexEscaped).joined(separator: " & ") + " \\\\\n\\midrule\n"
    for entry in entries { text += cells(entry).map(latexEscaped).joined(separator: " & ") + " \\\\\n" }
    text += "\\bottomrule\n\\end{tabular}\\par\\medskip\n\\begin{minipage}{\\linewidth}\\raggedright\n"
    var notes = [header + ".", Self.legend] + markTexts
    for entry in entries {
      let classes = entry.classNames.enumerated().map { label, name in
        "\(name) " + Split.allCases.map { grouped(entry.classCounts($0)[label]) }.joined(separator: "/")
      }
      notes.append(
        "\(title(entry)), images of train/val/test: \(classes.joined(separator: "; ")). "
          + paragraphs(entry).filter { !$0.hasPrefix("Task") }.joined(separator: " "))
    }
    notes += missing.map { "\($0.name) is missing: \($0.command)" } + [Self.warning]
    return text + notes.map(latexEscaped).joined(separator: "\\par\n") + "\n\\end{minipage}\n\\end{table*}\n"
  }

  /// The overview for a terminal, without class balance, licences and citations.
  public func terminal() -> String {
    let lines = [columns] + entries.map { cells($0).map(visible) }
    let widths = columns.indices.map { column in lines.map { $0[column].count }.reduce(0, max) }
    var text = "Datasets\n\(header)\n\n"
    for line in lines {
      text += zip(line.indices, line).map { pad($1, to: widths[$0], left: $0 > 0) }.joined(separator: "  ") + "\n"
    }
    var notes = [Self.legend] + markTexts
    notes += entries.compactMap { entry in entry.duplicates.map { "\(title(entry)): warning: \($0)." } }
    text += "\n" + (notes + [Self.warning]).map { wrapped(visible($0), to: 120) }.joined(separator: "\n") + "\n"
    if !missing.isEmpty {
      text += "\nMissing, and the commands that make it:\n"
      for each in missing { text += "  \(visible(each.name)):\n    \(visible(each.command))\n" }
    }
    return text
  }
}
