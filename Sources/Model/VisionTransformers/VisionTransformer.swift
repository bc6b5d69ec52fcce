import Losses
public import Architectures
public import Threads
import VectorMath
public import QuantumCircuits
public import TransformerKernels

/// A student trained and evaluated on batches, several threads at once.
///
/// A batch is cut into chunks of `imagesPerChunk` images whatever the number of threads; each chunk sums its own gradient,
/// and the chunks' gradients are added in order. Same images, same parameters: same bits.
public final class VisionTransformer {
  /// What it is.
  public let architecture: VisionTransformerArchitecture
  /// Where its parameters are.
  public let layout: ParameterLayout
  /// The images it takes.
  public let geometry: PatchGeometry
  /// How its circuits are evaluated; nil where it has none.
  public let circuitMethod: CircuitMethod?
  /// How its attention is computed.
  public let attention: AttentionMethod

  /// Images whose gradients are summed before anything is rounded together with other chunks'.
  public static let imagesPerChunk = 4

  private let pool: WorkerPool
  private let untrained: [Range<Int>]
  private let workspaces: [TransformerWorkspace]
  /// The chunks' gradients, kept from step to step.
  private var partial = AlignedMemory<Float>(count: 1)
  private var step = 0

  /// A student for images of 1 or 3 `channels`, run by `pool`. `method` fixes how circuits are evaluated, `attention`
  /// how attention is computed; nil takes the fastest.
  /// - Precondition: `architecture.problem == nil`; a `method` that suits its circuits; `attentionProblem` finds nothing wrong
  ///   with `attention`.
  public init(
    _ architecture: VisionTransformerArchitecture, channels: Int, pool: WorkerPool, method: CircuitMethod? = nil,
    attention: AttentionMethod? = nil
  ) {
    if let problem = architecture.problem { preconditionFailure(problem) }
    self.architecture = architecture
    let layout = ParameterLayout(architecture)
    self.layout = layout
    geometry = PatchGeometry(imageSize: architecture.imageSize, channels: channels)
    circuitMethod = architecture.circuits.first.map { method ?? .fastest(for: $0) }
    let attention = attention ?? architecture.fastestAttention
    if let problem = architecture.attentionProblem(attention) { preconditionFailure(problem) }
    self.attention = attention
    self.pool = pool
    untrained = layout.parameters.filter { !$0.isTrained }.map(\.range)
    workspaces = (0..<pool.threads).map { _ in
      TransformerWorkspace(architecture, layout: layout, channels: channels, method: method, attention: attention)
    }
  }

  /// What is fitted.
  public enum Objective {
    /// Cross-entropy to a label per image.
    case labels([Int])
    /// Mean squared error of the penultimate vector to a target `[B, C]`.
    case penultimate([Float])
    /// Mean squared error of the logits to a target `[B, K]`.
    case logits([Float])
  }

  /// A prepared image (`PatchGeometry.prepare`) of a batch, and the one that is likely to follow if it is in memory.
  public typealias BatchImage = (image: UnsafePointer<UInt8>, next: UnsafePointer<UInt8>?)

  /// The loss (mean over the batch), how many images' largest logit is that of their label (0 without labels), and the
  /// gradient `[P]`, which overwrites `gradient`.
  ///
  /// `images` are B prepared images; `dropout` says of each how its masks are drawn. The gradient of what is not trained is 0.
  /// - Precondition: `dropout` is given where the architecture has dropout.
  public func gradient(
    parameters: [Float], images: [UnsafePointer<UInt8>], objective: Objective, dropout: [ImageDropout]? = nil,
    into gradient: inout [Float]
  ) -> (loss: Double, correct: Int) {
    self.gradient(
      parameters: parameters, batch: images.count, objective: objective, dropout: dropout, into: &gradient
    ) { index, _ in
      (images[index], index + 1 < images.count ? images[index + 1] : nil)
    }
  }

  /// The same for a batch whose images are fetched one by one: `image` is asked for image 0 ..< `batch` by the thread that
  /// needs it, 0 ..< the pool's threads, and what it returns is used until that thread asks for the next.
  /// - Throws: what `image` throws; `gradient` then means nothing.
  public func gradient<Failure: Error>(
    parameters: [Float], batch: Int, objective: Objective, dropout: [ImageDropout]? = nil,
    into gradient: inout [Float],
    image: (_ index: Int, _ thread: Int) throws(Failure) -> BatchImage
  ) throws(Failure) -> (loss: Double, correct: Int) {
    let chunks = (batch + Self.imagesPerChunk - 1) / Self.imagesPerChunk
    precondition(parameters.count == layout.count && gradient.count == layout.count, "\(parameters.count) parameters")
    precondition(architecture.dropout == 0 || dropout?.count == batch, "dropout of \(batch) images")
    let dropout = architecture.dropout > 0 ? dropout : nil
    if partial.elements.count < chunks * layout.count { partial = AlignedMemory(count: chunks * layout.count) }
    step += 1
    let (partial, step) = (partial.base, step)
    let losses = AlignedMemory<Double>(count: max(chunks, 1))
    let hits = AlignedMemory<Int>(count: max(chunks, 1))
    try parameters.withUnsafeBufferPointer { values throws(Failure) in
      guard let values = values.baseAddress else { return }
      try pool.run(chunks: chunks) { (chunk: Int, thread: Int) throws(Failure) in
        let workspace = workspaces[thread]
        workspace.bind(values, step: step)
        workspace.beginChunk()
        for index in chunk * Self.imagesPerChunk..<min((chunk + 1) * Self.imagesPerChunk, batch) {
          let (image, next) = try image(index, thread)
          workspace.forward(image, next: next, saving: true, dropout: dropout?[index])
          let part = derivative(workspace, index, objective, batch)
          losses.base[chunk] += part.loss
          hits.base[chunk] += part.correct ? 1 : 0
          workspace.backward(image, dLogits: part.dLogits, dPenultimate: part.dPenultimate)
        }
        workspace.finishChunk(into: partial + chunk * layout.count)
      }
    }
    gradient.withUnsafeMutableBufferPointer { gradient in
      gradient.update(repeating: 0)
      for chunk in 0..<chunks {
        let part = partial + chunk * layout.count
        for index in 0..<gradient.count { gradient[index] += part[index] }
      }
      for range in untrained {
        for index in range { gradient[index] = 0 }
      }
    }
    return (losses.elements.reduce(0, +), hits.elements.reduce(0, +))
  }

  /// An image's share of the loss and what the backward pass starts from.
  private func derivative(
    _ workspace: TransformerWorkspace, _ index: Int, _ objective: Objective, _ batch: Int
  ) -> (loss: Double, correct: Bool, dLogits: [Float], dPenultimate: [Float]) {
    let (q, k) = (architecture.qubits, architecture.classes)
    switch objective {
    case .labels(let labels):
      let part = crossEntropy(logits: workspace.logits.map(Double.init), label: labels[index], batch: batch)
      let best = workspace.logits.indices.max { workspace.logits[$0] < workspace.logits[$1] }
      return (part.loss, best == labels[index], part.dLogits.map { Float($0) }, [Float](repeating: 0, count: q))
    case .penultimate(let targets):
      let part = meanSquaredError(
        workspace.penultimate.map(Double.init), target: targets[index * q..<(index + 1) * q].map(Double.init),
        batch: batch)
      return (part.loss, false, [Float](repeating: 0, count: k), part.gradient.map { Float($0) })
    case .logits(let targets):
      let part = meanSquaredError(
        workspace.logits.map(Double.init), target: targets[index * k..<(index + 1) * k].map(Double.init), batch: batch)
      return (part.loss, false, part.gradient.map { Float($0) }, [Float](repeating: 0, count: q))
    }
  }

  /// Logits `[B, K]` and penultimate vectors `[B, C]` of prepared images.
  public func outputs(
    parameters: [Float], images: [UnsafePointer<UInt8>]
  ) -> (logits: [Float], penultimate: [Float]) {
    outputs(parameters: parameters, count: images.count) { index, _ in
      (images[index], index + 1 < images.count ? images[index + 1] : nil)
    }
  }

  /// The same for images that are fetched one by one, as in `gradient`.
  /// - Throws: what `image` throws.
  public func outputs<Failure: Error>(
    parameters: [Float], count: Int, image: (_ index: Int, _ thread: Int) throws(Failure) -> BatchImage
  ) throws(Failure) -> (logits: [Float], penultimate: [Float]) {
    let (q, k) = (architecture.qubits, architecture.classes)
    let perChunk = 4 * Self.imagesPerChunk
    let logits = AlignedMemory<Float>(count: max(count * k, 1))
    let penultimate = AlignedMemory<Float>(count: max(count * q, 1))
    step += 1
    let step = step
    try parameters.withUnsafeBufferPointer { values throws(Failure) in
      guard let values = values.baseAddress else { return }
      try pool.run(chunks: (count + perChunk - 1) / perChunk) { (chunk: Int, thread: Int) throws(Failure) in
        let workspace = workspaces[thread]
        workspace.bind(values, step: step)
        for index in chunk * perChunk..<min((chunk + 1) * perChunk, count) {
          let (image, next) = try image(index, thread)
          workspace.forward(image, next: next, saving: false)
          for c in 0..<k { logits.base[index * k + c] = workspace.logits[c] }
          for c in 0..<q { penultimate.base[index * q + c] = workspace.penultimate[c] }
        }
      }
    }
    return (Array(logits.elements.prefix(count * k)), Array(penultimate.elements.prefix(count * q)))
  }
}
