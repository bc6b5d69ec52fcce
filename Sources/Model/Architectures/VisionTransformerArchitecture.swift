public import QuantumCircuits

/// What a student is: everything that decides the number and the meaning of its parameters.
///
/// Defaults are the paper's two tables, and where the paper is silent the choices of the ambiguity ledger (README).
public struct VisionTransformerArchitecture: Hashable, Sendable {
  /// How tokens become one vector.
  public enum Pooling: String, CaseIterable, Sendable {
    /// The mean over the tokens.
    case mean
    /// A learned extra token, put behind the image's.
    case classToken = "class-token"
  }

  /// Height and width of the image in pixels.
  public var imageSize: Int
  /// Classes K.
  public var classes: Int
  /// q: channels C, and qubits of a QViT.
  public var qubits = 4
  /// Attention heads H.
  public var heads = 2
  /// Transformer blocks.
  public var blocks = 1
  /// Width of the MLP's hidden layer in units of q; the width itself is a whole number.
  public var mlpRatio = 2.0
  /// Queries, keys and values.
  public var projections: Projections
  /// Attention's output.
  public var output = OutputProjection.linear
  /// The circuits, wherever there are any; nil where there are none.
  public var circuit: CircuitDesign?
  /// Whether every token attends to all tokens alike, with weights 1/T: then there are no queries and keys.
  public var uniformAttention = false
  /// The probability with which dropout sets a number to zero in training: of the tokens behind the positions, of
  /// attention's weights, and of the outputs of both branches of a block. 0 is no dropout.
  public var dropout = 0.0
  /// The standard deviation of the initial positions, whose mean is 0.
  public var positionDeviation = 0.02
  /// Tokens to one vector.
  public var pooling = Pooling.mean
  /// Pixels to numbers.
  public var normalisation = PixelNormalisation.half

  /// A student for images of `imageSize` pixels and `classes` classes, two-headed, of four channels: a QViT if a circuit
  /// for queries, keys and values is given, else a ViT.
  public init(imageSize: Int, classes: Int, circuit: CircuitDesign? = nil) {
    self.imageSize = imageSize
    self.classes = classes
    self.circuit = circuit
    projections = Projections(all: circuit == nil ? .linear : .circuit)
  }

  /// Patches along one side: 14 at both resolutions. A computed number, so that kernels of other modules have it as a
  /// constant.
  @inlinable public static var gridSize: Int { 14 }

  /// p: 2 at 28 pixels, 16 at 224.
  public var patchSize: Int { imageSize / Self.gridSize }

  /// Patches of an image.
  public var patchCount: Int { Self.gridSize * Self.gridSize }

  /// T: the patches, and the class token if there is one.
  public var tokens: Int { patchCount + (pooling == .classToken ? 1 : 0) }

  /// D = C/H.
  public var headDimension: Int { qubits / heads }

  /// Channels of the MLP's hidden layer.
  public var mlpWidth: Int { Int(mlpRatio * Double(qubits)) }

  /// What makes queries, keys and values, in this order; nil for what uniform attention does without.
  public var roles: [Projection?] {
    uniformAttention ? [nil, nil, projections.value] : [projections.query, projections.key, projections.value]
  }

  /// What attention's output goes through; nil if nothing.
  public var outputProjection: Projection? {
    switch output {
    case .linear: .linear
    case .circuit: .circuit
    case .none: nil
    }
  }

  /// Whether anything is computed by a circuit.
  public var usesCircuits: Bool { output == .circuit || roles.contains(.circuit) }

  /// The circuits of one projection: one, or one per head; empty where nothing is computed by a circuit.
  public var circuits: [Circuit] {
    guard usesCircuits, let circuit else { return [] }
    switch circuit.scope {
    case .allHeads: return [circuit.circuit(qubits: qubits)]
    case .perHead: return Array(repeating: circuit.circuit(qubits: headDimension), count: heads)
    }
  }

  /// Attention by moments where it suits the heads and their scores are known to be bounded: those of circuits, cosines and
  /// hyperbolic tangents are. Otherwise in tiles where there are more than ten channels and heads of more than six, and
  /// where `direct` has no kernel.
  public var fastestAttention: AttentionMethod {
    if attentionProblem(.polynomial) == nil, projections.query.isBounded, projections.key.isBounded {
      return .polynomial
    }
    // Up to ten channels heads are computed as they always were.
    return attentionProblem(.direct) != nil || (qubits > 10 && headDimension > 6) ? .tiled : .direct
  }

  /// Why attention can't be computed by a method, or nil if it can.
  public func attentionProblem(_ method: AttentionMethod) -> String? {
    switch method {
    case .direct:
      let dimensions = AttentionMethod.directDimensions
      if dimensions.contains(headDimension) { return nil }
      return "a head has \(headDimension) channels, not \(dimensions.map(String.init).joined(separator: ", "))"
    case .tiled: return nil
    case .polynomial:
      if headDimension != 2 { return "a head has \(headDimension) channels, not 2" }
      if uniformAttention { return "uniform attention has no scores" }
      if dropout > 0 { return "dropout needs every weight" }
      return nil
    }
  }

  /// Why these numbers make no student, or nil if they do.
  public var problem: String? {
    guard imageSize == 28 || imageSize == 224 else { return "image size \(imageSize), expected 28 or 224" }
    guard (2...256).contains(classes) else { return "\(classes) classes, expected 2 to 256" }
    guard (2...Circuit.largestCount).contains(qubits), qubits % 2 == 0 else {
      return "\(qubits) qubits, expected an even number from 2 to \(Circuit.largestCount)"
    }
    guard heads > 0, qubits % heads == 0 else { return "\(heads) heads, expected a divisor of \(qubits)" }
    guard (1...8).contains(blocks) else { return "\(blocks) blocks, expected 1 to 8" }
    let width = mlpRatio * Double(qubits)
    guard mlpRatio <= 8, width >= 1, width == width.rounded() else {
      return
        "MLP ratio \(mlpRatio), expected at most 8 and a whole number of hidden channels: \(qubits) times it is \(width)"
    }
    guard (0..<1).contains(dropout) else { return "dropout at rate \(dropout), expected at least 0 and less than 1" }
    guard positionDeviation >= 0, positionDeviation.isFinite else {
      return "initial positions of deviation \(positionDeviation), expected a number that is not negative"
    }
    if usesCircuits {
      guard let circuit else { return "projections by circuits, but no circuit is described" }
      if let problem = circuit.problem(qubits: circuit.scope == .allHeads ? qubits : headDimension) { return problem }
      if let made = circuits.first, CircuitMethod.allCases.allSatisfy({ !$0.suits(made) }) {
        return "\(CircuitMethod.bloch.problem(made) ?? ""), and \(CircuitMethod.stateVector.problem(made) ?? "")"
      }
    }
    return nil
  }
}
