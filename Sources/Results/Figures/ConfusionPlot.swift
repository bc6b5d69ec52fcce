import Artifacts
public import Drawing
import Metrics
public import Reporting

/// The confusion matrix of an entry, summed over the seeds: the share of each true class that was assigned to each class.
public struct ConfusionPlot {
  private let cells: [TableCell]
  private let name: String

  /// The matrix of an entry called `name`; nil without runs.
  public init?(_ cells: [TableCell], name: String) {
    self.cells = cells
    self.name = name
    if cells.isEmpty { return nil }
  }

  /// The shares of row and column.
  private func shares(_ classes: Int) -> [[Double]] {
    (0..<classes).map { label in
      let counts = (0..<classes).map { prediction in cells.reduce(0) { $0 + $1.test.confusion[label, prediction] } }
      let all = counts.reduce(0, +)
      return counts.map { all == 0 ? 0 : Double($0) / Double(all) }
    }
  }

  /// The picture.
  public var picture: Picture {
    let names = cells.first?.evaluation.classNames ?? []
    let shares = shares(names.count)
    let side = min(26, 214 / Double(max(names.count, 1)))
    let (left, top) = (112.0, 30.0)
    var picture = Picture(
      height: top + side * Double(names.count) + 18, title: "Confusion matrix of \(name)",
      description: names.enumerated().map { label, name in
        "\(name): \(percent(shares[label][label])) % recognised"
      }.joined(separator: "; "))
    picture.text("true class", x: left - 6, y: 12, size: 8, anchor: .end, colour: .faint)
    picture.text("predicted class", x: left, y: 12, size: 8, colour: .faint)
    let width = side * Double(names.count) - 1
    // Where there are many classes, labels of some, no numbers, and hardly a gap. Labels of columns need more room than those of rows.
    let (gap, rowStep) = (min(1, side / 5), max(1, Int((8 / side).rounded(.up))))
    let columnStep = side * Double(rowStep) >= 10 ? rowStep : 2 * rowStep
    picture.rectangle(x: left, y: top, width: width, height: width, fill: .vermillion, opacity: 0.06)
    for (label, name) in names.enumerated() {
      let y = top + side * Double(label)
      let middle = y + side / 2 + 3
      if label.isMultiple(of: rowStep) {
        picture.text(
          fitted(classLabel(label, name), to: left - 10, size: 8), x: left - 6, y: middle, size: 8, anchor: .end)
      }
      if label.isMultiple(of: columnStep) {
        picture.text(
          "\(label)", x: left + side * (Double(label) + 0.5), y: top - 5, size: 8, anchor: .middle, colour: .faint)
      }
      for prediction in names.indices {
        let share = shares[label][prediction]
        guard share > 0 || label == prediction else { continue }
        let x = left + side * Double(prediction)
        picture.rectangle(
          x: x, y: y, width: side - gap, height: side - gap, fill: label == prediction ? .blue : .vermillion,
          opacity: 0.06 + 0.9 * share)
        guard side >= 10 else { continue }
        picture.text(
          percent(share), x: x + (side - gap) / 2, y: middle, size: side < 22 ? 7 : 8, anchor: .middle,
          colour: share > 0.55 ? .ground : .ink)
      }
    }
    picture.text(
      "% of each true class" + (cells.count > 1 ? ", all seeds together" : ""), x: left,
      y: top + side * Double(names.count) + 12, size: 8, colour: .faint)
    return picture
  }

  private func percent(_ share: Double) -> String { String(Int((share * 100).rounded())) }
}
