public import VectorMath

/// Adam, without weight decay, as PyTorch computes it (Kingma and Ba, arXiv:1412.6980, algorithm 1):
///
///     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
///     p ← p − (lr / (1 − β₁ᵗ)) m / (√v / √(1 − β₂ᵗ) + ε)
public struct Adam<S: Scalar>: Sendable {
  /// β₁, β₂ and ε.
  public struct Settings: Hashable, Sendable {
    /// Decay of the first moment.
    public var beta1 = 0.9
    /// Decay of the second moment.
    public var beta2 = 0.999
    /// Added to the denominator.
    public var epsilon = 1e-8

    /// PyTorch's defaults.
    public init() {}
  }

  /// β₁, β₂ and ε.
  public let settings: Settings
  /// m `[P]`.
  public var firstMoment: [S]
  /// v `[P]`.
  public var secondMoment: [S]
  /// t, the steps taken.
  public private(set) var steps: Int
  private var power1 = 1.0
  private var power2 = 1.0

  /// Zero moments of P parameters.
  public init(count: Int, settings: Settings) {
    self.settings = settings
    firstMoment = Array(repeating: 0, count: count)
    secondMoment = firstMoment
    steps = 0
  }

  /// The state after `steps` steps.
  public init(firstMoment: [S], secondMoment: [S], steps: Int, settings: Settings) {
    precondition(firstMoment.count == secondMoment.count && steps >= 0, "moments of different sizes")
    self.settings = settings
    self.firstMoment = firstMoment
    self.secondMoment = secondMoment
    self.steps = 0
    for _ in 0..<steps { countStep() }
  }

  /// β₁ᵗ and β₂ᵗ are products taken step by step, so that a resumed run has the very same ones.
  private mutating func countStep() {
    steps += 1
    power1 *= settings.beta1
    power2 *= settings.beta2
  }

  /// One step against the gradient `[P]`.
  ///
  /// It has code of its own for `Float`: without, callers in other modules run every operation through a witness table.
  @_specialize(where S == Float)
  public mutating func step(_ parameters: inout [S], gradient: [S], learningRate: Double) {
    precondition(gradient.count == firstMoment.count && parameters.count == gradient.count, "gradient of another size")
    countStep()
    let (beta1, beta2) = (S(settings.beta1), S(settings.beta2))
    let (rest1, rest2) = (S(1 - settings.beta1), S(1 - settings.beta2))
    let size = S(learningRate / (1 - power1))
    let correction = S((1 - power2).squareRoot())
    let epsilon = S(settings.epsilon)
    for index in gradient.indices {
      let g = gradient[index]
      let m = beta1 * firstMoment[index] + rest1 * g
      let v = beta2 * secondMoment[index] + rest2 * g * g
      firstMoment[index] = m
      secondMoment[index] = v
      let denominator = v.squareRoot() / correction + epsilon
      parameters[index] -= size * m / denominator
    }
  }
}
