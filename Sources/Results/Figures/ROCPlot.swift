import Artifacts
public import Drawing
import Datasets
import Metrics
public import Reporting

/// The ROC curves of an entry: for each class the mean over the seeds, and their mean over the classes with the range that the
/// seeds span.
public struct ROCPlot {
  private let cells: [TableCell]
  private let name: String
  /// The classes that have a curve in every run, with the true rates of each run on the grid.
  private let classes: [(index: Int, runs: [[Double]])]

  /// The false rates at which curves are averaged.
  private static let grid = (0...20).map { Double($0) / 20 }

  /// The curves of an entry called `name`; nil if no class has one.
  public init?(_ cells: [TableCell], name: String) {
    self.cells = cells
    self.name = name
    guard let first = cells.first else { return nil }
    let measured = first.test.task == .binary ? 1..<2 : 0..<first.test.classCount
    classes = measured.compactMap { index in
      let curves = cells.compactMap { $0.test.rocCurve(of: index) }
      guard curves.count == cells.count else { return nil }
      return (index, curves.map { curve in Self.grid.map(curve.trueRate) })
    }
    if classes.isEmpty { return nil }
  }

  private static func mean(_ curves: [[Double]]) -> [Double] {
    grid.indices.map { point in curves.reduce(0) { $0 + $1[point] } / Double(curves.count) }
  }

  /// The picture.
  public var picture: Picture {
    let classNames = cells.first?.evaluation.classNames ?? []
    let runs = cells.indices.map { run in Self.mean(classes.map { $0.runs[run] }) }
    let mean = Self.mean(runs)
    let title = classes.count == 1 ? "ROC curve of \(name)" : "ROC curves of \(name)"
    let legend = (classes.count > 1 ? classes.count + 1 : 1) + (cells.count > 1 ? 1 : 0)
    var picture = Picture(
      height: max(196, 26 + 11.5 * Double(legend)), title: title,
      description: "True positive rate against false positive rate on the test split, \(cells.count) "
        + "\(cells.count == 1 ? "run" : "seeds"). Mean at a false positive rate of 0.1: \(threeDecimals(mean[2])), "
        + "of 0.5: \(threeDecimals(mean[10])).")
    let frame = Frame(
      left: 32, top: 18, width: 150, height: 150, x: .init(0...1, "false positive rate"),
      y: .init(0...1, "true positive rate"))
    frame.draw(on: &picture)
    let corner = (frame(0, 0), frame(1, 1))
    picture.line(corner.0.x, corner.0.y, corner.1.x, corner.1.y, .faint, width: 0.7, dashed: true)
    func points(_ rates: [Double]) -> [(x: Double, y: Double)] { zip(Self.grid, rates).map { frame($0, $1) } }
    if classes.count > 1 {
      for (place, entry) in classes.enumerated() {
        picture.polyline(
          points(Self.mean(entry.runs)), Self.colour(place), width: 0.8, opacity: 0.9,
          dashed: place >= Colour.series.count)
      }
    }
    if runs.count > 1 {
      let spans = Self.grid.indices.map { point in runs.map { $0[point] } }
      picture.band(points(spans.map { $0.max() ?? 0 }), points(spans.map { $0.min() ?? 0 }), .ink, opacity: 0.18)
    }
    picture.polyline(points(mean), .ink, width: 1.8)
    drawLegend(classNames, on: &picture)
    return picture
  }

  private static func colour(_ place: Int) -> Colour { Colour.series[place % Colour.series.count] }

  private func drawLegend(_ classNames: [String], on picture: inout Picture) {
    let (left, size) = (192.0, 8.0)
    var y = 26.0
    func entry(_ text: String, _ colour: Colour, width: Double, dashed: Bool = false) {
      picture.line(left, y - 3, left + 14, y - 3, colour, width: width, dashed: dashed)
      picture.text(fitted(text, to: 122, size: size), x: left + 19, y: y, size: size)
      y += 11.5
    }
    entry(classes.count > 1 ? "mean over the classes" : className(classes[0].index, classNames), .ink, width: 1.8)
    if cells.count > 1 {
      picture.rectangle(x: left, y: y - 7, width: 14, height: 7, fill: .ink, opacity: 0.18)
      picture.text("range over the seeds", x: left + 19, y: y, size: size)
      y += 11.5
    }
    guard classes.count > 1 else { return }
    for (place, each) in classes.enumerated() {
      entry(className(each.index, classNames), Self.colour(place), width: 1, dashed: place >= Colour.series.count)
    }
  }

  private func className(_ index: Int, _ names: [String]) -> String {
    let auc = cells.reduce(0) { $0 + $1.test.classes[index].auc } / Double(cells.count)
    return "\(threeDecimals(auc)) \(classLabel(index, names[index]))"
  }
}
