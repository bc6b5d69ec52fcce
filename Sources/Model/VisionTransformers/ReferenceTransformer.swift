public import Architectures
public import VectorMath
import QuantumCircuits
public import TransformerKernels

/// A student written as the paper states it, one image at a time, in any precision: the oracle of `VisionTransformer`.
///
///     tokens = patches·W + b + pos
///     x ← x + proj(attention(Q, K, V)),  Q, K, V = three circuits (QViT) or linear maps (ViT) of LN1(x)
///     x ← x + fc2(GELU(fc1(LN2(x))))
///
/// and in training with dropout m₀ ∘ tokens, m₁ ∘ attention's weights, x + m₂ ∘ proj(…), x + m₃ ∘ fc2(…);
///
///     penultimate = ReLU(pool(LN3(x))),  logits = head(penultimate)
public struct ReferenceTransformer<S: Scalar & BitwiseCopyable> {
  /// What it is.
  public let architecture: VisionTransformerArchitecture
  /// Where its parameters are.
  public let layout: ParameterLayout
  /// Its parameters, `[P]`.
  public var parameters: [S]

  /// A student with the given parameters `[P]`.
  public init(_ architecture: VisionTransformerArchitecture, parameters: [S]) {
    self.architecture = architecture
    layout = ParameterLayout(architecture)
    precondition(parameters.count == layout.count, "\(parameters.count) parameters, expected \(layout.count)")
    self.parameters = parameters
  }

  /// The values of a block that its backward pass or a reader may want; each `[T, ·]`.
  public struct BlockActivations {
    /// The block's input.
    public var input: [S] = []
    /// LN1 of the input.
    public var ln1: [S] = []
    /// Queries.
    public var q: [S] = []
    /// Keys.
    public var k: [S] = []
    /// Values.
    public var v: [S] = []
    /// Attention's output before the projection.
    public var attended: [S] = []
    /// Dropout's masks of the attention weights, per head; empty without dropout.
    public var attentionMasks: [[S]] = []
    /// Its masks of the outputs of both branches.
    public var branchMasks: (attention: [S], mlp: [S])?
    /// After the first residual sum.
    public var afterAttention: [S] = []
    /// LN2 of it.
    public var ln2: [S] = []
    /// The MLP's hidden layer before GELU, `[T, mlpWidth]`.
    public var hidden: [S] = []
    /// After GELU.
    public var activated: [S] = []
    /// After the second residual sum.
    public var afterMLP: [S] = []
  }

  /// Everything computed on the way from an image to its logits.
  public struct Activations {
    /// The normalised image `[3, S, S]`.
    public var input: [S] = []
    /// Embedding plus position `[T, C]`.
    public var tokens: [S] = []
    /// Dropout's mask of them; nil without dropout.
    public var tokenMask: [S]?
    /// Per block.
    public var blocks: [BlockActivations] = []
    /// LN3 of the last block's output.
    public var ln3: [S] = []
    /// Before ReLU, `[C]`.
    public var pooled: [S] = []
    /// After ReLU, `[C]`.
    public var penultimate: [S] = []
    /// `[K]`.
    public var logits: [S] = []
  }

  private func parameter(_ name: String) -> [S] { Array(parameters[layout.range(name)]) }

  /// The normalised image `[3, S, S]` of pixels `[S, S, 1 or 3]`.
  public func normalised(_ pixels: [UInt8]) -> [S] {
    let area = architecture.imageSize * architecture.imageSize
    let channels = pixels.count / area
    return architecture.normalisation.moments.enumerated().flatMap { (c, moments) in
      (0..<area).map { (pixel: Int) -> S in
        let value = S(pixels[pixel * channels + (channels == 1 ? 0 : c)]) / 255
        return (value - S(moments.mean)) / S(moments.deviation)
      }
    }
  }

  /// All activations of one image, pixels `[S, S, 1 or 3]`; in training with dropout as it draws its masks.
  public func forward(_ pixels: [UInt8], dropout: ImageDropout? = nil) -> Activations {
    var a = Activations()
    let q = architecture.qubits
    a.input = normalised(pixels)
    var tokens = Reference.patchEmbedding(
      a.input, size: architecture.imageSize, patch: architecture.patchSize, weight: parameter("patch.weight"),
      bias: parameter("patch.bias"))
    if architecture.pooling == .classToken { tokens += parameter("class_token") }
    a.tokens = sum(tokens, parameter("pos"))
    a.tokenMask = dropout.flatMap { mask($0, .tokens, a.tokens.count) }
    var x = masked(a.tokens, a.tokenMask)
    for block in 0..<architecture.blocks {
      a.blocks.append(forward(block: block, x, dropout))
      x = a.blocks[block].afterMLP
    }
    a.ln3 = Reference.layerNorm(x, weight: parameter("ln3.weight"), bias: parameter("ln3.bias"))
    switch architecture.pooling {
    case .mean:
      a.pooled = (0..<q).map { c in
        stride(from: c, to: a.ln3.count, by: q).reduce(S(0)) { $0 + a.ln3[$1] } / S(architecture.tokens)
      }
    case .classToken: a.pooled = Array(a.ln3.suffix(q))
    }
    a.penultimate = a.pooled.map { max($0, 0) }
    a.logits = Reference.linear(a.penultimate, weight: parameter("head.weight"), bias: parameter("head.bias"))
    return a
  }

  private func forward(block: Int, _ x: [S], _ dropout: ImageDropout?) -> BlockActivations {
    let name = "blocks.\(block)"
    var a = BlockActivations(input: x)
    a.ln1 = Reference.layerNorm(x, weight: parameter("\(name).ln1.weight"), bias: parameter("\(name).ln1.bias"))
    let roles = architecture.roles
    a.q = roles[0].map { project(a.ln1, "\(name).attn.q", $0) } ?? []
    a.k = roles[1].map { project(a.ln1, "\(name).attn.k", $0) } ?? []
    a.v = roles[2].map { project(a.ln1, "\(name).attn.v", $0) } ?? []
    if let dropout, architecture.dropout > 0 {
      let weights = architecture.tokens * architecture.tokens
      a.attentionMasks = (0..<architecture.heads).compactMap {
        mask(dropout, .attention(block: block, head: $0), weights)
      }
      if let attention = mask(dropout, .attentionBranch(block: block), x.count),
        let mlp = mask(dropout, .mlpBranch(block: block), x.count)
      {
        a.branchMasks = (attention, mlp)
      }
    }
    a.attended = Reference.attention(
      q: roles[0] == nil ? nil : a.q, k: roles[1] == nil ? nil : a.k, v: a.v, channels: architecture.qubits,
      heads: architecture.heads, masks: a.attentionMasks)
    let output = architecture.outputProjection.map { project(a.attended, "\(name).attn.proj", $0) } ?? a.attended
    a.afterAttention = sum(x, masked(output, a.branchMasks?.attention))
    a.ln2 = Reference.layerNorm(
      a.afterAttention, weight: parameter("\(name).ln2.weight"), bias: parameter("\(name).ln2.bias"))
    a.hidden = linear(a.ln2, "\(name).fc1")
    a.activated = Reference.gelu(a.hidden)
    a.afterMLP = sum(a.afterAttention, masked(linear(a.activated, "\(name).fc2"), a.branchMasks?.mlp))
    return a
  }

  /// A mask of dropout; nil at rate 0.
  private func mask(_ dropout: ImageDropout, _ place: DropoutPlace, _ count: Int) -> [S]? {
    guard architecture.dropout > 0 else { return nil }
    return Reference.dropoutMask(dropout, place, rate: architecture.dropout, count: count)
  }

  private func masked(_ x: [S], _ mask: [S]?) -> [S] {
    mask.map { zip(x, $0).map { (value: S, factor: S) -> S in value * factor } } ?? x
  }

  /// Adds to `gradient` `[P]` the gradient of a loss whose derivatives with respect to the logits `[K]` and to the
  /// penultimate vector `[C]` (what distillation fits; zero otherwise) are given.
  public func backward(_ a: Activations, dLogits: [S], dPenultimate: [S], gradient: inout [S]) {
    let (q, t) = (architecture.qubits, architecture.tokens)
    var dPooled = accumulate(&gradient, "head.weight", "head.bias") {
      Reference.linearBackward(
        dLogits, x: a.penultimate, weight: parameter("head.weight"), dWeight: &$0, dBias: &$1)
    }
    for c in 0..<q { dPooled[c] = a.pooled[c] > 0 ? dPooled[c] + dPenultimate[c] : 0 }
    var dNormal = [S](repeating: 0, count: t * q)
    for token in 0..<t {
      for c in 0..<q {
        switch architecture.pooling {
        case .mean: dNormal[token * q + c] = dPooled[c] / S(t)
        case .classToken: dNormal[token * q + c] = token == t - 1 ? dPooled[c] : 0
        }
      }
    }
    let last = a.blocks.last?.afterMLP ?? masked(a.tokens, a.tokenMask)
    var dx = layerNormBackward(dNormal, x: last, "ln3", &gradient)
    for block in stride(from: architecture.blocks - 1, through: 0, by: -1) {
      dx = backward(block: block, a.blocks[block], dx, &gradient)
    }
    dx = masked(dx, a.tokenMask)
    for (index, value) in zip(layout.range("pos"), dx) { gradient[index] += value }
    if architecture.pooling == .classToken {
      for (index, value) in zip(layout.range("class_token"), dx.suffix(q)) { gradient[index] += value }
    }
    let dPatches = Array(dx.prefix(architecture.patchCount * q))
    _ = accumulate(&gradient, "patch.weight", "patch.bias") {
      Reference.patchEmbeddingBackward(
        dPatches, x: a.input, size: architecture.imageSize, patch: architecture.patchSize,
        weight: parameter("patch.weight"), dWeight: &$0, dBias: &$1)
      return []
    }
    for parameter in layout.parameters where !parameter.isTrained {
      for index in parameter.range { gradient[index] = 0 }
    }
  }

  private func backward(block: Int, _ a: BlockActivations, _ dOut: [S], _ gradient: inout [S]) -> [S] {
    let name = "blocks.\(block)"
    var d = linearBackward(masked(dOut, a.branchMasks?.mlp), x: a.activated, "\(name).fc2", &gradient)
    d = Reference.geluBackward(d, x: a.hidden)
    d = linearBackward(d, x: a.ln2, "\(name).fc1", &gradient)
    let dMiddle = sum(dOut, layerNormBackward(d, x: a.afterAttention, "\(name).ln2", &gradient))
    d = masked(dMiddle, a.branchMasks?.attention)
    if let output = architecture.outputProjection {
      d = projectBackward(d, x: a.attended, "\(name).attn.proj", output, &gradient)
    }
    let roles = architecture.roles
    let (dq, dk, dv) = Reference.attentionBackward(
      d, q: roles[0] == nil ? nil : a.q, k: roles[1] == nil ? nil : a.k, v: a.v, channels: architecture.qubits,
      heads: architecture.heads, masks: a.attentionMasks)
    var dNormal = [S](repeating: 0, count: dOut.count)
    for (role, dy, projection) in [("q", dq, roles[0]), ("k", dk, roles[1]), ("v", dv, roles[2])] {
      guard let projection else { continue }
      dNormal = sum(dNormal, projectBackward(dy, x: a.ln1, "\(name).attn.\(role)", projection, &gradient))
    }
    return sum(dMiddle, layerNormBackward(dNormal, x: a.input, "\(name).ln1", &gradient))
  }

  /// Queries, keys or values of the tokens, or attention's output.
  private func project(_ x: [S], _ name: String, _ projection: Projection) -> [S] {
    switch projection {
    case .linear: return linear(x, name)
    case .cosine: return Reference.cosine(linear(x, name))
    case .tanh: return Reference.tanh(linear(x, name))
    case .diagonal:
      return Reference.diagonal(x, weight: parameter("\(name).weight"), bias: parameter("\(name).bias"))
    case .bottleneck: return Reference.bottleneck(x, down: parameter("\(name).down"), up: parameter("\(name).up"))
    case .identity: return x
    case .circuit:
      return perCircuit(x, parameter("\(name).theta")) { columns, angles, circuit, _ in
        Reference.circuit(columns, circuit: circuit, theta: angles)
      }
    }
  }

  private func projectBackward(
    _ dy: [S], x: [S], _ name: String, _ projection: Projection, _ gradient: inout [S]
  ) -> [S] {
    switch projection {
    case .linear: return linearBackward(dy, x: x, name, &gradient)
    case .cosine:
      return linearBackward(Reference.cosineBackward(dy, z: linear(x, name)), x: x, name, &gradient)
    case .tanh: return linearBackward(Reference.tanhBackward(dy, z: linear(x, name)), x: x, name, &gradient)
    case .diagonal:
      return accumulate(&gradient, "\(name).weight", "\(name).bias") {
        Reference.diagonalBackward(dy, x: x, weight: parameter("\(name).weight"), dWeight: &$0, dBias: &$1)
      }
    case .bottleneck:
      return accumulate(&gradient, "\(name).down", "\(name).up") {
        Reference.bottleneckBackward(
          dy, x: x, down: parameter("\(name).down"), up: parameter("\(name).up"), dDown: &$0, dUp: &$1)
      }
    case .identity: return dy
    case .circuit:
      let range = layout.range("\(name).theta")
      return perCircuit(x, parameter("\(name).theta")) { columns, angles, circuit, index in
        var dTheta = [S](repeating: 0, count: angles.count)
        let dColumns = Self.columns(of: dy, index, width: circuit.qubits, channels: architecture.qubits)
        let dx = Reference.circuitBackward(dColumns, x: columns, circuit: circuit, theta: angles, dTheta: &dTheta)
        for (offset, value) in dTheta.enumerated() {
          gradient[range.lowerBound + index * angles.count + offset] += value
        }
        return dx
      }
    }
  }

  /// Applies `body` to each circuit's own channels and parameters and puts the results together again.
  private func perCircuit(
    _ x: [S], _ theta: [S], _ body: (_ columns: [S], _ theta: [S], Circuit, _ index: Int) -> [S]
  ) -> [S] {
    var y = x
    let channels = architecture.qubits
    for (index, circuit) in architecture.circuits.enumerated() {
      let n = circuit.qubits
      let count = circuit.parameterCount
      let part = body(
        Self.columns(of: x, index, width: n, channels: channels),
        Array(theta[index * count..<(index + 1) * count]), circuit, index)
      for t in 0..<x.count / channels {
        for c in 0..<n { y[t * channels + index * n + c] = part[t * n + c] }
      }
    }
    return y
  }

  private static func columns(of x: [S], _ index: Int, width: Int, channels: Int) -> [S] {
    var columns: [S] = []
    for start in stride(from: index * width, to: x.count, by: channels) { columns += x[start..<start + width] }
    return columns
  }

  private func linear(_ x: [S], _ name: String) -> [S] {
    Reference.linear(x, weight: parameter("\(name).weight"), bias: parameter("\(name).bias"))
  }

  private func linearBackward(_ dy: [S], x: [S], _ name: String, _ gradient: inout [S]) -> [S] {
    accumulate(&gradient, "\(name).weight", "\(name).bias") {
      Reference.linearBackward(dy, x: x, weight: parameter("\(name).weight"), dWeight: &$0, dBias: &$1)
    }
  }

  private func layerNormBackward(_ dy: [S], x: [S], _ name: String, _ gradient: inout [S]) -> [S] {
    accumulate(&gradient, "\(name).weight", "\(name).bias") {
      Reference.layerNormBackward(dy, x: x, weight: parameter("\(name).weight"), dWeight: &$0, dBias: &$1)
    }
  }

  private func accumulate(
    _ gradient: inout [S], _ weight: String, _ bias: String, _ body: (inout [S], inout [S]) -> [S]
  ) -> [S] {
    var dWeight = Array(gradient[layout.range(weight)])
    var dBias = Array(gradient[layout.range(bias)])
    let result = body(&dWeight, &dBias)
    gradient.replaceSubrange(layout.range(weight), with: dWeight)
    gradient.replaceSubrange(layout.range(bias), with: dBias)
    return result
  }

  private func sum(_ a: [S], _ b: [S]) -> [S] { zip(a, b).map { (x: S, y: S) -> S in x + y } }
}
