/// A part of a dataset. In every table and file the order is train, val, test.
public enum Split: String, CaseIterable, Sendable, Hashable {
  /// Images the weights are fitted to.
  case train
  /// Images that choose the epoch.
  case val
  /// Images the reported metrics are computed on, once.
  case test

  /// Position in the order train, val, test.
  public var order: Int {
    switch self {
    case .train: 0
    case .val: 1
    case .test: 2
    }
  }
}
