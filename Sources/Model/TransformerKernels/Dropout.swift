public import VectorMath

// Numbers x are set to zero with probability p, each by itself, and the others are multiplied by 1/(1 − p), so that their
// expectation stays what it was:
//
//     y = m ∘ x,   m = 0 or 1/(1 − p);   backward dx = m ∘ dy
//
// The mask m is a function of what it is for (`ImageDropout`): it is drawn anew wherever it is wanted, and is the same
// whatever batch the image is in and whichever thread has it.

/// Where dropout is applied.
public enum DropoutPlace: Sendable {
  /// The tokens behind the positions, `[T, C]`.
  case tokens
  /// The attention weights of a head, `[T, T]`, queries × keys.
  case attention(block: Int, head: Int)
  /// The output of a block's attention, `[T, C]`.
  case attentionBranch(block: Int)
  /// The output of a block's MLP, `[T, C]`.
  case mlpBranch(block: Int)
}

/// What one image's masks of one epoch are drawn from.
public struct ImageDropout: Hashable, Sendable {
  /// The seed of the training.
  public var seed: UInt64
  /// What the names of the random streams begin with: trainings of one seed that follow each other have different ones.
  public var purpose = "dropout"
  /// The epoch.
  public var epoch: Int
  /// The image's index in the training split.
  public var image: Int

  /// The masks of an image in an epoch.
  public init(seed: UInt64, purpose: String = "dropout", epoch: Int, image: Int) {
    self.seed = seed
    self.purpose = purpose
    self.epoch = epoch
    self.image = image
  }

  /// The stream whose word i decides about element i, row-major.
  public func stream(_ place: DropoutPlace) -> RandomStream {
    let (epoch, image) = (UInt64(epoch), UInt64(image))
    return switch place {
    case .tokens: RandomStream(seed: seed, purpose: "\(purpose): tokens", epoch, image)
    case .attention(let block, let head):
      RandomStream(seed: seed, purpose: "\(purpose): attention", epoch, image, UInt64(block), UInt64(head))
    case .attentionBranch(let block):
      RandomStream(seed: seed, purpose: "\(purpose): attention branch", epoch, image, UInt64(block))
    case .mlpBranch(let block):
      RandomStream(seed: seed, purpose: "\(purpose): mlp branch", epoch, image, UInt64(block))
    }
  }
}

/// Words below this are dropped: ⌊p·2³²⌋.
func droppedBelow(rate: Double) -> UInt32 { UInt32(rate * 0x1p32) }

/// The mask of `place`, `[T, C]`; padding 0.
public func dropoutMask(
  _ dropout: ImageDropout, _ place: DropoutPlace, rate: Double, tokens: Int, into mask: Planes
) {
  precondition(tokens <= mask.vectors * laneCount, "the mask's planes")
  var stream = dropout.stream(place)
  let (threshold, scale) = (droppedBelow(rate: rate), Float(1 / (1 - rate)))
  mask.clear()
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: tokens * mask.channels) { words in
    stream.fill(words)
    for token in 0..<tokens {
      for c in 0..<mask.channels { mask[c, token] = words[token * mask.channels + c] < threshold ? 0 : scale }
    }
  }
}

/// The mask of attention weights `[T, T]` as attention's exponentials are laid out, `[vectors, T]` with the queries in
/// lanes; padding 0.
public func dropoutMask(
  _ dropout: ImageDropout, block: Int, head: Int, rate: Double, tokens: Int, vectors: Int,
  into mask: UnsafeMutablePointer<Lanes>
) {
  precondition(tokens <= vectors * laneCount, "the mask's planes")
  var stream = dropout.stream(.attention(block: block, head: head))
  let (threshold, scale) = (droppedBelow(rate: rate), Float(1 / (1 - rate)))
  // A row of keys for each query of a vector, as they are drawn; then with the queries in lanes.
  let count = laneCount * tokens
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: count) { words in
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { rows in
      guard let rows = rows.baseAddress else { return }
      for vector in 0..<vectors {
        let drawn = max(0, min(count, tokens * (tokens - vector * laneCount)))
        stream.fill(UnsafeMutableBufferPointer(rebasing: words[..<drawn]))
        for index in 0..<drawn { rows[index] = words[index] < threshold ? 0 : scale }
        (rows + drawn).initialize(repeating: 0, count: count - drawn)
        transposeRows(rows, tokens: tokens, to: mask + vector * tokens)
      }
    }
  }
}

/// `[16, tokens]` to `[tokens]` with the rows in lanes.
private func transposeRows(_ rows: UnsafePointer<Float>, tokens: Int, to: UnsafeMutablePointer<Lanes>) {
  let columns = UnsafeMutableRawPointer(to).assumingMemoryBound(to: Float.self)
  let whole = tokens / laneCount * laneCount
  for first in stride(from: 0, to: whole, by: laneCount) {
    transpose(rows + first, stride: tokens, to: columns + first * laneCount, stride: laneCount)
  }
  for token in whole..<tokens {
    for lane in 0..<laneCount { columns[token * laneCount + lane] = rows[lane * tokens + token] }
  }
}

/// x becomes m ∘ x.
public func applyMask(_ mask: Planes, to x: Planes) { applyMask(mask, x, into: x) }

/// y = m ∘ x.
public func applyMask(_ mask: Planes, _ x: Planes, into y: Planes) {
  precondition(mask.channels == x.channels && y.channels == x.channels, "the mask's planes")
  for index in 0..<x.channels * x.vectors { y.base[index] = x.base[index] * mask.base[index] }
}
