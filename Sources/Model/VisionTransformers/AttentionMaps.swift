public import Architectures
import TransformerKernels
import VectorMath

/// Where a student looks: how much attention each patch of an image gets, by block and head.
public struct AttentionMaps: Sendable, Equatable {
  /// A head's map: for each of the 14 × 14 patches, row by row from the top left, the mean over the tokens of their attention
  /// weight on it. With a class token, its own weights instead of the mean; as a place that is looked at it is left out.
  public struct Head: Sendable, Equatable {
    /// The block, from 0.
    public let block: Int
    /// The head, from 0.
    public let head: Int
    /// The weights.
    public let weights: [Float]
  }

  /// The heads in order; empty where attention has no weights of its own (uniform attention).
  public let heads: [Head]
  /// The logits of the classes.
  public let logits: [Float]

  /// The maps of one image, pixels `[S, S, 1 or 3]`, of a student with these parameters `[P]`.
  public init(_ architecture: VisionTransformerArchitecture, parameters: [Float], pixels: [UInt8]) {
    let workspace = Self.forward(architecture, parameters, pixels)
    logits = workspace.logits
    // Planes do not keep the memory that they lie in.
    heads = withExtendedLifetime(workspace) {
      workspace.blocks.flatMap { block -> [Head] in
        guard let q = block.query, let k = block.key else { return [] }
        return (0..<architecture.heads).map { head in
          Head(block: block.index, head: head, weights: Self.means(q: q, k: k, architecture, head: head))
        }
      }
    }
  }

  /// The weights of one image, softmax(QKᵀ/√D) of every block and head, `[blocks, heads, T, T]`, a row for each query; all
  /// alike where attention has none of its own.
  public static func weights(
    _ architecture: VisionTransformerArchitecture, parameters: [Float], pixels: [UInt8]
  ) -> [Float] {
    let tokens = architecture.tokens
    let workspace = forward(architecture, parameters, pixels)
    return withExtendedLifetime(workspace) {
      workspace.blocks.flatMap { block -> [Float] in
        guard let q = block.query, let k = block.key else {
          return [Float](repeating: 1 / Float(tokens), count: architecture.heads * tokens * tokens)
        }
        return (0..<architecture.heads).flatMap { head in
          (0..<tokens).flatMap { row(q: q, k: k, architecture, head: head, query: $0) }
        }
      }
    }
  }

  /// A workspace after a forward pass over the image.
  private static func forward(
    _ architecture: VisionTransformerArchitecture, _ parameters: [Float], _ pixels: [UInt8]
  ) -> TransformerWorkspace {
    let geometry = PatchGeometry(
      imageSize: architecture.imageSize, channels: pixels.count / (architecture.imageSize * architecture.imageSize))
    let layout = ParameterLayout(architecture)
    precondition(parameters.count == layout.count, "\(parameters.count) parameters, expected \(layout.count)")
    let workspace = TransformerWorkspace(
      architecture, layout: layout, channels: geometry.channels, method: nil, attention: architecture.fastestAttention)
    parameters.withUnsafeBufferPointer { values in
      if let base = values.baseAddress { workspace.bind(base, step: 0) }
    }
    let prepared = AlignedMemory<UInt8>(count: geometry.preparedBytes)
    pixels.withUnsafeBufferPointer { image in
      if let base = image.baseAddress { geometry.prepare(base, into: prepared.base) }
    }
    workspace.forward(prepared.base, next: nil, saving: true)
    return workspace
  }

  /// softmax_j(q[query]·k[j]/√D).
  private static func row(
    q: Planes, k: Planes, _ architecture: VisionTransformerArchitecture, head: Int, query: Int
  ) -> [Float] {
    let width = architecture.headDimension
    let columns = head * width..<(head + 1) * width
    let scale = 1 / Float(width).squareRoot()
    let scores = (0..<architecture.tokens).map { token in
      columns.reduce(Float(0)) { $0 + q[$1, query] * k[$1, token] } * scale
    }
    let largest = scores.max() ?? 0
    let exponentials = scores.map { Float.exp($0 - largest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }

  /// Means over the reading tokens i of softmax_j(q[i]·k[j]/√D).
  private static func means(
    q: Planes, k: Planes, _ architecture: VisionTransformerArchitecture, head: Int
  ) -> [Float] {
    let tokens = architecture.tokens
    let readers = architecture.pooling == .classToken ? tokens - 1..<tokens : 0..<tokens
    var means = [Float](repeating: 0, count: architecture.patchCount)
    for reader in readers {
      let weights = row(q: q, k: k, architecture, head: head, query: reader)
      for patch in means.indices { means[patch] += weights[patch] / Float(readers.count) }
    }
    return means
  }
}
