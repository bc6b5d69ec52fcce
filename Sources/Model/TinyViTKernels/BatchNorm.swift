internal import VectorMath

// R rows (all pixels of all images of a batch), C channels.
//
//   y[r, c] = γ[c] · x̂[r, c] + β[c],   x̂ = (x − μ[c]) · s[c],   s = 1/√(σ²[c] + ε)
//
// Training: μ, σ² are the mean and the biased variance over all rows of the batch; the running statistics move to
// 0.9 · old + 0.1 · new, with the unbiased variance. Frozen: μ, σ² are the running statistics.
//
//   dβ[c] = Σ_r dy,  dγ[c] = Σ_r dy · x̂
//   dx    = γ s · (dy − dβ/R − x̂ · dγ/R)      training
//   dx    = γ s · dy                            frozen
//
// A batch is cut into chunks of images: every chunk adds its rows to `ChannelMoments` of its own, in Double; these are
// merged in the order of the chunks. Saved between forward and backward: x, and μ, s per channel.

/// Count, mean and sum of squared deviations of each channel over the rows seen so far.
package struct ChannelMoments: Sendable {
  /// Rows seen.
  package private(set) var rows = 0.0
  /// Mean of each channel.
  package private(set) var mean: [Double]
  private var squares: [Double]

  /// No rows of `channels` channels.
  package init(channels: Int) {
    mean = Array(repeating: 0, count: channels)
    squares = mean
  }

  /// The biased variance of each channel (divided by the number of rows).
  package var variance: [Double] { squares.map { $0 / rows } }

  /// Adds rows x [rows, C]: their mean and squared deviations in single precision, merged in double precision.
  ///
  /// At most a few hundred rows at a time keep the single precision harmless.
  package mutating func add(rows count: Int, _ x: UnsafePointer<Float>) {
    let channels = mean.count
    for c in stride(from: 0, to: channels, by: laneCount) {
      var total = splat(0)
      for row in 0..<count { total += loadLanes(x + (row &* channels &+ c)) }
      let centre = total * splat(1 / Float(count))
      var deviations = splat(0)
      var rest = splat(0)
      for row in 0..<count {
        let d = loadLanes(x + (row &* channels &+ c)) - centre
        rest += d
        deviations = multiplyAdd(d, d, deviations)
      }
      // `rest` is what rounding the mean left over.
      for lane in 0..<laneCount {
        let correction = Double(rest[lane]) / Double(count)
        merge(
          channel: c + lane, rows: Double(count), mean: Double(centre[lane]) + correction,
          squares: Double(deviations[lane]) - correction * Double(rest[lane]))
      }
    }
    rows += Double(count)
  }

  /// Adds another chunk's rows.
  package mutating func merge(_ other: ChannelMoments) {
    guard other.rows > 0 else { return }
    for channel in mean.indices {
      merge(channel: channel, rows: other.rows, mean: other.mean[channel], squares: other.squares[channel])
    }
    rows += other.rows
  }

  /// Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
  @inline(__always)
  private mutating func merge(channel: Int, rows count: Double, mean other: Double, squares otherSquares: Double) {
    let all = rows + count
    let difference = other - mean[channel]
    mean[channel] += difference * (count / all)
    squares[channel] += otherSquares + difference * difference * (rows * count / all)
  }
}

/// A batch norm with its statistics decided: what the forward and backward of each row need, [C] each.
package struct Normalisation: Sendable {
  /// μ.
  package private(set) var mean: [Float]
  /// s = 1/√(σ² + ε).
  package private(set) var reciprocalDeviation: [Float]
  /// γ s, so that y = scale · x + shift.
  package private(set) var scale: [Float]
  /// β − μ γ s.
  package private(set) var shift: [Float]

  /// From the statistics of each channel and the affine parameters.
  package init(mean: [Double], variance: [Double], gamma: UnsafePointer<Float>, beta: UnsafePointer<Float>) {
    self.mean = mean.map { Float($0) }
    let deviations = variance.map { 1 / ($0 + Double(normEpsilon)).squareRoot() }
    reciprocalDeviation = deviations.map { Float($0) }
    scale = deviations.indices.map { Float(deviations[$0] * Double(gamma[$0])) }
    shift = deviations.indices.map { Float(Double(beta[$0]) - mean[$0] * deviations[$0] * Double(gamma[$0])) }
  }
}

/// y = scale · x + shift, then GELU if asked for, for rows [rows, C]; y may be x.
package func normalise(
  rows: Int, _ x: UnsafePointer<Float>, _ normalisation: Normalisation, gelu activated: Bool,
  into y: UnsafeMutablePointer<Float>
) {
  let channels = normalisation.scale.count
  normalisation.scale.withUnsafeBufferPointer { scale in
    normalisation.shift.withUnsafeBufferPointer { shift in
      guard let scale = scale.baseAddress, let shift = shift.baseAddress else { return }
      for row in 0..<rows {
        let from = x + row &* channels
        let to = y + row &* channels
        if activated {
          for c in stride(from: 0, to: channels, by: laneCount) {
            storeLanes(gelu(multiplyAdd(loadLanes(from + c), loadLanes(scale + c), loadLanes(shift + c))), to: to + c)
          }
        } else {
          for c in stride(from: 0, to: channels, by: laneCount) {
            storeLanes(multiplyAdd(loadLanes(from + c), loadLanes(scale + c), loadLanes(shift + c)), to: to + c)
          }
        }
      }
    }
  }
}

/// y = GELU(residual + scale · x + shift), rows [rows, C]; y may be residual.
package func normaliseAddGELU(
  rows: Int, _ x: UnsafePointer<Float>, _ normalisation: Normalisation, residual: UnsafePointer<Float>,
  into y: UnsafeMutablePointer<Float>
) {
  normaliseResidual(rows: rows, x, normalisation) { i, value in
    storeLanes(gelu(loadLanes(residual + i) + value), to: y + i)
  }
}

/// dy ← dy · GELU′(scale · x + shift), rows [rows, C]: back through the activation behind a batch norm.
package func normaliseGELUBackward(
  rows: Int, _ x: UnsafePointer<Float>, _ normalisation: Normalisation, dy: UnsafeMutablePointer<Float>
) {
  normaliseResidual(rows: rows, x, normalisation) { i, value in
    storeLanes(loadLanes(dy + i) * geluDerivative(value), to: dy + i)
  }
}

/// dy ← dy · GELU′(residual + scale · x + shift), rows [rows, C]: back through `normaliseAddGELU`.
package func normaliseAddGELUBackward(
  rows: Int, _ x: UnsafePointer<Float>, _ normalisation: Normalisation, residual: UnsafePointer<Float>,
  dy: UnsafeMutablePointer<Float>
) {
  normaliseResidual(rows: rows, x, normalisation) { i, value in
    storeLanes(loadLanes(dy + i) * geluDerivative(loadLanes(residual + i) + value), to: dy + i)
  }
}

/// Calls `body` with each index and scale · x + shift there.
@inline(__always)
private func normaliseResidual(
  rows: Int, _ x: UnsafePointer<Float>, _ normalisation: Normalisation, _ body: (Int, Lanes) -> Void
) {
  let channels = normalisation.scale.count
  normalisation.scale.withUnsafeBufferPointer { scale in
    normalisation.shift.withUnsafeBufferPointer { shift in
      guard let scale = scale.baseAddress, let shift = shift.baseAddress else { return }
      for row in 0..<rows {
        for c in stride(from: 0, to: channels, by: laneCount) {
          let i = row &* channels &+ c
          body(i, multiplyAdd(loadLanes(x + i), loadLanes(scale + c), loadLanes(shift + c)))
        }
      }
    }
  }
}

/// Σ dy and Σ dy · (x − μ) of each channel over the rows seen so far, in double precision.
package struct ChannelGradientSums: Sendable {
  /// Rows seen.
  package private(set) var rows = 0.0
  /// Σ dy.
  package private(set) var dy: [Double]
  /// Σ dy · (x − μ).
  package private(set) var product: [Double]

  /// No rows of `channels` channels.
  package init(channels: Int) {
    dy = Array(repeating: 0, count: channels)
    product = dy
  }

  /// Adds rows [rows, C]; at most a few hundred at a time (single precision inside).
  package mutating func add(
    rows count: Int, dy above: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ normalisation: Normalisation
  ) {
    let channels = dy.count
    for c in stride(from: 0, to: channels, by: laneCount) {
      let mean = normalisation.mean.withUnsafeBufferPointer { $0.baseAddress.map { loadLanes($0 + c) } ?? splat(0) }
      var total = splat(0)
      var products = splat(0)
      for row in 0..<count {
        let i = row &* channels &+ c
        let d = loadLanes(above + i)
        total += d
        products = multiplyAdd(d, loadLanes(x + i) - mean, products)
      }
      for lane in 0..<laneCount {
        dy[c + lane] += Double(total[lane])
        product[c + lane] += Double(products[lane])
      }
    }
    rows += Double(count)
  }

  /// Adds another chunk's rows.
  package mutating func merge(_ other: ChannelGradientSums) {
    for channel in dy.indices {
      dy[channel] += other.dy[channel]
      product[channel] += other.product[channel]
    }
    rows += other.rows
  }
}

/// The backward pass of a batch norm with its sums over the batch decided, [C] each:
/// dx = scale · dy − constant − slope · (x − μ).
package struct NormalisationGradient: Sendable {
  /// dγ.
  package private(set) var dGamma: [Float]
  /// dβ.
  package private(set) var dBeta: [Float]
  private var scale: [Float]
  private var constant: [Float]
  private var slope: [Float]
  private var mean: [Float]

  /// From the sums over all rows of the batch. `frozen`: the statistics were running ones, no gradient flows through them.
  package init(_ sums: ChannelGradientSums, _ normalisation: Normalisation, frozen: Bool) {
    scale = normalisation.scale
    mean = normalisation.mean
    let deviations = normalisation.reciprocalDeviation
    dBeta = sums.dy.map { Float($0) }
    dGamma = deviations.indices.map { Float(sums.product[$0] * Double(deviations[$0])) }
    if frozen {
      constant = Array(repeating: 0, count: scale.count)
      slope = constant
    } else {
      constant = scale.indices.map { Float(Double(normalisation.scale[$0]) * sums.dy[$0] / sums.rows) }
      slope = scale.indices.map {
        let deviation = Double(deviations[$0])
        return Float(Double(normalisation.scale[$0]) * deviation * deviation * sums.product[$0] / sums.rows)
      }
    }
  }

  /// dx for rows [rows, C]; dx may be dy.
  package func backward(
    rows: Int, dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>
  ) {
    let channels = scale.count
    scale.withUnsafeBufferPointer { scale in
      constant.withUnsafeBufferPointer { constant in
        slope.withUnsafeBufferPointer { slope in
          mean.withUnsafeBufferPointer { mean in
            guard let scale = scale.baseAddress, let constant = constant.baseAddress, let slope = slope.baseAddress,
              let mean = mean.baseAddress
            else { return }
            for row in 0..<rows {
              for c in stride(from: 0, to: channels, by: laneCount) {
                let i = row &* channels &+ c
                let linear = multiplyAdd(loadLanes(dy + i), loadLanes(scale + c), splat(0) - loadLanes(constant + c))
                let centred = loadLanes(x + i) - loadLanes(mean + c)
                storeLanes(multiplySubtract(centred, loadLanes(slope + c), from: linear), to: dx + i)
              }
            }
          }
        }
      }
    }
  }
}
