import Artifacts
import Configuration
import Datasets

// What a reader must know about where the models of a table come from.

extension TableNotes {
  /// The teachers behind distilled students, and the components of penultimate vectors that are dead.
  var descentParagraphs: [String] { [teachers, deadComponents].compactMap(\.self) }

  /// Each kind of teacher once, with the datasets it holds for and the first digits of its content.
  private var teachers: String? {
    var kinds: [(text: String, places: [String])] = []
    for cell in table.cells {
      guard let teacher = cell.header.descent?.teacher else { continue }
      let place = "\(Catalogue.title(of: cell.header.dataset)) \(teacher.contentSHA256.prefix(12))"
      let text = teacherText(cell)
      if let known = kinds.firstIndex(where: { $0.text == text }) {
        if !kinds[known].places.contains(place) { kinds[known].places.append(place) }
      } else {
        kinds.append((text, [place]))
      }
    }
    guard !kinds.isEmpty else { return nil }
    return "Teachers of the distilled students (dataset, content): "
      + kinds.map { "\($0.text): \($0.places.joined(separator: ", "))" }.joined(separator: "; ") + "."
  }

  /// For each row with dead components: of how many models, and how many components at most. Which ones, each model's artifact
  /// says.
  private var deadComponents: String? {
    var texts: [String] = []
    for row in table.rows {
      let descents = row.cells.joined().compactMap(\.header.descent)
      let own = descents.compactMap(\.own.components).map { (dead: $0.constant.count, of: $0.count) }
      let lost = descents.compactMap { descent -> (dead: Int, of: Int)? in
        guard let student = descent.distilled?.generation.components,
          let teacher = descent.teacher?.generation.components
        else { return nil }
        return (dead: student.silenced(of: teacher).count, of: student.count)
      }
      let parts = [
        countText(own, ""), countText(lost, "already after distillation, where the teacher's are not, "),
      ].compactMap(\.self)
      if !parts.isEmpty { texts.append("\(row.row.label) \(parts.joined(separator: ", "))") }
    }
    texts += deadTeachers
    guard !texts.isEmpty else { return nil }
    return "Components of the penultimate vector that are the same for all training images, so that nothing is learned "
      + "through them: \(texts.joined(separator: "; "))."
  }

  /// The teachers behind students, each once.
  private var deadTeachers: [String] {
    var texts: [String] = []
    for cell in table.cells {
      guard let components = cell.header.descent?.teacher?.generation.components, !components.constant.isEmpty else {
        continue
      }
      let text =
        "\(components.constant.count) of \(components.count) of the teacher of \(Catalogue.title(of: cell.header.dataset))"
      if !texts.contains(text) { texts.append(text) }
    }
    return texts
  }

  /// "in 3 of 40 models (up to 2 of 4)", of models that have dead components; nil where none has any.
  private func countText(_ models: [(dead: Int, of: Int)], _ when: String) -> String? {
    guard let worst = models.max(by: { $0.dead < $1.dead }), worst.dead > 0 else { return nil }
    return "\(when)in \(models.count { $0.dead > 0 }) of \(models.count) models (up to \(worst.dead) of \(worst.of))"
  }
}

/// A note for an entry whose seeds were distilled from different teachers; nil where there is one teacher, or none, and where
/// they differ in the seeds that were asked for only.
func differenceOfTeachers(_ cells: [TableCell], of seeds: TeacherSeeds) -> String? {
  let teachers = cells.compactMap(\.header.descent?.teacher)
  guard Set(teachers.map(\.contentSHA256)).count > 1 else { return nil }
  let expected = cells.allSatisfy { cell in
    cell.header.descent?.teacher.map { $0.seed == seeds.teacher(ofStudent: cell.header.seed) } ?? true
  }
  let contents = Dictionary(grouping: teachers, by: \.seed).values.map { Set($0.map(\.contentSHA256)).count }
  if expected, contents.allSatisfy({ $0 == 1 }), Set(cells.map(teacherTextWithoutSeed)).count == 1 { return nil }
  let texts = cells.compactMap { cell -> String? in
    guard let teacher = cell.header.descent?.teacher else { return nil }
    return "seed \(cell.header.seed): \(teacherText(cell)), content \(teacher.contentSHA256.prefix(12))"
  }
  return "the seeds have different teachers: " + texts.joined(separator: "; ")
}

/// What is known of the teacher behind a model, in words.
private func teacherText(_ cell: TableCell) -> String {
  (cell.header.descent?.teacher.map { "seed \($0.seed), " } ?? "") + teacherTextWithoutSeed(cell)
}

private func teacherTextWithoutSeed(_ cell: TableCell) -> String {
  guard let descent = cell.header.descent, let teacher = descent.teacher else { return "no teacher" }
  let images = teacher.generation.images
  let source = images.origin == .official ? "the published file" : images.sourceText
  let program = teacher.generation.program.map { ", fine-tuned with \($0.name)" } ?? ""
  return "\(source) at \(images.resolution) pixels, begun with "
    + beginning(of: descent) + program
}

private func beginning(of descent: Descent) -> String {
  let text: String =
    switch descent.beginning {
    case .asGiven(let name, let sha256):
      if let published = PublishedWeights.withDigest(sha256) {
        "the published \(published.name)"
      } else {
        "weights as given, \(name) (SHA-256 \(sha256.prefix(12))…)"
      }
    case .random, .exported, nil: "random weights"
    }
  // The nearest first: what was exported last stands before what it was exported from.
  let exports = ([descent.own] + descent.ancestors.map(\.generation)).compactMap { generation -> String? in
    guard case .exported(let name, let sha256)? = generation.start else { return nil }
    return "\(name) (SHA-256 \(sha256.prefix(12))…), exported from a teacher that began with "
  }
  return exports.joined() + text
}
