import Architectures
import CommandLineKit
import QuantumCircuits
import Threads
import TransformerKernels
import VectorMath
import VisionTransformers

/// A student with its first parameters: one row of the benchmark.
struct BenchmarkCase {
  static let models = ["vit", "qvit"]
  static let classes = 10
  static let channels = 3
  static let batchSize = 32

  let student: VisionTransformer
  let model: String
  let pairs: [QubitPair]
  var parameters: [Float]

  init(_ arguments: ParsedArguments) throws {
    model = arguments.string("model")
    let qubits = arguments.integer("qubits")
    pairs = PairLayout(rawValue: arguments.string("layout"))?.pairs(qubits: qubits) ?? []
    var architecture = VisionTransformerArchitecture(
      imageSize: Int(arguments.string("size")) ?? 28, classes: Self.classes,
      circuit: model == "vit" ? nil : CircuitDesign(layout: pairs))
    architecture.qubits = qubits
    if let problem = architecture.problem { throw UsageError(problem) }
    let method = CircuitMethod(rawValue: arguments.string("method"))
    if let method, let problem = architecture.circuits.lazy.compactMap(method.problem).first {
      throw UsageError("--method \(method.rawValue): \(problem)")
    }
    let attention = AttentionMethod(rawValue: arguments.string("attention"))
    if let attention, let problem = architecture.attentionProblem(attention) {
      throw UsageError("--attention \(attention.rawValue): \(problem)")
    }
    student = VisionTransformer(
      architecture, channels: Self.channels, pool: WorkerPool(threads: arguments.integer("threads")),
      method: model == "qvit" ? method : nil, attention: attention)
    parameters = student.layout.initialParameters(seed: 1)
  }

  /// Images of random bytes `[count, H, W, C]` with random labels.
  func randomImages(count: Int) -> (images: [UInt8], labels: [Int]) {
    var stream = RandomStream(seed: 1, purpose: "benchmark images")
    var images: [UInt8] = []
    images.reserveCapacity(count * student.geometry.imageBytes + 3)
    while images.count < count * student.geometry.imageBytes {
      let word = stream.next()
      for shift in [0, 8, 16, 24] { images.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    images.removeLast(images.count - count * student.geometry.imageBytes)
    return (images, (0..<count).map { _ in stream.index(below: Self.classes) })
  }
}

/// Random images in the kernels' layout, several batches of them, so that no batch is still in the nearest cache when its
/// turn comes again.
final class PreparedBatches {
  static let batches = 8
  let labels: [Int]
  private let geometry: PatchGeometry
  private let memory: AlignedMemory<UInt8>
  private var next = 0

  init(_ benchmark: BenchmarkCase) {
    let count = Self.batches * BenchmarkCase.batchSize
    let random = benchmark.randomImages(count: count)
    labels = random.labels
    geometry = benchmark.student.geometry
    memory = AlignedMemory(count: count * geometry.preparedBytes)
    random.images.withUnsafeBufferPointer { images in
      guard let base = images.baseAddress else { return }
      for index in 0..<count {
        geometry.prepare(base + index * geometry.imageBytes, into: memory.base + index * geometry.preparedBytes)
      }
    }
  }

  /// The next batch's images and labels.
  func take() -> (images: [UnsafePointer<UInt8>], labels: [Int]) {
    let range = next * BenchmarkCase.batchSize..<(next + 1) * BenchmarkCase.batchSize
    next = (next + 1) % Self.batches
    return (range.map { UnsafePointer(memory.base + $0 * geometry.preparedBytes) }, Array(labels[range]))
  }
}
