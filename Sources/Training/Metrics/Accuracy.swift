public import Datasets

/// The class that each image is assigned to, `[N]`, by MedMNIST's rule.
///
/// Binary: class 1 if its score exceeds 0.5, class 0 otherwise. Otherwise the class of the highest score; of equal scores
/// the lowest class.
public func predictedClasses(_ scores: Scores, task: ClassificationTask) -> [Int] {
  if task == .binary {
    precondition(scores.classCount == 2, "\(scores.classCount) classes in a binary task")
    return scores.column(1).map { $0 > 0.5 ? 1 : 0 }
  }
  return (0..<scores.count).map { image in
    let row = image * scores.classCount
    var best = 0
    for index in 1..<max(1, scores.classCount) where scores.values[row + index] > scores.values[row + best] {
      best = index
    }
    return best
  }
}

/// The share of images whose predicted class is their label: MedMNIST's ACC.
/// - Parameters:
///   - scores: `[N, K]`.
///   - labels: `[N]`, each in 0 ..< K.
/// - Returns: a number in [0, 1]; NaN without images.
public func accuracy(_ scores: Scores, labels: [Int], task: ClassificationTask) -> Double {
  requireMatch(scores, labels, task)
  return accuracy(of: predictedClasses(scores, task: task), labels: labels)
}

/// The same of predicted classes `[N]`.
func accuracy(of predictions: [Int], labels: [Int]) -> Double {
  share(zip(predictions, labels).count { $0 == $1 }, of: labels.count)
}

/// A share as the correctly rounded quotient; NaN of nothing.
func share(_ part: Int, of whole: Int) -> Double {
  whole == 0 ? .nan : Double(part) / Double(whole)
}
