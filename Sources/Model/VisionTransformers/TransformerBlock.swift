import Architectures
import CircuitKernels
import QuantumCircuits
import TransformerKernels
import VectorMath

/// What one block keeps from forward to backward. A class, so that handing it on counts one reference, not ten.
final class TransformerBlock {
  let index: Int
  let names: BlockRanges
  let normal1, scale1, cos, sin, ln1: Planes
  /// Queries, keys and values; nil for what uniform attention does without.
  let roles: [BlockProjection?]
  let attended: Planes
  /// Nil if the heads go straight into the residual sum.
  let output: BlockProjection?
  let outputCos, outputSin: Planes
  let inverse: [Planes]  // of each head
  let slots: [Int]  // of each head, in the workspace's `PolynomialAttention`
  let exponentials: [UnsafeMutablePointer<Lanes>]  // of each head
  let normal2, scale2, ln2, activated, derivative: Planes
  /// Dropout's masks: of each head's weights, laid out like `exponentials`, and of both branches. Empty without dropout.
  let attentionMasks: [UnsafeMutablePointer<Lanes>]
  let branchMasks: [Planes]

  init(
    _ index: Int, _ architecture: VisionTransformerArchitecture, _ layout: ParameterLayout, method: CircuitMethod?,
    planes: (Int) -> Planes
  ) {
    let (q, heads, wide) = (architecture.qubits, architecture.heads, architecture.mlpWidth)
    let name = "blocks.\(index)"
    self.index = index
    names = BlockRanges(layout, block: index)
    (normal1, scale1, cos, sin, ln1) = (planes(q), planes(1), planes(q), planes(q), planes(q))
    let input = ln1
    roles = zip(["q", "k", "v"], architecture.roles).map { role, kind in
      kind.map { kind in
        BlockProjection(
          kind, "\(name).attn.\(role)", architecture, layout, method: method,
          result: kind == .identity ? input : planes(q), planes: planes)
      }
    }
    value = roles[2]?.result ?? input
    attended = planes(q)
    output = architecture.outputProjection.map { kind in
      BlockProjection(
        kind, "\(name).attn.proj", architecture, layout, method: method, result: nil, planes: planes)
    }
    (outputCos, outputSin) = architecture.output == .circuit ? (planes(q), planes(q)) : (cos, sin)
    inverse = (0..<heads).map { _ in planes(1) }
    slots = (0..<heads).map { index * heads + $0 }
    (normal2, scale2, ln2, activated, derivative) = (planes(q), planes(1), planes(q), planes(wide), planes(wide))
    exponentials = (0..<heads).map { _ in planes(architecture.tokens).base }
    let drops = architecture.dropout > 0
    attentionMasks = (0..<(drops ? heads : 0)).map { _ in planes(architecture.tokens).base }
    branchMasks = (0..<(drops ? 2 : 0)).map { _ in planes(q) }
  }

  /// Queries `[C, T]`; nil in uniform attention.
  var query: Planes? { roles[0]?.result }
  /// Keys `[C, T]`; nil in uniform attention.
  var key: Planes? { roles[1]?.result }
  /// Values `[C, T]`.
  let value: Planes

  /// `Lanes` of a block per 16 tokens, at most.
  static func size(_ architecture: VisionTransformerArchitecture) -> Int {
    let (q, heads) = (architecture.qubits, architecture.heads)
    var size = 11 * q + 2 + heads + 2 * architecture.mlpWidth + heads * architecture.tokens
    size += architecture.roles.count { $0 == .cosine || $0 == .tanh } * q
    size += architecture.roles.count { $0 == .bottleneck }
    if architecture.output == .circuit { size += 2 * q }
    if architecture.dropout > 0 { size += heads * architecture.tokens + 2 * q }
    return size
  }
}

/// One projection of a block: of LN1's output to queries, keys or values, or of attention's output.
final class BlockProjection {
  let kind: Projection
  /// Where its parameters are: θ, or the weight with the bias behind it.
  let parameters: Range<Int>
  /// Where weight and bias are, of a bottleneck its way down and up; empty for circuits and the identity.
  let places: (weight: Range<Int>, bias: Range<Int>)
  /// Where its result is kept, if it is: its input, for the identity.
  let result: Planes?
  /// The derivative of cosine or tanh.
  let derivative: Planes?
  /// The bottleneck's one channel.
  let middle: Planes?
  /// Its circuits.
  let evaluators: [CircuitEvaluator<Lanes>]

  init(
    _ kind: Projection, _ name: String, _ architecture: VisionTransformerArchitecture, _ layout: ParameterLayout,
    method: CircuitMethod?, result: Planes?, planes: (Int) -> Planes
  ) {
    self.kind = kind
    self.result = result
    let vectors = (architecture.tokens + laneCount - 1) / laneCount
    switch kind {
    case .circuit: (parameters, places) = (layout.range("\(name).theta"), (0..<0, 0..<0))
    case .identity: (parameters, places) = (0..<0, (0..<0, 0..<0))
    case .linear, .diagonal, .cosine, .tanh:
      places = (layout.range("\(name).weight"), layout.range("\(name).bias"))
      parameters = places.weight.lowerBound..<places.bias.upperBound
    case .bottleneck:
      places = (layout.range("\(name).down"), layout.range("\(name).up"))
      parameters = places.weight.lowerBound..<places.bias.upperBound
    }
    derivative = kind == .cosine || kind == .tanh ? planes(architecture.qubits) : nil
    middle = kind == .bottleneck ? planes(1) : nil
    evaluators =
      kind == .circuit
      ? architecture.circuits.map {
        CircuitEvaluator(circuit: $0, method: method ?? .fastest(for: $0), capacity: vectors)
      } : []
  }

  /// Takes the angles of its circuits from the flat vector.
  func bind(_ values: UnsafePointer<Float>) {
    var offset = parameters.lowerBound
    for evaluator in evaluators {
      evaluator.bind { Double(values[offset + $0]) }
      offset += evaluator.circuit.parameterCount
    }
  }
}
