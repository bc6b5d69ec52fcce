public import Datasets

/// Why the AUC of a class is not defined in a split.
public struct UndefinedAUC: Sendable, Equatable, CustomStringConvertible {
  /// What the split lacks.
  public enum Reason: String, Sendable {
    /// No image of the class.
    case absent
    /// No image of any other class.
    case fillsTheSplit = "fills-the-split"
  }

  /// The class, 0 ... K-1.
  public var classIndex: Int
  /// What the split lacks.
  public var reason: Reason

  /// The reason for one class.
  public init(classIndex: Int, reason: Reason) {
    self.classIndex = classIndex
    self.reason = reason
  }

  /// For example "class 3 has no image".
  public var description: String {
    switch reason {
    case .absent: "class \(classIndex) has no image"
    case .fillsTheSplit: "every image belongs to class \(classIndex)"
    }
  }
}

/// The AUC of a split as MedMNIST defines it, with its parts.
public struct SplitAUC: Sendable, Equatable {
  /// The result: for a binary task the AUC of class 1, otherwise the unweighted mean of `perClass`. NaN if undefined.
  public var value: Double
  /// The AUC of each class's score against the rest, `[K]`; NaN where undefined.
  public var perClass: [Double]
  /// The classes that have no AUC, and why; empty if and only if `value` is a number.
  public var undefined: [UndefinedAUC]
}

/// The AUC of a split as MedMNIST's Evaluator computes it, to the last digit.
///
/// Binary: the last column's score against label 1. Otherwise the unweighted mean of the one-vs-rest areas, summed in the
/// order of the classes. A class that is absent from the split or fills it makes the value NaN, with the reason.
/// - Parameters:
///   - scores: `[N, K]`.
///   - labels: `[N]`, each in 0 ..< K.
///   - task: binary needs K = 2.
public func areaUnderROC(_ scores: Scores, labels: [Int], task: ClassificationTask) -> SplitAUC {
  requireMatch(scores, labels, task)
  var perClass: [Double] = []
  var undefined: [UndefinedAUC] = []
  for index in 0..<scores.classCount {
    let positives = labels.map { $0 == index }
    perClass.append(areaUnderROC(scores: scores.column(index), positives: positives))
    if !positives.contains(true) {
      undefined.append(UndefinedAUC(classIndex: index, reason: .absent))
    } else if !positives.contains(false) {
      undefined.append(UndefinedAUC(classIndex: index, reason: .fillsTheSplit))
    }
  }
  let value = task == .binary ? perClass[1] : perClass.reduce(0, +) / Double(scores.classCount)
  return SplitAUC(value: value, perClass: perClass, undefined: undefined)
}

/// The checks that every measure of a split shares.
func requireMatch(_ scores: Scores, _ labels: [Int], _ task: ClassificationTask) {
  precondition(scores.count == labels.count, "\(scores.count) rows of scores, \(labels.count) labels")
  precondition(labels.allSatisfy { (0..<scores.classCount).contains($0) }, "a label is no class")
  precondition(task != .binary || scores.classCount == 2, "\(scores.classCount) classes in a binary task")
}
