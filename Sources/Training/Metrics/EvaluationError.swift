public import Datasets
public import Failures

/// Why scores of a split cannot be measured. The stage that reads the files adds their names.
public enum EvaluationError: Failure, Equatable {
  /// The split has no images.
  case noImages
  /// A number of logits that is not one per image and class.
  case wrongCount(found: Int, images: Int, classes: Int)
  /// Fewer than two classes, or a binary task with another number than two.
  case wrongClassCount(found: Int, task: ClassificationTask)
  /// A label that is no class.
  case labelOutOfRange(image: Int, found: Int, classes: Int)
  /// A logit that is NaN or infinite: the model diverged or is damaged.
  case notFinite(image: Int, classIndex: Int)

  /// Bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line: what was expected and found.
  public var description: String {
    switch self {
    case .noImages: "the split has no images, expected at least one"
    case .wrongCount(let found, let images, let classes):
      "\(found) logits, expected \(images) images × \(classes) classes"
    case .wrongClassCount(let found, let task):
      "\(found) classes for a \(task.rawValue) task, expected \(task == .binary ? "2" : "at least 2")"
    case .labelOutOfRange(let image, let found, let classes):
      "label \(found) of image \(image), expected 0 to \(classes - 1)"
    case .notFinite(let image, let classIndex): "logit of image \(image), class \(classIndex) is not finite"
    }
  }
}
