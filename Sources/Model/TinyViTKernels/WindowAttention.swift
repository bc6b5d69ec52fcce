internal import VectorMath

// One window of T = S² tokens (S by S), one head of D = 32; keys are padded to Tp, a multiple of 16.
//
//   P[i, j] = softmax_j(q[i] · k[j] / √D + bias[i, j])
//   o[i]    = Σ_j P[i, j] · v[j]
//   dv[j]   = Σ_i P[i, j] · do[i]
//   dS      = P ∘ (dP − rowsum(P ∘ dP)),   dP[i, j] = do[i] · v[j]
//   dq[i]   = Σ_j dS[i, j] · k[j] / √D,    dk[j] = Σ_i dS[i, j] · q[i] / √D
//
// bias[i, j] = attention_biases[head, |Δrow| · S + |Δcolumn|]; its gradient is the sum of dS over all pairs of that
// distance. q, k and v lie side by side for each head: a token's 3 C outputs are, head by head, [q 32 | k 32 | v 32].
// Saved between forward and backward: q, k, v. P is recomputed (as many floats as q, k and v together in a 14 × 14
// window, for a tenth of the work).

/// The width of a head.
package let headWidth = 32

/// The geometry of one head over one window.
package struct AttentionShape: Sendable {
  /// S, tokens along a side of the window.
  package var side: Int
  /// H, so that C = 32 H.
  package var heads: Int

  /// `heads` heads over windows of side × side tokens.
  package init(side: Int, heads: Int) {
    self.side = side
    self.heads = heads
  }

  /// T = S².
  package var tokens: Int { side * side }
  /// Tp, T rounded up to a multiple of 16.
  package var paddedTokens: Int { (tokens + laneCount - 1) / laneCount * laneCount }
  /// C = 32 H.
  package var channels: Int { heads * headWidth }
  /// Floats of the expanded bias of all heads, [H, T, Tp].
  package var biasSize: Int { heads * tokens * paddedTokens }
  /// Floats of scratch memory that forward and backward need.
  package var scratchSize: Int {
    2 * tokens * paddedTokens + tokens * headWidth + panelSize(steps: headWidth, columns: paddedTokens)
  }
}

/// Behind the last key: its exponential vanishes beside any other.
private let maskedScore: Float = -1e30

/// Expands `attention_biases` [H, S²] to [H, T, Tp].
package func expandAttentionBias(
  _ shape: AttentionShape, _ biases: UnsafePointer<Float>, into expanded: UnsafeMutablePointer<Float>
) {
  expanded.update(repeating: maskedScore, count: shape.biasSize)
  forEachTokenPair(shape) { head, i, j, distance in
    expanded[(head * shape.tokens + i) * shape.paddedTokens + j] = biases[head * shape.tokens + distance]
  }
}

/// Adds the gradient of the expanded bias [H, T, Tp] to that of `attention_biases` [H, S²].
package func foldAttentionBiasGradient(
  _ shape: AttentionShape, _ gradient: UnsafePointer<Float>, addingTo dBiases: UnsafeMutablePointer<Float>
) {
  forEachTokenPair(shape) { head, i, j, distance in
    dBiases[head * shape.tokens + distance] += gradient[(head * shape.tokens + i) * shape.paddedTokens + j]
  }
}

/// Calls `body` with every head, token pair and |Δrow| · S + |Δcolumn|.
@inline(__always)
private func forEachTokenPair(_ shape: AttentionShape, _ body: (Int, Int, Int, Int) -> Void) {
  let side = shape.side
  for head in 0..<shape.heads {
    for rowI in 0..<side {
      for columnI in 0..<side {
        for rowJ in 0..<side {
          for columnJ in 0..<side {
            body(
              head, rowI * side + columnI, rowJ * side + columnJ,
              abs(rowI - rowJ) * side + abs(columnI - columnJ))
          }
        }
      }
    }
  }
}

/// 1/√32, by which queries are scaled.
private let queryScale: Float = 0.176_776_695_296_636_88

/// o [T, C] of one window, all heads, overwritten.
/// - Parameters:
///   - qkv: [T, 3 C].
///   - bias: the expanded bias [H, T, Tp].
package func attentionForward(
  _ shape: AttentionShape, qkv: UnsafePointer<Float>, bias: UnsafePointer<Float>,
  scratch: UnsafeMutablePointer<Float>, into output: UnsafeMutablePointer<Float>
) {
  let tokens = shape.tokens
  let padded = shape.paddedTokens
  let stride = 3 * shape.channels
  let memory = AttentionMemory(shape, scratch)
  for head in 0..<shape.heads {
    let q = qkv + head * 3 * headWidth
    attentionProbabilities(shape, q, stride, bias: bias + head * tokens * padded, memory)
    multiply(
      rows: tokens, columns: headWidth, steps: tokens, LeftOperand(memory.probabilities, rowStride: padded),
      RightOperand(rowMajor: q + 2 * headWidth, stride: stride), into: output + head * headWidth,
      resultStride: shape.channels, from: .zero)
  }
}

/// dqkv [T, 3 C] of one window, all heads, overwritten; the gradient of the expanded bias [H, T, Tp] accumulated.
/// - Parameter dOutput: [T, C].
package func attentionBackward(
  _ shape: AttentionShape, dOutput: UnsafePointer<Float>, qkv: UnsafePointer<Float>, bias: UnsafePointer<Float>,
  scratch: UnsafeMutablePointer<Float>, into dqkv: UnsafeMutablePointer<Float>, dBias: UnsafeMutablePointer<Float>
) {
  let tokens = shape.tokens
  let padded = shape.paddedTokens
  let stride = 3 * shape.channels
  let memory = AttentionMemory(shape, scratch)
  for head in 0..<shape.heads {
    let q = qkv + head * 3 * headWidth
    let k = q + headWidth
    let v = k + headWidth
    let dq = dqkv + head * 3 * headWidth
    let above = dOutput + head * headWidth
    attentionProbabilities(shape, q, stride, bias: bias + head * tokens * padded, memory)
    // dv = Pᵀ · do
    multiply(
      rows: tokens, columns: headWidth, steps: tokens,
      LeftOperand(memory.probabilities, rowStride: 1, stepStride: padded),
      RightOperand(rowMajor: above, stride: shape.channels), into: dq + 2 * headWidth, resultStride: stride,
      from: .zero)
    // dP = do · vᵀ
    packPanels(
      steps: headWidth, columns: tokens, from: v, stepStride: 1, columnStride: stride, into: memory.panels)
    multiply(
      rows: tokens, columns: padded, steps: headWidth, LeftOperand(above, rowStride: shape.channels),
      RightOperand(packed: memory.panels, steps: headWidth), into: memory.gradients, resultStride: padded, from: .zero)
    softmaxBackward(shape, memory, dBias: dBias + head * tokens * padded)
    // dq = dS · k / √D
    multiply(
      rows: tokens, columns: headWidth, steps: tokens, LeftOperand(memory.gradients, rowStride: padded),
      RightOperand(rowMajor: k, stride: stride), into: dq, resultStride: stride, from: .zero)
    for i in 0..<tokens {
      for d in Swift.stride(from: 0, to: headWidth, by: laneCount) {
        let at = dq + (i &* stride &+ d)
        storeLanes(loadLanes(at) * splat(queryScale), to: at)
      }
    }
    // dk = dSᵀ · (q / √D)
    multiply(
      rows: tokens, columns: headWidth, steps: tokens, LeftOperand(memory.gradients, rowStride: 1, stepStride: padded),
      RightOperand(rowMajor: memory.queries, stride: headWidth), into: dq + headWidth, resultStride: stride,
      from: .zero)
  }
}

/// Where the matrices of one head lie in the scratch memory.
private struct AttentionMemory {
  /// P [T, Tp].
  let probabilities: UnsafeMutablePointer<Float>
  /// dP, then dS [T, Tp].
  let gradients: UnsafeMutablePointer<Float>
  /// q/√D [T, 32].
  let queries: UnsafeMutablePointer<Float>
  /// kᵀ or vᵀ in panels.
  let panels: UnsafeMutablePointer<Float>

  init(_ shape: AttentionShape, _ scratch: UnsafeMutablePointer<Float>) {
    let square = shape.tokens * shape.paddedTokens
    probabilities = scratch
    gradients = scratch + square
    queries = scratch + 2 * square
    panels = queries + shape.tokens * headWidth
  }
}

/// P [T, Tp] of one head into the scratch memory, and the scaled queries.
private func attentionProbabilities(
  _ shape: AttentionShape, _ q: UnsafePointer<Float>, _ stride: Int, bias: UnsafePointer<Float>,
  _ memory: AttentionMemory
) {
  let tokens = shape.tokens
  let padded = shape.paddedTokens
  for i in 0..<tokens {
    for d in Swift.stride(from: 0, to: headWidth, by: laneCount) {
      storeLanes(
        loadLanes(q + (i &* stride &+ d)) * splat(queryScale), to: memory.queries + (i &* headWidth &+ d))
    }
  }
  packPanels(
    steps: headWidth, columns: tokens, from: q + headWidth, stepStride: 1, columnStride: stride, into: memory.panels)
  multiply(
    rows: tokens, columns: padded, steps: headWidth, LeftOperand(memory.queries, rowStride: headWidth),
    RightOperand(packed: memory.panels, steps: headWidth), into: memory.probabilities, resultStride: padded,
    from: .matrix(bias))
  // Four rows at a time: one row alone waits for its maximum and for its sum.
  var row = 0
  while tokens - row >= 4 {
    softmax(InlineArray<4, Lanes>.self, memory.probabilities + row &* padded, columns: padded)
    row += 4
  }
  while row < tokens {
    softmax(InlineArray<1, Lanes>.self, memory.probabilities + row &* padded, columns: padded)
    row += 1
  }
}

/// R rows of scores [R, Tp] become probabilities.
@inline(__always)
private func softmax<let R: Int>(
  _ shape: InlineArray<R, Lanes>.Type, _ rows: UnsafeMutablePointer<Float>, columns: Int
) {
  var peaks = InlineArray<R, Lanes>(repeating: splat(0))
  for r in 0..<R { peaks[r] = loadLanes(rows + r &* columns) }
  for j in Swift.stride(from: laneCount, to: columns, by: laneCount) {
    for r in 0..<R { peaks[r] = maximum(peaks[r], loadLanes(rows + (r &* columns &+ j))) }
  }
  for r in 0..<R { peaks[r] = splat(largest(peaks[r])) }
  var totals = InlineArray<R, Lanes>(repeating: splat(0))
  for j in Swift.stride(from: 0, to: columns, by: laneCount) {
    for r in 0..<R {
      let at = rows + (r &* columns &+ j)
      let e = exp(loadLanes(at) - peaks[r])
      totals[r] += e
      storeLanes(e, to: at)
    }
  }
  for r in 0..<R { totals[r] = splat(1 / sum(totals[r])) }
  for j in Swift.stride(from: 0, to: columns, by: laneCount) {
    for r in 0..<R {
      let at = rows + (r &* columns &+ j)
      storeLanes(loadLanes(at) * totals[r], to: at)
    }
  }
}

/// dS = P ∘ (dP − rowsum(P ∘ dP)) in place of dP, and added to the bias's gradient.
private func softmaxBackward(
  _ shape: AttentionShape, _ memory: AttentionMemory, dBias: UnsafeMutablePointer<Float>
) {
  let padded = shape.paddedTokens
  for i in 0..<shape.tokens {
    let p = memory.probabilities + i &* padded
    let g = memory.gradients + i &* padded
    let b = dBias + i &* padded
    var products = splat(0)
    for j in Swift.stride(from: 0, to: padded, by: laneCount) {
      products = multiplyAdd(loadLanes(p + j), loadLanes(g + j), products)
    }
    let total = splat(sum(products))
    for j in Swift.stride(from: 0, to: padded, by: laneCount) {
      let d = loadLanes(p + j) * (loadLanes(g + j) - total)
      storeLanes(d, to: g + j)
      storeLanes(loadLanes(b + j) + d, to: b + j)
    }
  }
}
