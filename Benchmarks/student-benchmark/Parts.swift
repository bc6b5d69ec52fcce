import Architectures
import CircuitKernels
import CommandLineKit
import JSON
import Measurement
import QuantumCircuits
import TransformerKernels
import VectorMath
import VisionTransformers

// A cycle is here the time in which this core issues two fused multiply-adds of 16 lanes, measured beside the parts: the
// issue limit of a machine with two units of 512 bits. It does not depend on the clock's ups and downs.
//
// Counted limit of direct and of tiled attention, in operations of 16 lanes per key and vector of queries, D the head dimension:
//
//     forward    D (score) + 7 (exponential: to round, to subtract, 5 of the polynomial) + 1 (sum) + D (values)
//     backward   D + 1 (ds) + D (dq) + D (dk) + D (dv), and of direct attention the sums over lanes of dk and dv, 45 operations
//                per 16 sums; what tiled attention has instead, transpositions, are no operations of these units
//
// What else the exponential takes (taking the rounded number back, shifting it into the exponent) is not counted: machines
// have other units for it.

extension Benchmark {
  /// Prints the cycles per image of each part of a training step, and attention's share of its counted limit.
  /// The median of `windows` measurements each.
  static func measureParts(_ benchmark: BenchmarkCase, seconds: Double, windows: Int) throws {
    let (architecture, parts) = (benchmark.student.architecture, StepParts(benchmark))
    let steps = TrainingBatches(benchmark)
    var cycles: [String: Double] = [:]
    // The peak is measured anew for every window, next to it in time.
    func measure(_ name: String, images: Int, _ body: () -> Void) throws {
      var found: [Double] = []
      for _ in 0..<windows {
        let peak = try rate(of: issueLoop, seconds: seconds / 4)
        let images = try rate(
          of: {
            body()
            return images
          }, seconds: seconds)
        found.append(peak / 2 / images)
      }
      cycles[name] = found.sorted()[windows / 2]
    }
    try measure("patch embedding", images: 1) { parts.embed() }
    try measure("norms", images: 1) { parts.normalise() }
    try measure("attention forward", images: 1) { parts.attendForward() }
    try measure("attention backward", images: 1) { parts.attendBackward() }
    try measure("MLP", images: 1) { parts.transform() }
    if !architecture.circuits.isEmpty { try measure("circuits", images: 1) { parts.evaluateCircuits() } }
    try measure("whole step", images: BenchmarkCase.batchSize) { _ = steps.step() }

    let (d, vectors) = (Double(architecture.headDimension), Double(parts.vectors))
    let pairs = Double(architecture.heads) * vectors * Double(architecture.tokens)
    let sumsOfLanes = benchmark.student.attention == .tiled ? 0 : 2 * d * 45 / 16 / vectors
    let limits = [
      "attention forward": pairs * (2 * d + 8) / 2,
      "attention backward": pairs * (4 * d + 1 + sumsOfLanes) / 2,
    ]
    for (name, value) in cycles.sorted(by: { $0.key < $1.key }) {
      var line: [String: JSONValue] = ["part": .string(name), "cycles_per_image": .number(value)]
      if let limit = limits[name] {
        line["counted_limit"] = .number(limit)
        line["share_of_limit"] = .number(limit / value)
      }
      try printLine(line)
    }
  }
}

/// The parts of one image's training step, over activations of plausible size.
private final class StepParts {
  let vectors: Int
  private let architecture: VisionTransformerArchitecture
  private let embedding: PatchEmbedding
  private let image: AlignedMemory<UInt8>
  private let pixels, narrow, narrowGradient, out, wide, wideGradient, scale, scratch: Planes
  private let queries, keys, values, dQueries, dKeys, dValues: Planes
  private let exponentials, sums: AlignedMemory<Lanes>
  private let weights: AlignedMemory<Float>
  private let memory: AlignedMemory<Lanes>
  private let tiled: TiledAttention?
  private let circuits: [CircuitEvaluator<Lanes>]

  init(_ benchmark: BenchmarkCase) {
    architecture = benchmark.student.architecture
    let geometry = benchmark.student.geometry
    let (q, tokens) = (architecture.qubits, architecture.tokens)
    let vectors = (tokens + laneCount - 1) / laneCount
    self.vectors = vectors
    tiled =
      benchmark.student.attention == .tiled
      ? TiledAttention(dimension: architecture.headDimension, vectors: vectors) : nil
    circuits = (0..<3).flatMap { _ in
      benchmark.student.architecture.circuits.map {
        CircuitEvaluator(circuit: $0, method: benchmark.student.circuitMethod ?? .fastest(for: $0), capacity: vectors)
      }
    }
    embedding = PatchEmbedding(geometry: geometry, outputs: q, moments: architecture.normalisation.moments)
    image = AlignedMemory(count: geometry.preparedBytes)
    exponentials = AlignedMemory(count: vectors * tokens)
    let widest = max(geometry.patchBytes * q, architecture.mlpWidth * q, embedding.gradientCount)
    sums = AlignedMemory(count: widest)
    weights = AlignedMemory(count: max(widest, 3 * geometry.patch * geometry.patch * q))
    let pixelChannels = geometry.repacks ? geometry.patchBytes : 0
    memory = AlignedMemory(
      count: vectors * (pixelChannels + 9 * q + 2 * architecture.mlpWidth + 1 + architecture.headDimension + 1))
    var next = memory.base
    func planes(_ channels: Int) -> Planes {
      defer { next += channels * vectors }
      return Planes(next, channels: channels, vectors: vectors)
    }
    pixels = planes(pixelChannels)
    (narrow, narrowGradient, out) = (planes(q), planes(q), planes(q))
    (queries, keys, values) = (planes(q), planes(q), planes(q))
    (dQueries, dKeys, dValues) = (planes(q), planes(q), planes(q))
    (wide, wideGradient) = (planes(architecture.mlpWidth), planes(architecture.mlpWidth))
    scale = planes(1)
    scratch = planes(architecture.headDimension + 1)
    var stream = RandomStream(seed: 1, purpose: "benchmark activations")
    for plane in [narrow, narrowGradient, queries, keys, values, wide, wideGradient] {
      for c in 0..<plane.channels {
        for t in 0..<tokens { plane[c, t] = Float(stream.uniform(in: -1...1)) }
      }
    }
    for index in weights.elements.indices { weights.base[index] = Float(stream.uniform(in: -0.5...0.5)) }
    for index in image.elements.indices { image.base[index] = UInt8(truncatingIfNeeded: stream.next()) }
    embedding.bind(weight: weights.base, bias: weights.base)
    for circuit in circuits { circuit.bind { Double($0) } }
  }

  /// Queries, keys and values, both ways.
  func evaluateCircuits() {
    let (cos, sin) = (dQueries, dKeys)
    if let factor = circuits.first?.encodingFactor { encodeAngles(narrow, factor: factor, cos: cos, sin: sin) }
    for circuit in circuits {
      circuitForward(circuit, cos: cos, sin: sin, into: out)
      circuitBackward(circuit, narrowGradient, cos: cos, sin: sin, addingTo: dValues, dTheta: sums.base)
    }
  }

  func embed() {
    embedding.forward(image.base, pixels: pixels, into: out)
    embedding.backward(narrowGradient, image: image.base, pixels: pixels, dWeight: sums.base, dBias: sums.base)
  }

  /// All three.
  func normalise() {
    for _ in 0..<3 {
      layerNormForward(narrow, weight: weights.base, bias: weights.base, normal: out, scale: scale, into: dQueries)
      layerNormBackward(
        narrowGradient, normal: out, scale: scale, weight: weights.base, into: dKeys, accumulating: false,
        dWeight: sums.base, dBias: sums.base + architecture.qubits)
    }
  }

  private func heads(_ body: (Range<Int>) -> Void) {
    for head in 0..<architecture.heads {
      body(head * architecture.headDimension..<(head + 1) * architecture.headDimension)
    }
  }

  func attendForward() {
    heads { columns in
      if let tiled {
        tiled.forward(
          q: queries.channels(columns), k: keys.channels(columns), v: values.channels(columns),
          tokens: architecture.tokens, into: out.channels(columns), exponentials: exponentials.base, inverse: scale,
          saving: true)
        return
      }
      attentionForward(
        q: queries.channels(columns), k: keys.channels(columns), v: values.channels(columns),
        tokens: architecture.tokens, into: out.channels(columns), exponentials: exponentials.base, inverse: scale,
        saving: true)
    }
  }

  func attendBackward() {
    heads { columns in
      if let tiled {
        tiled.backward(
          narrowGradient.channels(columns), out: out.channels(columns), q: queries.channels(columns),
          k: keys.channels(columns), v: values.channels(columns), tokens: architecture.tokens,
          exponentials: exponentials.base, inverse: scale, scratch: scratch, dq: dQueries.channels(columns),
          dk: dKeys.channels(columns), dv: dValues.channels(columns))
        return
      }
      attentionBackward(
        narrowGradient.channels(columns), out: out.channels(columns), q: queries.channels(columns),
        k: keys.channels(columns), v: values.channels(columns), tokens: architecture.tokens,
        exponentials: exponentials.base, inverse: scale, scratch: scratch, dq: dQueries.channels(columns),
        dk: dKeys.channels(columns), dv: dValues.channels(columns))
    }
  }

  /// Two linear layers and GELU, both ways.
  func transform() {
    linearForward(narrow, weight: weights.base, bias: weights.base, into: wide, accumulating: false)
    geluForward(wide, into: wide, derivative: wideGradient)
    linearForward(wide, weight: weights.base, bias: weights.base, into: out, accumulating: false)
    linearBackward(
      narrowGradient, x: wide, weight: weights.base, into: wideGradient, accumulating: false, dWeight: sums.base,
      dBias: sums.base)
    geluBackward(wideGradient, derivative: wide)
    linearBackward(
      wideGradient, x: narrow, weight: weights.base, into: dQueries, accumulating: false, dWeight: sums.base,
      dBias: sums.base)
  }
}
