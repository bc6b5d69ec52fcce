public import Drawing
import Metrics
public import Reporting

/// The reliability diagram of an entry: how often the predicted class is right, by the model's confidence in it; all seeds
/// together.
public struct ReliabilityDiagram {
  private let name: String
  private let calibrations: [Calibration]

  /// The diagram of an entry called `name`; nil without runs whose scores are probabilities.
  public init?(_ cells: [TableCell], name: String) {
    self.name = name
    calibrations = cells.compactMap(\.test.calibration)
    if calibrations.isEmpty { return nil }
  }

  /// The mean over the runs.
  private func mean(_ value: KeyPath<Calibration, Double>) -> Double {
    calibrations.reduce(0) { $0 + $1[keyPath: value] } / Double(calibrations.count)
  }

  /// The bins of all runs together.
  private var bins: [Calibration.Bin] {
    (0..<Calibration.binCount).map { index in
      let bins = calibrations.map { $0.bins[index] }.filter { $0.count > 0 }
      let count = bins.reduce(0) { $0 + $1.count }
      func mean(_ value: KeyPath<Calibration.Bin, Double>) -> Double {
        bins.reduce(0) { $0 + Double($1.count) * $1[keyPath: value] } / Double(count)
      }
      return Calibration.Bin(count: count, confidence: mean(\.confidence), accuracy: mean(\.accuracy))
    }
  }

  /// The picture.
  public var picture: Picture {
    let (brier, error) = (threeDecimals(mean(\.brierScore)), threeDecimals(mean(\.expectedError)))
    var picture = Picture(
      height: 196, title: "Reliability of \(name)",
      description:
        "Accuracy against confidence on the test split. Brier score \(brier), expected calibration error \(error).")
    let frame = Frame(
      left: 32, top: 18, width: 150, height: 150, x: .init(0...1, "confidence"), y: .init(0...1, "accuracy"))
    let bins = bins
    let largest = Double(bins.map(\.count).max() ?? 1)
    let width = 150 / Double(bins.count)
    for (index, bin) in bins.enumerated() where bin.count > 0 {
      let height = 40 * Double(bin.count) / largest
      picture.rectangle(
        x: 32 + width * Double(index) + 0.5, y: 168 - height, width: width - 1, height: height, fill: .sky,
        opacity: 0.35)
    }
    frame.draw(on: &picture)
    let (low, high) = (frame(0, 0), frame(1, 1))
    picture.line(low.x, low.y, high.x, high.y, .faint, width: 0.7, dashed: true)
    let points = bins.filter { $0.count > 0 }.map { frame($0.confidence, $0.accuracy) }
    picture.polyline(points, .blue, width: 1.4)
    for point in points { picture.circle(point.x, point.y, radius: 2.6, .blue) }
    let left = 194.0
    picture.text("Brier score", x: left, y: 34, size: 8, colour: .faint)
    picture.text(brier, x: left, y: 48, size: 12, bold: true)
    picture.text("expected calibration error", x: left, y: 68, size: 8, colour: .faint)
    picture.text(error, x: left, y: 82, size: 12, bold: true)
    picture.rectangle(x: left, y: 97, width: 14, height: 8, fill: .sky, opacity: 0.35)
    picture.text("images of this confidence", x: left + 19, y: 104, size: 8)
    picture.line(left, 114, left + 14, 114, .faint, width: 0.7, dashed: true)
    picture.text("perfect calibration", x: left + 19, y: 117, size: 8)
    return picture
  }
}
