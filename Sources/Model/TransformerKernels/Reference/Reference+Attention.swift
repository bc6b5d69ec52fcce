public import VectorMath

extension Reference {
  /// Attention of H heads of dimension D = C/H; head h owns the columns h·D ..< (h+1)·D.
  ///
  ///     out[i] = Σ_j m[i, j] p[i, j] v[j],   p[i, j] = softmax_j(q[i]·k[j]/√D), or 1/T without queries and keys
  ///
  /// q, k, v `[T, C]`; the masks m `[T, T]` of dropout, one per head, or none → out `[T, C]`.
  public static func attention<S: Scalar>(
    q: [S]?, k: [S]?, v: [S], channels: Int, heads: Int, masks: [[S]] = []
  ) -> [S] {
    let tokens = v.count / channels
    let dimension = channels / heads
    var out = [S](repeating: 0, count: v.count)
    for head in 0..<heads {
      let columns = head * dimension..<(head + 1) * dimension
      for i in 0..<tokens {
        let p = probabilities(i, q: q, k: k, channels: channels, columns: columns, tokens: tokens)
        for j in 0..<tokens {
          let weight = masks.isEmpty ? p[j] : p[j] * masks[head][i * tokens + j]
          for c in columns { out[i * channels + c] += weight * v[j * channels + c] }
        }
      }
    }
    return out
  }

  /// With dp[i, j] = m[i, j] dout[i]·v[j] and ds = p (dp − Σ_j p dp):
  /// dq[i] = Σ_j ds k[j]/√D, dk[j] = Σ_i ds q[i]/√D, dv[j] = Σ_i m p dout[i]. Probabilities are computed anew. dq and dk are
  /// zero without queries and keys.
  public static func attentionBackward<S: Scalar>(
    _ dOut: [S], q: [S]?, k: [S]?, v: [S], channels: Int, heads: Int, masks: [[S]] = []
  ) -> (dq: [S], dk: [S], dv: [S]) {
    let tokens = v.count / channels
    let dimension = channels / heads
    let scale = 1 / S(dimension).squareRoot()
    var dq = [S](repeating: 0, count: v.count)
    var (dk, dv) = (dq, dq)
    for head in 0..<heads {
      let columns = head * dimension..<(head + 1) * dimension
      for i in 0..<tokens {
        let p = probabilities(i, q: q, k: k, channels: channels, columns: columns, tokens: tokens)
        let m = masks.isEmpty ? [S](repeating: 1, count: tokens) : Array(masks[head][i * tokens..<(i + 1) * tokens])
        let dp = (0..<tokens).map { (j: Int) -> S in
          m[j] * columns.reduce(S(0)) { $0 + dOut[i * channels + $1] * v[j * channels + $1] }
        }
        let mean = zip(p, dp).reduce(S(0)) { $0 + $1.0 * $1.1 }
        for j in 0..<tokens {
          let ds = p[j] * (dp[j] - mean) * scale
          for c in columns {
            if let q, let k {
              dq[i * channels + c] += ds * k[j * channels + c]
              dk[j * channels + c] += ds * q[i * channels + c]
            }
            dv[j * channels + c] += m[j] * p[j] * dOut[i * channels + c]
          }
        }
      }
    }
    return (dq, dk, dv)
  }

  /// Row i of the attention probabilities of one head.
  private static func probabilities<S: Scalar>(
    _ i: Int, q: [S]?, k: [S]?, channels: Int, columns: Range<Int>, tokens: Int
  ) -> [S] {
    guard let q, let k else { return [S](repeating: 1 / S(tokens), count: tokens) }
    let scale = 1 / S(columns.count).squareRoot()
    let scores = (0..<tokens).map { (j: Int) -> S in
      columns.reduce(S(0)) { $0 + q[i * channels + $1] * k[j * channels + $1] } * scale
    }
    let largest = scores.max() ?? 0
    let exponentials = scores.map { S.exp($0 - largest) }
    let total = exponentials.reduce(0, +)
    return exponentials.map { $0 / total }
  }
}
