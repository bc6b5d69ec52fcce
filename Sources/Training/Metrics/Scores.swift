/// Scores of `count` images for `classCount` classes, row-major `[N, K]`, each finite.
public struct Scores: Sendable, Equatable {
  /// The number of images N.
  public let count: Int
  /// The number of classes K.
  public let classCount: Int
  /// The scores `[N, K]`. Float scores are held exactly.
  public let values: [Double]

  /// Scores `[N, K]` in double precision.
  /// - Precondition: `values.count` is a multiple of `classCount` and every score is finite.
  public init(_ values: [Double], classCount: Int) {
    precondition(
      classCount > 0 && values.count.isMultiple(of: classCount), "\(values.count) scores for \(classCount) classes")
    precondition(values.allSatisfy(\.isFinite), "a score is not finite")
    self.values = values
    self.classCount = classCount
    count = values.count / classCount
  }

  /// Scores `[N, K]` in single precision.
  /// - Precondition: as for double precision.
  public init(_ values: [Float], classCount: Int) {
    self.init(values.map(Double.init), classCount: classCount)
  }

  /// The scores of one class, `[N]`.
  public func column(_ index: Int) -> [Double] {
    precondition((0..<classCount).contains(index), "class \(index) of \(classCount)")
    return stride(from: index, to: values.count, by: classCount).map { values[$0] }
  }
}
