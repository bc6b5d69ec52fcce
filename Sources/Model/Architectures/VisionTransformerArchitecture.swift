public import QuantumCircuits

/// What a student is: everything that decides the number and the meaning of its parameters.
///
/// Defaults are the paper's two tables, and where the paper is silent the choices of the ambiguity ledger (README).
public struct VisionTransformerArchitecture: Hashable, Sendable {
  /// What makes queries, keys and values from a token.
  public enum Projection: Hashable, Sendable {
    /// ViT: Linear(q, q) with bias, each.
    case linear
    /// QViT: one circuit each, applied to every token; no bias.
    case circuit(layout: [QubitPair], sharing: ParameterSharing, scope: CircuitScope)
  }

  /// Whether a circuit spans all channels or one head's.
  public enum CircuitScope: String, CaseIterable, Sendable {
    /// One circuit of q qubits; its output is split into heads.
    case allHeads = "all-heads"
    /// One circuit of q/h qubits per head, on the head's own channels, with its own parameters.
    case perHead = "per-head"
  }

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
  /// Width of the MLP's hidden layer in units of q.
  public var mlpRatio = 2
  /// Queries, keys and values.
  public var projection: Projection
  /// Tokens to one vector.
  public var pooling = Pooling.mean
  /// Pixels to numbers.
  public var normalisation = PixelNormalisation.half

  /// A student for images of `imageSize` pixels and `classes` classes, two-headed, of four channels.
  public init(imageSize: Int, classes: Int, projection: Projection) {
    self.imageSize = imageSize
    self.classes = classes
    self.projection = projection
  }

  /// Patches along one side: 14 at both resolutions.
  public static let gridSize = 14

  /// p: 2 at 28 pixels, 16 at 224.
  public var patchSize: Int { imageSize / Self.gridSize }

  /// Patches of an image.
  public var patchCount: Int { Self.gridSize * Self.gridSize }

  /// T: the patches, and the class token if there is one.
  public var tokens: Int { patchCount + (pooling == .classToken ? 1 : 0) }

  /// D = C/H.
  public var headDimension: Int { qubits / heads }

  /// Attention by moments where it suits the heads and their scores are known to be bounded: circuit outputs are.
  public var fastestAttention: AttentionMethod {
    projection != .linear && headDimension == 2 ? .polynomial : .direct
  }

  /// Channels of the MLP's hidden layer.
  public var mlpWidth: Int { mlpRatio * qubits }

  /// The circuits of one projection: one, or one per head; empty for a ViT.
  public var circuits: [Circuit] {
    guard case .circuit(let layout, let sharing, let scope) = projection else { return [] }
    let span = scope == .allHeads ? qubits : headDimension
    return Array(
      repeating: Circuit(qubits: span, pairs: layout, sharing: sharing), count: scope == .allHeads ? 1 : heads)
  }

  /// Why these numbers make no student, or nil if they do.
  public var problem: String? {
    guard imageSize == 28 || imageSize == 224 else { return "image size \(imageSize), expected 28 or 224" }
    guard (2...256).contains(classes) else { return "\(classes) classes, expected 2 to 256" }
    guard (2...10).contains(qubits), qubits % 2 == 0 else { return "\(qubits) qubits, expected 2, 4, 6, 8 or 10" }
    guard heads > 0, qubits % heads == 0 else { return "\(heads) heads, expected a divisor of \(qubits)" }
    guard (1...8).contains(blocks) else { return "\(blocks) blocks, expected 1 to 8" }
    guard (1...8).contains(mlpRatio) else { return "MLP ratio \(mlpRatio), expected 1 to 8" }
    if case .circuit(let layout, _, let scope) = projection {
      let span = scope == .allHeads ? qubits : headDimension
      for pair in layout
      where !(0..<span).contains(pair.control) || !(0..<span).contains(pair.target) || pair.control == pair.target {
        return "pair (\(pair.control), \(pair.target)) on \(span) qubits"
      }
      guard layout.count <= 64 else { return "\(layout.count) pairs, expected at most 64" }
    }
    return nil
  }
}
