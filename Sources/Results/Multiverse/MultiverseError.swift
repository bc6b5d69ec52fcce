public import Failures

/// Sweeps of which no table can be made.
public enum MultiverseError: Failure, Equatable {
  /// Two sweeps are of different grids.
  case differentGrids(first: String, second: String)
  /// A sweep lacks runs.
  case incomplete(path: String, missing: Int)
  /// Two sweeps of one dataset.
  case twice(dataset: String, first: String, second: String)
  /// The points do not determine how much each choice moves a measure.
  case undetermined(points: Int, effects: Int)

  /// What is there is wrong: bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line.
  public var description: String {
    switch self {
    case .differentGrids(let first, let second): "\(second): sweeps other points or seeds than \(first)"
    case .incomplete(let path, let missing): "\(path): \(missing) runs are missing"
    case .twice(let dataset, let first, let second): "\(second): sweeps \(dataset), as \(first) does"
    case .undetermined(let points, let effects):
      "\(points) points do not determine the effects of \(effects) values: more points are needed"
    }
  }
}
