import Datasets
public import Drawing
public import Reporting

/// How the images of a dataset are spread over its classes, in each split.
public struct ClassBalance {
  private let facts: DatasetFacts
  private let name: String

  /// The balance of a dataset called `name`.
  public init(_ facts: DatasetFacts, name: String) {
    self.facts = facts
    self.name = name
  }

  /// The picture.
  public var picture: Picture {
    let splits = Split.allCases
    let rowHeight = 30.0
    var picture = Picture(
      height: 20 + rowHeight * Double(facts.classNames.count) + 6, title: "Class balance of \(name)",
      description: facts.classNames.enumerated().map { label, name in
        "\(name): " + splits.map { "\(facts.classCounts($0)[label]) \($0.rawValue)" }.joined(separator: ", ")
      }.joined(separator: "; ") + ".")
    var x = 112.0
    for (index, split) in splits.enumerated() {
      picture.rectangle(x: x, y: 4, width: 8, height: 8, fill: Colour.series[index])
      picture.text(split.rawValue, x: x + 11, y: 11.5, size: 8)
      x += 44
    }
    picture.text("share of the split", x: 332, y: 11.5, size: 8, anchor: .end, colour: .faint)
    let scale = Scale(0...1, from: 0, to: 170)
    for (label, name) in facts.classNames.enumerated() {
      let top = 20 + rowHeight * Double(label)
      picture.text(
        fitted(classLabel(label, name), to: 100, size: 8), x: 104, y: top + 15, size: 8, anchor: .end)
      for (index, split) in splits.enumerated() {
        let count = facts.classCounts(split)[label]
        let share = facts.count(split) == 0 ? 0 : Double(count) / Double(facts.count(split))
        let y = top + 8.5 * Double(index)
        picture.rectangle(x: 112, y: y, width: max(scale(share), 0.5), height: 7.5, fill: Colour.series[index])
        picture.text(
          "\(count), \(decimal(share * 100, 1)) %", x: 116 + scale(share), y: y + 6.5, size: 7, colour: .faint)
      }
    }
    return picture
  }
}
