public import Datasets
public import Failures

/// Why scores of a split cannot be measured. The stage that reads the files adds their names.
public enum EvaluationError: Failure, Equatable {
  /// The split has no images.
  case noImages
  /// A number of logits or scores that is not one per image and class.
  case wrongCount(of: String, found: Int, images: Int, classes: Int)
  /// Fewer than two classes, or a binary task with another number than two.
  case wrongClassCount(found: Int, task: ClassificationTask)
  /// A label that is no class.
  case labelOutOfRange(image: Int, found: Int, classes: Int)
  /// A logit or score that is NaN or infinite: the model diverged or is damaged.
  case notFinite(String, image: Int, classIndex: Int)

  /// A line of a file of scores, counted from 1.
  case wrongLine(number: Int, expected: String, found: String)

  /// Bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line: what was expected and found.
  public var description: String {
    switch self {
    case .noImages: "the split has no images, expected at least one"
    case .wrongCount(let what, let found, let images, let classes):
      "\(found) \(what)s, expected \(classes == 1 ? "one for each of \(images) images" : "\(images) images × \(classes) classes")"
    case .wrongClassCount(let found, let task):
      "\(found) classes for a \(task.rawValue) task, expected \(task == .binary ? "2" : "at least 2")"
    case .labelOutOfRange(let image, let found, let classes):
      "label \(found) of image \(image), expected 0 to \(classes - 1)"
    case .wrongLine(let number, let expected, let found): "line \(number): expected \(expected), found '\(found)'"
    case .notFinite(let what, let image, let classIndex): "\(what) of image \(image), class \(classIndex) is not finite"
    }
  }
}
