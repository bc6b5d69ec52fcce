package import VectorMath

extension Reference {
  /// Attention of all heads over one window of side × side tokens with relative position biases, by its definition; layouts
  /// as in `attentionForward`, biases [H, side²].
  package struct Attention {
    /// S and H; a head is 32 wide.
    package var side, heads: Int

    /// Attention of `heads` heads over a window of side × side tokens.
    package init(side: Int, heads: Int) {
      self.side = side
      self.heads = heads
    }

    private var tokens: Int { side * side }

    private func biasIndex(_ head: Int, _ i: Int, _ j: Int) -> Int {
      head * tokens + abs(i / side - j / side) * side + abs(i % side - j % side)
    }

    /// Element d of part 0 (q), 1 (k) or 2 (v) of a token.
    private func index(_ token: Int, _ head: Int, part: Int, _ d: Int) -> Int {
      token * 3 * heads * headWidth + (head * 3 + part) * headWidth + d
    }

    private func probabilities<Number: Scalar>(_ qkv: [Number], _ biases: [Number], _ head: Int, _ i: Int) -> [Number] {
      let scores = (0..<tokens).map { j in
        (0..<headWidth).reduce(0) {
          $0 + qkv[index(i, head, part: 0, $1)] * qkv[index(j, head, part: 1, $1)]
        } / Number(headWidth).squareRoot() + biases[biasIndex(head, i, j)]
      }
      let peak = scores.max() ?? 0
      let exponentials = scores.map { Number.exp($0 - peak) }
      let total = exponentials.reduce(0, +)
      return exponentials.map { $0 / total }
    }

    /// o [T, 32 H].
    package func forward<Number: Scalar>(_ qkv: [Number], biases: [Number]) -> [Number] {
      var output = [Number](repeating: 0, count: tokens * heads * headWidth)
      for head in 0..<heads {
        for i in 0..<tokens {
          for (j, p) in probabilities(qkv, biases, head, i).enumerated() {
            for d in 0..<headWidth {
              output[(i * heads + head) * headWidth + d] += p * qkv[index(j, head, part: 2, d)]
            }
          }
        }
      }
      return output
    }

    /// dqkv [T, 96 H] and the gradient of the biases [H, S²].
    package func backward<Number: Scalar>(
      dOutput: [Number], _ qkv: [Number], biases: [Number]
    ) -> (dqkv: [Number], dBiases: [Number]) {
      var dqkv = [Number](repeating: 0, count: qkv.count)
      var dBiases = [Number](repeating: 0, count: biases.count)
      let scale = 1 / Number(headWidth).squareRoot()
      for head in 0..<heads {
        for i in 0..<tokens {
          let p = probabilities(qkv, biases, head, i)
          let above = (0..<headWidth).map { dOutput[(i * heads + head) * headWidth + $0] }
          let dp = (0..<tokens).map { j in
            (0..<headWidth).reduce(0) { $0 + above[$1] * qkv[index(j, head, part: 2, $1)] }
          }
          let total = zip(p, dp).reduce(0) { $0 + $1.0 * $1.1 }
          for j in 0..<tokens {
            let ds = p[j] * (dp[j] - total)
            dBiases[biasIndex(head, i, j)] += ds
            for d in 0..<headWidth {
              dqkv[index(j, head, part: 2, d)] += p[j] * above[d]
              dqkv[index(i, head, part: 0, d)] += ds * scale * qkv[index(j, head, part: 1, d)]
              dqkv[index(j, head, part: 1, d)] += ds * scale * qkv[index(i, head, part: 0, d)]
            }
          }
        }
      }
      return (dqkv, dBiases)
    }
  }
}
