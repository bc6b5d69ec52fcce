public import Numerics

// A convolution with kernel = stride = p on an image of 14 × 14 patches; p = 2 (28 pixels) or 16 (224 pixels).
//
//     y[o, t] = b[o] + Σ_{c, i, j} w[o, c, i, j] x[c, i, j of patch t]
//
// x is the normalised pixel a_c·u + s_c with u = 0 … 255; a and s are folded into weights and bias once per step, so that
// the kernels multiply bytes. A grey image counts as three equal channels: its weights are added up.
//
// p = 2: the bytes are repacked when they are loaded, one plane of tokens per position in the patch, and tokens lie in the
// lanes. p = 16: the image stays as it is, and the 16 pixels of a patch's row lie in the lanes (three vectors of
// interleaved colours for three channels), each with its own weight.

/// The shape of an image as the patch embedding sees it.
public struct PatchGeometry: Hashable, Sendable {
  /// Height and width in pixels: 28 or 224.
  public let imageSize: Int
  /// 1 or 3.
  public let channels: Int

  /// Patches along a side.
  public static let grid = 14

  /// The geometry of images of that size.
  /// - Precondition: 28 or 224 pixels, 1 or 3 channels.
  public init(imageSize: Int, channels: Int) {
    precondition(imageSize == 28 || imageSize == 224, "an image of \(imageSize) pixels")
    precondition(channels == 1 || channels == 3, "\(channels) channels")
    self.imageSize = imageSize
    self.channels = channels
  }

  /// p.
  public var patch: Int { imageSize / Self.grid }
  /// Bytes of a patch.
  public var patchBytes: Int { patch * patch * channels }
  /// Bytes of an image `[H, W, C]`.
  public var imageBytes: Int { imageSize * imageSize * channels }
  /// Whether images are repacked into planes of tokens.
  public var repacks: Bool { patch == 2 }
  /// Bytes of an image as the kernels read it.
  public var preparedBytes: Int { repacks ? patchBytes * vectors * laneCount : imageBytes }
  /// `Lanes` that hold one value per patch.
  var vectors: Int { (Self.grid * Self.grid + laneCount - 1) / laneCount }

  /// Brings an image `[H, W, C]` into the kernels' layout, `preparedBytes` long. Padding becomes 0.
  public func prepare(_ image: UnsafePointer<UInt8>, into prepared: UnsafeMutablePointer<UInt8>) {
    guard repacks else {
      prepared.update(from: image, count: imageBytes)
      return
    }
    let plane = vectors * laneCount
    prepared.update(repeating: 0, count: preparedBytes)
    let step = patch * channels
    for row in 0..<imageSize {
      let tokens = prepared + row / patch * Self.grid
      for c in 0..<channels {
        for column in 0..<patch {
          // Position in the patch in the order of the weight's axes: channel, row, column.
          let to = tokens + ((c * patch + row % patch) * patch + column) * plane
          let from = image + (row * imageSize + column) * channels + c
          for token in 0..<Self.grid { to[token] = from[token * step] }
        }
      }
    }
  }

  /// Calls `body` for each weight w[·, c, i, j] a stored value is multiplied with: `position` is the stored value's place in
  /// the patch (p = 2: its plane; p = 16: vector · 16 + lane), `weight` the index in `[3, p, p]`, `channel` its c.
  @inline(__always)
  func forEachWeight(_ body: (_ position: Int, _ weight: Int, _ channel: Int) -> Void) {
    for c in 0..<3 {
      for i in 0..<patch {
        for j in 0..<patch {
          let stored = channels == 1 ? 0 : c
          let position =
            repacks ? (stored * patch + i) * patch + j : i * patch * channels + j * channels + stored
          body(position, (c * patch + i) * patch + j, c)
        }
      }
    }
  }
}

/// The patch embedding with its parameters folded for bytes. Made anew for every step.
public final class PatchEmbedding {
  /// The images it takes.
  public let geometry: PatchGeometry
  /// C.
  public let outputs: Int
  private let factors: [Float]
  private let shifts: [Float]
  /// Folded weights: [position, outputs], a position's 16 lanes lying together for p = 16: [vector, outputs] of `Lanes`.
  private let weights: AlignedMemory<Float>
  private let bias: AlignedMemory<Float>

  /// A patch embedding with `outputs` channels; pixels 0 … 255 are normalised by mean and deviation of x/255 per channel.
  /// - Precondition: `outputs` is even.
  public init(geometry: PatchGeometry, outputs: Int, moments: [(mean: Double, deviation: Double)]) {
    precondition(outputs % 2 == 0 && moments.count == 3, "\(outputs) outputs, \(moments.count) channels")
    self.geometry = geometry
    self.outputs = outputs
    factors = moments.map { Float(1 / (255 * $0.deviation)) }
    shifts = moments.map { Float(-$0.mean / $0.deviation) }
    weights = AlignedMemory(count: geometry.patchBytes * outputs)
    bias = AlignedMemory(count: outputs)
  }

  /// Folds the parameters: weight `[C, 3, p, p]`, bias `[C]`.
  public func bind(weight: UnsafePointer<Float>, bias: UnsafePointer<Float>) {
    weights.clear()
    let perOutput = 3 * geometry.patch * geometry.patch
    for o in 0..<outputs {
      var folded = Double(bias[o])
      geometry.forEachWeight { position, index, c in
        let value = weight[o * perOutput + index]
        weights.base[place(position, o)] += value * factors[c]
        folded += Double(value) * Double(shifts[c])
      }
      self.bias.base[o] = Float(folded)
    }
  }

  /// Where the weight of a position and an output lies.
  private func place(_ position: Int, _ o: Int) -> Int {
    geometry.repacks
      ? o * geometry.patchBytes + position : (position / laneCount * outputs + o) * laneCount + position % laneCount
  }

  /// y `[C, T]` of a prepared image; `pixels` `[patchBytes, T]` keeps the bytes as numbers for the backward pass (p = 2).
  public func forward(_ image: UnsafePointer<UInt8>, pixels: Planes, into y: Planes) {
    precondition(y.channels == outputs, "the embedding's planes")
    if geometry.repacks {
      let bytes = UnsafePointer(image)
      for index in 0..<geometry.patchBytes * geometry.vectors {
        pixels.base[index] = loadBytes(bytes + index * laneCount)
      }
      linearForward(pixels, weight: weights.base, bias: bias.base, into: y, accumulating: false)
    } else {
      for o in stride(from: 0, to: outputs, by: 2) { patchRows(image, into: y, from: o) }
    }
  }

  /// Two output channels of two neighbouring patches at a time.
  private func patchRows(_ image: UnsafePointer<UInt8>, into y: Planes, from o: Int) {
    let p = geometry.patch
    let (rowBytes, patchRow) = (geometry.imageSize * geometry.channels, p * geometry.channels)
    let folded = UnsafeMutableRawPointer(weights.base).assumingMemoryBound(to: Lanes.self) + o
    for token in stride(from: 0, to: PatchGeometry.grid * PatchGeometry.grid, by: 2) {
      let start = image + token / PatchGeometry.grid * p * rowBytes + token % PatchGeometry.grid * patchRow
      var (a0, a1, b0, b1) = (splat(0), splat(0), splat(0), splat(0))
      var vector = 0
      for i in 0..<p {
        for k in 0..<geometry.channels {
          let row = start + i * rowBytes + k * laneCount
          let (first, second) = (loadBytes(row), loadBytes(row + patchRow))
          let (w0, w1) = (folded[vector * outputs], folded[vector * outputs + 1])
          a0 = multiplyAdd(first, w0, a0)
          a1 = multiplyAdd(first, w1, a1)
          b0 = multiplyAdd(second, w0, b0)
          b1 = multiplyAdd(second, w1, b1)
          vector += 1
        }
      }
      y[o, token] = sum(a0) + bias.base[o]
      y[o + 1, token] = sum(a1) + bias.base[o + 1]
      y[o, token + 1] = sum(b0) + bias.base[o]
      y[o + 1, token + 1] = sum(b1) + bias.base[o + 1]
    }
  }

  /// The number of `Lanes` in which a chunk collects the weight's gradient, in the place order of the folded weights.
  public var gradientCount: Int {
    geometry.repacks ? geometry.patchBytes * outputs : geometry.patchBytes / laneCount * outputs
  }

  /// Adds Σ_t dy[o, t] u[·, t] in lanes to `dWeight` (`gradientCount`) and Σ_t dy[o, t] to `dBias` `[C]`. The image is
  /// needed again for p = 16, the saved `pixels` for p = 2. dy's padding must be zero.
  public func backward(
    _ dy: Planes, image: UnsafePointer<UInt8>, pixels: Planes, dWeight: UnsafeMutablePointer<Lanes>,
    dBias: UnsafeMutablePointer<Lanes>
  ) {
    for o in 0..<outputs {
      var sum = dBias[o]
      for v in 0..<dy.vectors { sum += dy.channel(o)[v] }
      dBias[o] = sum
    }
    if geometry.repacks {
      weightGradient(dy, x: pixels, dWeight: dWeight)
    } else {
      for o in stride(from: 0, to: outputs, by: 2) { rowGradients(dy, image: image, from: o, dWeight: dWeight) }
    }
  }

  /// Two output channels; the sums of two patch rows' vectors at a time stay in registers while the tokens pass by.
  private func rowGradients(
    _ dy: Planes, image: UnsafePointer<UInt8>, from o: Int, dWeight: UnsafeMutablePointer<Lanes>
  ) {
    let p = geometry.patch
    let (rowBytes, patchRow) = (geometry.imageSize * geometry.channels, p * geometry.channels)
    let step = dy.vectors * laneCount
    let (d0, d1) = (dy.scalars + o * step, dy.scalars + (o + 1) * step)
    for i in stride(from: 0, to: p, by: 2) {
      for k in 0..<geometry.channels {
        let upper = dWeight + (i * geometry.channels + k) * outputs + o
        let lower = upper + geometry.channels * outputs
        var (u0, u1, l0, l1) = (upper[0], upper[1], lower[0], lower[1])
        for gridRow in 0..<PatchGeometry.grid {
          let row = image + (gridRow * p + i) * rowBytes + k * laneCount
          for column in 0..<PatchGeometry.grid {
            let token = gridRow * PatchGeometry.grid + column
            let (g0, g1) = (splat(d0[token]), splat(d1[token]))
            let above = loadBytes(row + column * patchRow)
            let below = loadBytes(row + column * patchRow + rowBytes)
            u0 = multiplyAdd(above, g0, u0)
            u1 = multiplyAdd(above, g1, u1)
            l0 = multiplyAdd(below, g0, l0)
            l1 = multiplyAdd(below, g1, l1)
          }
        }
        upper[0] = u0
        upper[1] = u1
        lower[0] = l0
        lower[1] = l1
      }
    }
  }

  /// Turns a chunk's sums into the gradients of weight `[C, 3, p, p]` and bias `[C]`:
  /// dw[o, c, i, j] = a_c Σ dy u + s_c Σ dy.
  public func finish(
    dWeight: UnsafePointer<Lanes>, dBias: UnsafePointer<Lanes>, intoWeight weight: UnsafeMutablePointer<Float>,
    intoBias bias: UnsafeMutablePointer<Float>
  ) {
    let perOutput = 3 * geometry.patch * geometry.patch
    let numbers = UnsafeRawPointer(dWeight).assumingMemoryBound(to: Float.self)
    for o in 0..<outputs {
      let total = sum(dBias[o])
      bias[o] = total
      geometry.forEachWeight { position, index, c in
        let products = geometry.repacks ? sum(dWeight[place(position, o)]) : numbers[place(position, o)]
        weight[o * perOutput + index] = factors[c] * products + shifts[c] * total
      }
    }
  }
}
