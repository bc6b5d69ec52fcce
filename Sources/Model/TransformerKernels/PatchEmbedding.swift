import Architectures
public import VectorMath

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

/// Patches along a side.
private var grid: Int { VisionTransformerArchitecture.gridSize }

/// The shape of an image as the patch embedding sees it.
public struct PatchGeometry: Hashable, Sendable {
  /// Height and width in pixels: 28 or 224.
  public let imageSize: Int
  /// 1 or 3.
  public let channels: Int

  /// The geometry of images of that size.
  /// - Precondition: 28 or 224 pixels, 1 or 3 channels.
  public init(imageSize: Int, channels: Int) {
    precondition(imageSize == 28 || imageSize == 224, "an image of \(imageSize) pixels")
    precondition(channels == 1 || channels == 3, "\(channels) channels")
    self.imageSize = imageSize
    self.channels = channels
  }

  /// p.
  public var patch: Int { imageSize / grid }
  /// Bytes of a patch.
  public var patchBytes: Int { patch * patch * channels }
  /// Bytes of an image `[H, W, C]`.
  public var imageBytes: Int { imageSize * imageSize * channels }
  /// Whether images are repacked into planes of tokens.
  public var repacks: Bool { patch == 2 }
  /// Bytes of an image as the kernels read it.
  public var preparedBytes: Int { repacks ? patchBytes * vectors * laneCount : imageBytes }
  /// `Lanes` that hold one value per patch.
  var vectors: Int { (grid * grid + laneCount - 1) / laneCount }

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
      let tokens = prepared + row / patch * grid
      for c in 0..<channels {
        for column in 0..<patch {
          // Position in the patch in the order of the weight's axes: channel, row, column.
          let to = tokens + ((c * patch + row % patch) * patch + column) * plane
          let from = image + (row * imageSize + column) * channels + c
          for token in 0..<grid { to[token] = from[token * step] }
        }
      }
    }
  }

  /// For each w[·, c, i, j] in the order of its axes, the place in the patch of the stored value it is multiplied with
  /// (p = 2: its plane; p = 16: vector · 16 + lane).
  var weightPositions: [Int] {
    (0..<3 * patch * patch).map { index in
      let (c, i, j) = (index / (patch * patch), index / patch % patch, index % patch)
      let stored = channels == 1 ? 0 : c
      return repacks ? (stored * patch + i) * patch + j : i * patch * channels + j * channels + stored
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
  /// Folded weights: [outputs, position] for p = 2; for p = 16 a position's 16 lanes lie together, [vector, outputs] of `Lanes`.
  private let weights: AlignedMemory<Float>
  private let bias: AlignedMemory<Float>
  /// Where the folded weight of each w[0, c, i, j] lies; that of w[o, …] is `outputStep` · o behind it.
  private let places: [Int]
  private let outputStep: Int

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
    outputStep = geometry.repacks ? geometry.patchBytes : laneCount
    places = geometry.weightPositions.map {
      geometry.repacks ? $0 : $0 / laneCount * outputs * laneCount + $0 % laneCount
    }
  }

  /// Calls `body` for each weight of output o: its index in `[C, 3, p, p]`, the place of its folded weight, and its c.
  @inline(__always)
  private func forEachWeight(of o: Int, _ body: (_ index: Int, _ place: Int, _ channel: Int) -> Void) {
    let area = geometry.patch * geometry.patch
    places.withUnsafeBufferPointer { places in
      for c in 0..<3 {
        for position in c * area..<(c + 1) * area {
          body(o * 3 * area + position, places[position] + o * outputStep, c)
        }
      }
    }
  }

  /// Folds the parameters: weight `[C, 3, p, p]`, bias `[C]`.
  public func bind(weight: UnsafePointer<Float>, bias: UnsafePointer<Float>) {
    weights.clear()
    let weights = weights.base
    for o in 0..<outputs {
      var folded = Double(bias[o])
      forEachWeight(of: o) { index, place, c in
        weights[place] += weight[index] * factors[c]
        folded += Double(weight[index]) * Double(shifts[c])
      }
      self.bias.base[o] = Float(folded)
    }
  }

  /// y `[C, T]` of a prepared image; `pixels` `[patchBytes, T]` keeps the bytes as numbers for the backward pass (p = 2).
  /// For p = 16 the image that comes `next` is brought into the cache meanwhile.
  public func forward(
    _ image: UnsafePointer<UInt8>, next: UnsafePointer<UInt8>? = nil, pixels: Planes, into y: Planes
  ) {
    precondition(y.channels == outputs, "the embedding's planes")
    if geometry.repacks {
      for index in 0..<geometry.patchBytes * geometry.vectors {
        pixels.base[index] = loadBytes(image + index * laneCount)
      }
      linearForward(pixels, weight: weights.base, bias: bias.base, into: y, accumulating: false)
    } else {
      patchRows(
        image, next: next, channels: geometry.channels,
        weights: UnsafeMutableRawPointer(weights.base).assumingMemoryBound(to: Lanes.self), bias: bias.base, into: y)
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
      patchRowsBackward(dy, image: image, channels: geometry.channels, dWeight: dWeight)
    }
  }

  /// Turns a chunk's sums into the gradients of weight `[C, 3, p, p]` and bias `[C]`:
  /// dw[o, c, i, j] = a_c Σ dy u + s_c Σ dy.
  public func finish(
    dWeight: UnsafePointer<Lanes>, dBias: UnsafePointer<Lanes>, intoWeight weight: UnsafeMutablePointer<Float>,
    intoBias bias: UnsafeMutablePointer<Float>
  ) {
    let numbers = UnsafeRawPointer(dWeight).assumingMemoryBound(to: Float.self)
    let repacks = geometry.repacks
    for o in 0..<outputs {
      let total = sum(dBias[o])
      bias[o] = total
      forEachWeight(of: o) { index, place, c in
        let products = repacks ? sum(dWeight[place]) : numbers[place]
        weight[index] = factors[c] * products + shifts[c] * total
      }
    }
  }
}
