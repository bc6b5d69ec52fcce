/// The work of a forward pass over one image, counted by formula (docs/operations.md).
///
/// Multiply-adds are those of products: convolutions, linear maps, attention's two products, circuits. Layer and batch norms,
/// biases, residual sums, softmax's division, pooling and the scaling of pixels are not counted, as in published figures. Nor
/// are elementary functions turned into multiply-adds: their calls are a number of its own.
public struct OperationCount: Hashable, Sendable {
  /// Multiplications, each with or without an addition.
  public var multiplyAdds: Int
  /// Calls of exp (softmax: one for each weight), erf (GELU: one for each hidden value), tanh, and of sine and cosine together
  /// (one for each qubit that a token is encoded in).
  public var elementaryFunctions: Int

  /// So many of both.
  public init(multiplyAdds: Int = 0, elementaryFunctions: Int = 0) {
    self.multiplyAdds = multiplyAdds
    self.elementaryFunctions = elementaryFunctions
  }

  /// The work of both.
  public static func + (a: OperationCount, b: OperationCount) -> OperationCount {
    OperationCount(
      multiplyAdds: a.multiplyAdds + b.multiplyAdds, elementaryFunctions: a.elementaryFunctions + b.elementaryFunctions)
  }

  /// The same work several times.
  public static func * (times: Int, count: OperationCount) -> OperationCount {
    OperationCount(multiplyAdds: times * count.multiplyAdds, elementaryFunctions: times * count.elementaryFunctions)
  }
}

/// A part of a model and its work.
public struct PartOperations: Hashable, Sendable {
  /// What it is called: "attention".
  public let name: String
  /// Its work for one image.
  public let count: OperationCount
}

extension [PartOperations] {
  /// All parts together.
  public var total: OperationCount { reduce(OperationCount()) { $0 + $1.count } }
}
