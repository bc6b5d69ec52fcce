/// A named tensor and its place in the flat vector of all parameters (or of all statistics) of a model.
public struct TensorPlace: Hashable, Sendable {
  /// Its name: a student's as in docs/conventions.md, for example `blocks.0.attn.q.theta`, a teacher's as timm has it.
  public let name: String
  /// Its shape, row-major.
  public let shape: [Int]
  /// Where it begins in the flat vector.
  public let offset: Int

  /// The tensor of `shape` that begins at `offset`.
  public init(name: String, shape: [Int], offset: Int) {
    self.name = name
    self.shape = shape
    self.offset = offset
  }

  /// The number of its elements.
  public var count: Int { shape.reduce(1, *) }
  /// Its elements' indices in the flat vector.
  public var range: Range<Int> { offset..<offset + count }
}
