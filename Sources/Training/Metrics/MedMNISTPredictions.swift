/// A file of predictions in MedMNIST's layout, which `python -m medmnist evaluate FILE` reads.
public struct MedMNISTPredictions: Sendable, Equatable {
  /// `{flag}{_size}_{split}_[AUC]x.xxx_[ACC]x.xxx@{run}.csv`; no size for 28 pixels.
  public let fileName: String
  /// One line per image: its index, then the score of each class in the fewest digits that identify the Float.
  public let text: String

  /// The predictions of an evaluated split.
  /// - Parameters:
  ///   - result: the scores and their measures.
  ///   - flag: MedMNIST's name of the dataset.
  ///   - resolution: 28 or another edge length in pixels.
  ///   - split: `train`, `val` or `test`.
  ///   - run: names the run, for example its model and seed; without a full stop, at which MedMNIST would cut it.
  /// Source: medmnist 3.0.2, `Evaluator`.
  public init(_ result: EvaluationResult, flag: String, resolution: Int, split: String, run: String) {
    precondition(!run.contains(".") && !run.contains("/") && !run.contains("@"), "run name \(run)")
    let size = resolution == 28 ? "" : "_\(resolution)"
    fileName =
      "\(flag)\(size)_\(split)_[AUC]\(threeDecimals(result.auc.value))_[ACC]\(threeDecimals(result.accuracy))@\(run).csv"
    var text = ""
    for image in 0..<result.imageCount {
      text += "\(image)"
      for index in 0..<result.classCount { text += ",\(result.scores[image * result.classCount + index])" }
      text += "\n"
    }
    self.text = text
  }
}
