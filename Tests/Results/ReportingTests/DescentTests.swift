import Artifacts
import Configuration
import Datasets
import Failures
import Metrics
import Statistics
import Testing

@testable import Reporting

@Suite("Where the models of a table come from") struct TableDescentTests {
  private let example = ExampleCells()
  private let vit = ExampleRows.student(.vit, .scratch, 28)
  private let distilled = ExampleRows.student(.vit, .kd, 28)

  private func table(_ rows: [PlannedTable.Row], _ cells: [TableCell]) throws -> ResultTable {
    try ResultTable(
      example.plan(rows, ["breastmnist"], seeds: [1, 2], paperTable: 2), softwareVersion: "0.1.0", cells: cells)
  }

  private func cell(
    _ row: PlannedTable.Row, seed: UInt64, change: (inout Descent) -> Void = { _ in }
  ) throws -> TableCell {
    try example.cell(row, "breastmnist", seed: seed) { evaluation in
      guard var descent = evaluation.header.descent else { return }
      change(&descent)
      evaluation.header.descent = descent
    }
  }

  private func refusal(_ rows: [PlannedTable.Row], _ cells: [TableCell]) throws -> String? {
    do {
      _ = try table(rows, cells)
      return nil
    } catch let failure as ReportError {
      #expect(failure.kind == .badData)
      return failure.description
    }
  }

  @Test("seeds of different images are refused")
  func images() throws {
    let other = example.images("breastmnist", 28, digest: "other")
    let cells = [try cell(vit, seed: 1), try cell(vit, seed: 2) { $0.own.images = other }]
    let message = try refusal([vit], cells)
    #expect(message?.contains("evaluations/vit-scratch/breastmnist-28-s2.h5: images other breast…") == true)
    #expect(message?.contains("the published breastmnist.npz") == true)
    #expect(try refusal([vit], [cells[0]]) == nil && refusal([vit], [cells[1]]) == nil)
  }

  @Test("seeds whose teachers saw different images are refused, and rows too")
  func imagesOfTeachers() throws {
    let inverted = example.images("breastmnist", 224, digest: "inverted")
    func changed(_ seed: UInt64) throws -> TableCell {
      try cell(distilled, seed: seed) { $0.ancestors[1].generation.images = inverted }
    }
    let message = try refusal([distilled], [cell(distilled, seed: 1), changed(2)])
    #expect(message?.contains("s2.h5 (its teacher): images inverted bre…") == true, "\(message ?? "accepted")")
    #expect(try refusal([distilled], [changed(1), changed(2)]) == nil)
    // A row at that resolution saw the others.
    let large = ExampleRows.student(.vit, .scratch, 224)
    #expect(try refusal([distilled, large], [changed(1), cell(large, seed: 1)]) != nil)
    #expect(try refusal([distilled, large], [cell(distilled, seed: 1), cell(large, seed: 1)]) == nil)
  }

  @Test(
    "a lineage of mixed results versions is refused",
    arguments: [
      "data", "data of the distilled student", "distilled student", "teacher", "data of the teacher",
    ])
  func versions(place: String) throws {
    let mixed = try cell(distilled, seed: 1) { descent in
      switch place {
      case "data": descent.own.images.resultsVersion = 0
      case "data of the distilled student": descent.ancestors[0].generation.images.resultsVersion = 0
      case "distilled student": descent.ancestors[0].resultsVersion = 0
      case "teacher": descent.ancestors[1].resultsVersion = 0
      default: descent.ancestors[1].generation.images.resultsVersion = 0
      }
    }
    let message = try refusal([distilled], [mixed])
    #expect(message?.contains(": results version 0, but ") == true, "\(message ?? "accepted")")
  }

  @Test("teachers that differ between the seeds are told apart in a footnote")
  func teachers() throws {
    let cells = [
      try cell(distilled, seed: 1),
      try cell(distilled, seed: 2) {
        $0.ancestors[1].seed = 9
        $0.ancestors[1].contentSHA256 = "fffffffffffffff"
        $0.ancestors[1].generation.start = .asGiven(fileName: "other.safetensors", sha256: "0f0f0f0f0f0f0f0f")
      },
    ]
    let entry = try table([distilled], cells).rows[0].entries[0][0]
    let note = try #require(entry.notes.first)
    #expect(
      note
        == "the seeds have different teachers: seed 1: seed 1, the published file at 224 pixels, begun with weights as "
        + "given, tiny_vit.safetensors (SHA-256 fedcba987654…), content 0123456789ab; seed 2: seed 9, the published file at "
        + "224 pixels, begun with weights as given, other.safetensors (SHA-256 0f0f0f0f0f0f…), content ffffffffffff")
    #expect(try table([distilled], [cells[0]]).rows[0].entries[0][0].notes == ["1 of 2 seeds"])
  }

  @Test("students of several teachers, as asked for, have intervals for other teachers and no footnote")
  func severalTeachers() throws {
    func teach(_ seed: UInt64, _ content: String) throws -> TableCell {
      try cell(distilled, seed: seed) {
        $0.ancestors[1].seed = (seed + 1) % 2 + 7
        $0.ancestors[1].contentSHA256 = content
      }
    }
    var plan = example.plan([distilled], ["breastmnist"], seeds: [1, 2, 3, 4], paperTable: 2)
    plan.teacherSeeds = try #require(TeacherSeeds([7, 8]))
    let cells = try [teach(1, "a"), teach(2, "b"), teach(3, "a"), teach(4, "b")]
    func entries(_ cells: [TableCell]) throws -> [TableEntry] {
      try ResultTable(plan, softwareVersion: "0.1.0", cells: cells).rows[0].entries[0]
    }
    let groups = try #require(RunGroups([0, 1, 0, 1]))
    for (metric, entry) in zip(Metric.allCases, try entries(cells)) {
      #expect(entry.notes == [])
      #expect(entry.interval == Metrics.interval(of: cells.map(\.test), metric, groups: groups))
      #expect(entry.interval != Metrics.interval(of: cells.map(\.test), metric))
      #expect(entry.prediction == RunPrediction(cells.map(\.test), metric, groups: groups))
    }
    let notes = TableNotes(table: try ResultTable(plan, softwareVersion: "0.1.0", cells: cells), bestMark: "Bold")
    #expect(
      notes.paragraphs.contains { $0.contains("have 2 teachers (seeds 7, 8) in turn; their intervals hold for other") })
    // Two teachers of one seed are more than was asked for, and so is the wrong one.
    #expect(try entries([teach(1, "a"), teach(3, "c")])[0].notes[0].hasPrefix("the seeds have different teachers"))
    plan.teacherSeeds = try #require(TeacherSeeds([8, 7]))
    #expect(try entries(cells)[0].notes[0].hasPrefix("the seeds have different teachers"))
  }

  private func paragraphs(_ rows: [PlannedTable.Row], _ cells: [TableCell]) throws -> [String] {
    TableNotes(table: try table(rows, cells), bestMark: "Bold").paragraphs
  }

  @Test("what teachers began with is printed, through exports too")
  func beginnings() throws {
    let cell = try cell(distilled, seed: 1) {
      $0.ancestors[1].generation.start = .exported(fileName: "w.safetensors", sha256: "0f0f0f0f0f0f0f0f")
      var exported = $0.ancestors[1]
      exported.role = .weights
      exported.generation.start = .random
      $0.ancestors.append(exported)
    }
    let text = try #require(paragraphs([distilled], [cell]).first { $0.hasPrefix("Teachers of the distilled") })
    #expect(
      text == "Teachers of the distilled students (dataset, content): seed 1, the published file at 224 pixels, "
        + "begun with w.safetensors (SHA-256 0f0f0f0f0f0f…), exported from a teacher that began with "
        + "random weights: BreastMNIST 0123456789ab.")
    #expect(try !paragraphs([vit], [self.cell(vit, seed: 1)]).contains { $0.hasPrefix("Teachers of") })
  }

  @Test("published weights are known by their digest, whatever the file is called")
  func publishedWeights() throws {
    let published = try #require(PublishedWeights.all.first { $0.sha256 != nil })
    func line(_ name: String, _ sha256: String) throws -> String? {
      let cell = try cell(distilled, seed: 1) {
        $0.ancestors[1].generation.start = .asGiven(fileName: name, sha256: sha256)
      }
      return try paragraphs([distilled], [cell]).first { $0.hasPrefix("Teachers of the distilled") }
    }
    let known = try line("model.safetensors", #require(published.sha256))
    #expect(known?.contains("begun with the published \(published.name): ") == true, "\(known ?? "nothing")")
    let other = try line(published.name, String(repeating: "0", count: 64))
    #expect(other?.contains("begun with weights as given, \(published.name) (SHA-256 000000000000…)") == true)
  }

  @Test("dead components are counted: the student's, those lost in distillation, the teacher's")
  func components() throws {
    let cells = [
      try cell(distilled, seed: 1),
      try cell(distilled, seed: 2) {
        $0.own.components = .init(count: 4, constant: [0])
        $0.ancestors[0].generation.components = .init(count: 4, constant: [0, 2])
        $0.ancestors[1].generation.components = .init(count: 4, constant: [2])
      },
    ]
    let text = try #require(paragraphs([distilled], cells).first { $0.hasPrefix("Components of the penultimate") })
    #expect(
      text.contains(
        "ViT-KD_28 in 1 of 2 models (up to 1 of 4), already after distillation, where the teacher's are not, in 1 of 2 models (up "
          + "to 1 of 4)"), "\(text)")
    #expect(text.contains("1 of 4 of the teacher of BreastMNIST"))
    #expect(try !paragraphs([distilled], [cells[0]]).contains { $0.hasPrefix("Components of") })
  }

  @Test("weights as given stand beside the paper's values, random ones do not, exported or not")
  func paperSettings() throws {
    for (word, start, deviations) in [
      ("as-given", StartingWeights.asGiven(fileName: "w", sha256: "0f"), 0), ("random", .random, 1),
      ("as-given", .random, 1),
    ] {
      let configuration = try ExampleCells.configuration(distilled).replacing(
        #""start":"pretrained""#, with: #""start":"\#(word)""#)
      let cell = try example.cell(distilled, "breastmnist", seed: 1, configuration: configuration) { evaluation in
        evaluation.header.descent?.ancestors[1].generation.start = start
      }
      #expect(cell.deviations.count == deviations, "\(word), \(start): \(cell.deviations)")
      #expect(cell.remarks.contains("teacher trained from random weights") == (deviations > 0))
    }
  }

  @Test(
    "text from outside is shown, never obeyed",
    arguments: [
      ("=HYPERLINK(1)", "'=HYPERLINK(1)", "=HYPERLINK(1)", "=HYPERLINK(1)"),
      ("@x", "'@x", "@x", "@x"), ("-1.5", "-1.5", "-1.5", "-1.5"), ("-1+2", "'-1+2", "-1+2", "-1+2"),
      ("a\u{1b}[31mb", "a\\u{1B}[31mb", "a\\\\u{1B}[31mb", "a\\textbackslash{}u\\{1B\\}[31mb"),
      ("a\nb", "a b", "a b", "a b"), ("<b>&amp;", "<b>&amp;", "\\<b>\\&amp;", "\\textless{}b\\textgreater{}\\&amp;"),
      ("[x](y)", "[x](y)", "[x\\](y)", "[x](y)"), ("QViT_28 *", "QViT_28 *", "QViT_28 *", "QViT\\_28 *"),
      ("_x_ *y*", "_x_ *y*", "\\_x\\_ \\*y*", "\\_x\\_ *y*"), ("a\u{202E}b", "a\\u{202E}b", "a\\\\u{202E}b", ""),
    ])
  func escapes(text: String, csv: String, markdown: String, latex: String) {
    #expect(csvQuoted(text) == csv)
    #expect(markdownProse(text) == markdown)
    if !latex.isEmpty { #expect(latexEscaped(text) == latex) }
  }
}
