public import Artifacts

/// What the paper says about the number of a student's parameters: "around 1K" at 28 pixels, four times as many, 4K, at
/// 224, and 8K at 224 with eight qubits.
///
/// Our count agrees if, rounded to whole thousands, it is the paper's: that is all that "around 1K" can mean. It varies
/// by a few dozen with the number of classes.
/// Source: arXiv:2503.07294, sections 4 and 5.
public struct ParameterClaim: Sendable, Equatable {
  /// The paper's figure in thousands.
  public let thousands: Int

  /// The paper's figure for a student; nil where it gives none.
  public init?(model: ModelKind?, resolution: Int, qubits: Int) {
    guard model == .vit || model == .qvit else { return nil }
    switch (resolution, qubits) {
    case (28, 4): thousands = 1
    case (224, 4): thousands = 4
    case (224, 8): thousands = 8
    default: return nil
    }
  }

  /// Whether a count rounds to the paper's figure.
  public func holds(for count: Int) -> Bool { count > 0 && (count + 500) / 1000 == thousands }
}
