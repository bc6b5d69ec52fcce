/// What makes queries, keys or values y' from the q channels y of a normalised token. Only `circuit` and `linear` are the
/// paper's; the others are controls.
public enum Projection: String, CaseIterable, Sendable {
  /// ViT: Wy + b, q² + q parameters.
  case linear
  /// QViT: one circuit (or one per head), applied to every token; no bias.
  case circuit
  /// w ∘ y + b, element by element: 2q parameters, as few as a circuit has, and nothing quantum.
  case diagonal
  /// cos(Wy + b): bounded and periodic, as a circuit is.
  case cosine
  /// tanh(Wy + b): bounded, not periodic.
  case tanh
  /// u (v · y): a linear map of rank one without bias, 2q parameters: the classical bottleneck of a circuit's size that
  /// arXiv:2504.05336 found to do what a quantum value projection does.
  case bottleneck
  /// y itself.
  case identity

  /// Whether every output lies in [−1, 1].
  public var isBounded: Bool { self == .circuit || self == .cosine || self == .tanh }
}

/// What makes queries, keys and values.
public struct Projections: Hashable, Sendable {
  /// Queries; of no meaning in uniform attention.
  public var query: Projection
  /// Keys; of no meaning in uniform attention.
  public var key: Projection
  /// Values.
  public var value: Projection

  /// One of its own for each.
  public init(query: Projection, key: Projection, value: Projection) {
    self.query = query
    self.key = key
    self.value = value
  }

  /// The same for all three.
  public init(all projection: Projection) { self.init(query: projection, key: projection, value: projection) }
}

/// What attention's concatenated heads go through on the way to the residual sum.
public enum OutputProjection: String, CaseIterable, Sendable {
  /// Linear(q, q) with bias.
  case linear
  /// Circuits like those of queries, keys and values, with angles of their own.
  case circuit
  /// Nothing.
  case none
}
