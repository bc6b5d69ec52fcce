public import Architectures
import VectorMath

/// A TinyViT: its parameters, and the running statistics of its batch norms.
///
/// Unchecked Sendable, by this invariant: values are changed by its owner only, never while a `TinyViTBackpropagation` or
/// `TinyViTInference` works with it.
public final class TinyViTModel: @unchecked Sendable {
  /// Its sizes.
  public let configuration: TinyViTConfiguration
  let architecture: Architecture
  /// All parameters, one after the other.
  let parameters: AlignedMemory<Float>
  /// All running statistics.
  let statistics: AlignedMemory<Float>
  /// The batches each batch norm has seen in training: `num_batches_tracked` of the state dictionary, which nothing is
  /// computed from. A checkpoint does not hold it: who exports a model says what it is of the epoch selected.
  public var batchesSeen: [Int64]

  /// A model with random weights: linear layers normal with deviation 0.02 (cut at ±2) and bias 0; convolutions uniform
  /// within ±1/√fan-in; norms 1 and 0, but the third batch norm of each convolution block 0; attention biases 0.
  ///
  /// Every tensor has a stream of random numbers of its own, named by `seed` and its number.
  /// Source: TinyViT's and PyTorch's initialisation.
  public init(_ configuration: TinyViTConfiguration, seed: UInt64) {
    self.configuration = configuration
    architecture = Architecture(configuration)
    parameters = AlignedMemory(count: architecture.table.parameterCount)
    statistics = AlignedMemory(count: architecture.table.statisticCount)
    batchesSeen = Array(repeating: 0, count: architecture.norms.count)
    for (number, place) in architecture.table.parameters.enumerated() {
      let stream = RandomStream(seed: seed, purpose: "tinyvit", UInt64(number))
      initialise(place, stream)
    }
    for place in architecture.table.statistics where place.name.hasSuffix("var") {
      parametersOrStatistics(statistics, place.range).update(repeating: 1)
    }
  }

  /// The parameters' names, shapes and places, in the order of the state dictionary.
  public var parameterPlaces: [TensorPlace] { architecture.table.parameters }

  /// The running statistics' names, shapes and places, in the same order.
  public var statisticPlaces: [TensorPlace] { architecture.table.statistics }

  /// The number of parameters.
  public var parameterCount: Int { architecture.table.parameterCount }

  /// All parameters, one after the other: what a checkpoint stores.
  public var parameterValues: [Float] {
    get { Array(parameters.elements) }
    set {
      precondition(newValue.count == parameterCount, "\(newValue.count) parameters, expected \(parameterCount)")
      _ = parameters.elements.update(fromContentsOf: newValue)
    }
  }

  /// All running means and variances, one after the other: what a checkpoint stores.
  public var statisticValues: [Float] {
    get { Array(statistics.elements) }
    set {
      precondition(newValue.count == statistics.elements.count, "\(newValue.count) running statistics")
      _ = statistics.elements.update(fromContentsOf: newValue)
    }
  }

  /// The classifier Linear(q, K), which a distilled student takes over: weight [K, q] and bias [K].
  public var classifier: (weight: [Float], bias: [Float]) {
    let layer = architecture.classifier
    let weight = layer.product.weight
    return (
      Array(parameters.elements[weight..<weight + layer.product.size]),
      Array(parameters.elements[layer.bias..<layer.bias + layer.product.outputs])
    )
  }

  private func initialise(_ place: TensorPlace, _ stream: RandomStream) {
    var stream = stream
    let values = parametersOrStatistics(parameters, place.range)
    let isNorm = place.name.contains(".norm.") || place.name.contains(".bn.")
    switch place.shape.count {
    case 4:
      let bound = 1 / Double(place.shape[1...].reduce(1, *)).squareRoot()
      for i in values.indices { values[i] = Float(stream.uniform(in: -bound...bound)) }
    case 2 where !place.name.hasSuffix("attention_biases"):
      for i in values.indices {
        var value = 0.02 * stream.normal()
        while abs(value) > 2 { value = 0.02 * stream.normal() }
        values[i] = Float(value)
      }
    case 1 where isNorm && place.name.hasSuffix(".weight"):
      // A convolution block begins as GELU of its input.
      let isZero = place.name.hasPrefix("stages.0.") && place.name.hasSuffix(".conv3.bn.weight")
      values.update(repeating: isZero ? 0 : 1)
    default:
      values.update(repeating: 0)
    }
  }

  private func parametersOrStatistics(
    _ memory: AlignedMemory<Float>, _ range: Range<Int>
  ) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: memory.elements[range])
  }
}
