import Datasets
import Figures
import Markup
import QuantumCircuits
import Reporting

extension ReportPage {
  /// The circuits of the students and their trained angles.
  mutating func circuitSection() -> Section? {
    guard !contents.circuits.isEmpty else { return nil }
    var content = [
      note(
        "Each token's channels x are encoded as rotations RY(x); each pair of qubits follows with two rotations RY and a "
          + "CNOT, unless the model has none; ⟨Z⟩ of each qubit is the projection's output. The gates hold the angles of the first seed, in radians "
          + "from 0 to 2π; the points are those of all seeds. A circuit is drawn with the first entry that has it; with the angles of "
          + "every entry it is among the picture files.")
    ]
    var drawn: Set<Circuit> = []
    for each in contents.circuits {
      // Circuits are alike in all entries of a row: in the page they are drawn once, as files always.
      let isNew = drawn.insert(each.circuit).inserted
      var nodes: [Node] = []
      for projection in each.projections {
        let picture = CircuitDiagram(
          each.circuit, angles: projection.seeds.first, name: "\(each.name), \(projection.name)"
        ).picture
        let node = show(picture, name: "\(each.key)-circuit-\(slug(projection.name))")
        if isNew { nodes.append(node) }
      }
      if let plot = AnglePlot(each.projections, name: each.name) {
        nodes.append(show(plot.picture, name: "\(each.key)-angles"))
      }
      content.append(folded(each.name, gallery(nodes), isOpen: each.key == contents.circuits[0].key))
    }
    return Section(id: "circuits", title: "Circuits and angles", content: content)
  }

  /// Where students look, on an image of each class.
  mutating func attentionSection() -> Section? {
    guard !contents.attention.isEmpty else { return nil }
    var content = [
      note(
        "The first test image of each class, by its place in the file, and over it the attention that each of the 14 × 14 patches "
          + "gets from each head of each student, as a mean over the tokens that attend; the stronger the colour, the more. The "
          + "students are those of the lowest seed. Attention shows where values are taken from, not why a class was chosen."
      )
    ]
    var groups: [(name: String, pictures: [Node])] = []
    for example in contents.attention {
      let name = "\(Catalogue.title(of: example.dataset)) at \(example.resolution) pixels"
      let key = "attention-\(slug(example.dataset))-\(example.resolution)-\(example.sample)"
      let drawing = AttentionPicture(
        example.image, map: example.map, heads: example.heads, name: "\(example.className), \(name)")
      let picture = show(
        drawing.picture(key: "m\(pictures.count)"), name: key,
        caption:
          "\(example.className), test image \(example.sample). Predicted: \(example.predictions.joined(separator: "; "))"
      )
      if groups.last?.name == name {
        groups[groups.count - 1].pictures.append(picture)
      } else {
        groups.append((name, [picture]))
      }
    }
    for (index, group) in groups.enumerated() {
      content.append(folded(group.name, gallery(group.pictures), isOpen: index == 0))
    }
    return Section(id: "attention", title: "Attention", content: content)
  }

  func folded(_ title: String, _ content: Node, isOpen: Bool) -> Node {
    let details = Element(
      "details", [:], .element(Element("summary", [:], .element(Element("b", [:], .text(title))))), content)
    return Node(isOpen ? details.with("open", "") : details)
  }
}
