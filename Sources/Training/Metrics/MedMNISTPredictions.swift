public import Datasets

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
  ///   - run: names the run, for example its model and seed; without a full stop, at which MedMNIST would cut it.
  /// Source: medmnist 3.0.2, `Evaluator`.
  public init(_ result: SplitEvaluation, flag: String, resolution: Int, run: String) {
    precondition(!run.contains(".") && !run.contains("/") && !run.contains("@"), "run name \(run)")
    let size = resolution == 28 ? "" : "_\(resolution)"
    fileName =
      "\(flag)\(size)_\(result.split.rawValue)_[AUC]\(threeDecimals(result[.auc]))_"
      + "[ACC]\(threeDecimals(result[.accuracy]))@\(run).csv"
    var text = ""
    for image in 0..<result.imageCount {
      text += "\(image)"
      for index in 0..<result.classCount { text += ",\(result.scores[image * result.classCount + index])" }
      text += "\n"
    }
    self.text = text
  }
}

extension MedMNISTPredictions {
  /// What the name of a file in this layout says.
  public struct Name: Sendable, Equatable {
    /// MedMNIST's name of the dataset, or that of data of one's own, and behind it, where they are not 28, the pixels.
    public let dataset: String
    /// The split.
    public let split: Split
    /// AUC and ACC with three decimals.
    public let values: [Metric: String]
    /// The run.
    public let run: String

    /// Reads a name like `breastmnist_224_test_[AUC]0.913_[ACC]0.846@resnet18_1.csv`; nil if it is not of this form.
    public init?(_ fileName: String) {
      let form = /([a-z0-9][a-z0-9_\-]*)_(train|val|test)_\[AUC\](nan|\d\.\d{3})_\[ACC\](nan|\d\.\d{3})@([^.\/]+)\.csv/
      guard let match = fileName.wholeMatch(of: form), let split = Split(rawValue: String(match.2)) else { return nil }
      dataset = String(match.1)
      self.split = split
      values = [.auc: String(match.3), .accuracy: String(match.4)]
      run = String(match.5)
    }

    /// Whether the scores are of images of a dataset, of whatever resolution.
    public func isOf(_ name: String) -> Bool {
      dataset.hasPrefix(name) && dataset.dropFirst(name.count).wholeMatch(of: /(_\d+)?/) != nil
    }
  }

  /// Bytes of the longest line accepted: 256 scores take a tenth of it.
  private static let longestLine = 1 << 16

  /// The scores `[N, K]` of a file in this layout: a line for each image in order, its number and a score for each class. Of
  /// two classes the second column may stand alone.
  /// - Throws: `EvaluationError` for anything else.
  public static func scores(in bytes: [UInt8], count: Int, classes: Int) throws(EvaluationError) -> [Float] {
    var scores: [Float] = []
    scores.reserveCapacity(count * classes)
    var image = 0
    var isPositiveAlone = false
    // A byte order mark, as spreadsheets write it, is no part of the first number.
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    for line in String(decoding: body, as: UTF8.self).split(whereSeparator: \.isNewline) {
      guard line.utf8.count <= longestLine else {
        throw .wrongLine(
          number: image + 1, expected: "at most \(longestLine) bytes", found: "\(line.utf8.count) bytes")
      }
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard Int(fields[0]) == image else {
        throw .wrongLine(number: image + 1, expected: "image \(image)", found: String(fields[0].prefix(40)))
      }
      // As the first line, so all: a column that one line lacks is an error.
      if image == 0 { isPositiveAlone = classes == 2 && fields.count == 2 }
      guard fields.count == (isPositiveAlone ? 2 : classes + 1) else {
        throw .wrongLine(
          number: image + 1, expected: isPositiveAlone ? "1 score" : "\(classes) scores", found: "\(fields.count - 1)")
      }
      for field in fields.dropFirst() {
        guard let score = Float(field), score.isFinite else {
          throw .wrongLine(number: image + 1, expected: "finite scores", found: String(field.prefix(40)))
        }
        if isPositiveAlone { scores.append(1 - score) }
        scores.append(score)
      }
      image += 1
    }
    guard image == count else { throw .wrongCount(of: "line", found: image, images: count, classes: 1) }
    return scores
  }
}
