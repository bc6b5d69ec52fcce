import Architectures

/// The names, shapes and places of everything a TinyViT stores, in timm's order: parameters (trained) and statistics
/// (running means and variances of batch norms).
struct ParameterTable: Sendable {
  private(set) var parameters: [TensorPlace] = []
  private(set) var statistics: [TensorPlace] = []
  /// The counters `num_batches_tracked`, one for each batch norm.
  private(set) var counters: [String] = []

  var parameterCount: Int { parameters.last?.range.upperBound ?? 0 }
  var statisticCount: Int { statistics.last?.range.upperBound ?? 0 }

  /// Adds a parameter; returns where it begins.
  mutating func parameter(_ name: String, _ shape: Int...) -> Int {
    let start = parameterCount
    parameters.append(TensorPlace(name: name, shape: shape, offset: start))
    return start
  }

  /// Adds a statistic; returns where it begins.
  mutating func statistic(_ name: String, _ count: Int) -> Int {
    let start = statisticCount
    statistics.append(TensorPlace(name: name, shape: [count], offset: start))
    return start
  }

  /// Adds a counter; returns its number.
  mutating func counter(_ name: String) -> Int {
    counters.append(name)
    return counters.count - 1
  }
}
