import Artifacts
public import Drawing
import Metrics
public import Reporting
import Training

/// The course of the trainings of an entry, all seeds: the training loss, the validation AUC, the epoch that was selected and
/// what the last one would have given.
public struct LearningCurves {
  private let cells: [TableCell]
  private let name: String

  /// The curves of an entry called `name`; nil where no training is recorded.
  public init?(_ cells: [TableCell], name: String) {
    self.cells = cells.filter { $0.evaluation.history.count > 1 }
    self.name = name
    if self.cells.isEmpty { return nil }
  }

  private var epochs: Int { cells.map(\.evaluation.history.count).max() ?? 1 }

  /// The validation AUC of the selected and of the last epoch, per seed.
  private var selections: [(selected: Double, last: Double)] {
    cells.compactMap { cell in
      let history = cell.evaluation.history
      guard let last = history.last, cell.evaluation.selectedEpoch > 0 else { return nil }
      return (history[cell.evaluation.selectedEpoch - 1].validationAUC, last.validationAUC)
    }
  }

  /// "selected 0.871, last 0.853": means over the seeds of the validation AUC.
  private var comparison: String? {
    let selections = selections.filter { $0.selected.isFinite && $0.last.isFinite }
    guard !selections.isEmpty else { return nil }
    let count = Double(selections.count)
    return "validation AUC, mean over seeds: selected epoch "
      + threeDecimals(selections.reduce(0) { $0 + $1.selected } / count) + ", last epoch "
      + threeDecimals(selections.reduce(0) { $0 + $1.last } / count)
  }

  /// The picture.
  public var picture: Picture {
    var picture = Picture(
      height: 158, title: "Learning curves of \(name)",
      description: "Training loss and validation AUC over \(epochs) epochs, \(cells.count) seeds. "
        + (comparison.map { "\($0)." } ?? ""))
    let (losses, areas) = (values(\.trainingLoss), values(\.validationAUC))
    let horizontal = Frame.Axis(1...Double(max(epochs, 2)), "epoch", ticks: 5)
    let loss = Frame(
      left: 30, top: 18, width: 130, height: 98, x: horizontal,
      y: .init(0...max(losses.max() ?? 1, 1e-6) * 1.05, "training loss"))
    loss.draw(on: &picture)
    let low = min(0.9, ((areas.min() ?? 0.5) * 10).rounded(.down) / 10)
    let auc = Frame(left: 202, top: 18, width: 130, height: 98, x: horizontal, y: .init(low...1, "validation AUC"))
    auc.draw(on: &picture)
    for (index, cell) in cells.enumerated() {
      let colour = Colour.series[index % Colour.series.count]
      let history = cell.evaluation.history
      picture.polyline(points(history, \.trainingLoss, loss), colour)
      picture.polyline(points(history, \.validationAUC, auc), colour)
    }
    for (index, cell) in cells.enumerated() {
      drawSelection(cell, Colour.series[index % Colour.series.count], auc, on: &picture)
    }
    picture.circle(34, 147, radius: 2.6, .ink)
    picture.text("selected epoch", x: 40, y: 150, size: 8, colour: .faint)
    picture.circle(106, 147, radius: 2.4, .ink, filled: false)
    picture.text("last epoch", x: 112, y: 150, size: 8, colour: .faint)
    if let comparison {
      picture.text(
        comparison.replacing("validation AUC, mean over seeds: selected epoch", with: "mean: selected")
          .replacing("last epoch", with: "last"), x: 332, y: 150, size: 8, anchor: .end, colour: .faint)
    }
    return picture
  }

  private func drawSelection(_ cell: TableCell, _ colour: Colour, _ frame: Frame, on picture: inout Picture) {
    let history = cell.evaluation.history
    if let last = history.last, last.validationAUC.isFinite {
      let place = frame(Double(history.count), last.validationAUC)
      picture.circle(place.x, place.y, radius: 2.4, colour, filled: false)
    }
    let selected = cell.evaluation.selectedEpoch
    if selected > 0, history[selected - 1].validationAUC.isFinite {
      let place = frame(Double(selected), history[selected - 1].validationAUC)
      picture.circle(place.x, place.y, radius: 2.6, colour)
    }
  }

  private func values(_ value: KeyPath<EpochRecord, Double>) -> [Double] {
    cells.flatMap { $0.evaluation.history.map { $0[keyPath: value] } }.filter(\.isFinite)
  }

  /// At most so many points of a curve: more are not seen.
  private static let pointLimit = 32

  private func points(
    _ history: [EpochRecord], _ value: KeyPath<EpochRecord, Double>, _ frame: Frame
  ) -> [(x: Double, y: Double)] {
    let step = (history.count + Self.pointLimit - 1) / Self.pointLimit
    return history.indices.filter { $0 % step == 0 || $0 == history.count - 1 }.compactMap { index in
      let number = history[index][keyPath: value]
      return number.isFinite ? frame(Double(index + 1), number) : nil
    }
  }
}
