/// A named tensor of a model and its place among all of its kind.
public struct TensorPlace: Sendable, Equatable {
  /// timm's name.
  public let name: String
  /// Its shape in PyTorch's order.
  public let shape: [Int]
  /// Its elements within the flat array of all parameters (or of all statistics).
  public let range: Range<Int>
}

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
    parameters.append(TensorPlace(name: name, shape: shape, range: start..<start + shape.reduce(1, *)))
    return start
  }

  /// Adds a statistic; returns where it begins.
  mutating func statistic(_ name: String, _ count: Int) -> Int {
    let start = statisticCount
    statistics.append(TensorPlace(name: name, shape: [count], range: start..<start + count))
    return start
  }

  /// Adds a counter; returns its number.
  mutating func counter(_ name: String) -> Int {
    counters.append(name)
    return counters.count - 1
  }
}
