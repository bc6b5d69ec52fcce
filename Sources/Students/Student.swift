public import Numerics
public import QuantumCircuits
public import StudentKernels

/// A student trained and evaluated on batches, several threads at once.
///
/// A batch is cut into chunks of `imagesPerChunk` images whatever the number of threads; each chunk sums its own gradient,
/// and the chunks' gradients are added in order. Same images, same parameters: same bits.
public final class Student {
  /// What it is.
  public let architecture: StudentArchitecture
  /// Where its parameters are.
  public let layout: ParameterLayout
  /// The images it takes.
  public let geometry: PatchGeometry
  /// How its circuits are evaluated; nil for a ViT.
  public let circuitMethod: CircuitMethod?
  /// How its attention is computed.
  public let attention: AttentionMethod

  /// Images whose gradients are summed before anything is rounded together with other chunks'.
  public static let imagesPerChunk = 4

  private let pool: WorkerPool
  private let workspaces: [StudentWorkspace]
  /// The chunks' gradients, kept from step to step.
  private var partial = AlignedMemory<Float>(count: 1)
  private var step = 0

  /// A student for images of 1 or 3 `channels`, run by `pool`. `method` fixes how circuits are evaluated, `attention`
  /// how attention is computed; nil takes the fastest.
  /// - Precondition: `architecture.problem == nil`; a `method` that suits its circuits, an `attention` that suits its heads.
  public init(
    _ architecture: StudentArchitecture, channels: Int, pool: WorkerPool, method: CircuitMethod? = nil,
    attention: AttentionMethod? = nil
  ) {
    if let problem = architecture.problem { preconditionFailure(problem) }
    self.architecture = architecture
    let layout = ParameterLayout(architecture)
    self.layout = layout
    geometry = PatchGeometry(imageSize: architecture.imageSize, channels: channels)
    circuitMethod = architecture.circuits.first.map { method ?? .fastest(for: $0) }
    let attention = attention ?? architecture.fastestAttention
    self.attention = attention
    self.pool = pool
    workspaces = (0..<pool.threads).map { _ in
      StudentWorkspace(architecture, layout: layout, channels: channels, method: method, attention: attention)
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

  /// The loss (mean over the batch), how many images' largest logit is that of their label (0 without labels), and the
  /// gradient `[P]`, which overwrites `gradient`.
  ///
  /// `images` are B prepared images (`PatchGeometry.prepare`).
  public func gradient(
    parameters: [Float], images: [UnsafePointer<UInt8>], objective: Objective, into gradient: inout [Float]
  ) -> (loss: Double, correct: Int) {
    let batch = images.count
    let chunks = (batch + Self.imagesPerChunk - 1) / Self.imagesPerChunk
    precondition(parameters.count == layout.count && gradient.count == layout.count, "\(parameters.count) parameters")
    if partial.elements.count < chunks * layout.count { partial = AlignedMemory(count: chunks * layout.count) }
    step += 1
    let (partial, step) = (partial.base, step)
    let losses = AlignedMemory<Double>(count: max(chunks, 1))
    let hits = AlignedMemory<Int>(count: max(chunks, 1))
    parameters.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      pool.run(chunks: chunks) { chunk, thread in
        let workspace = workspaces[thread]
        workspace.bind(values, step: step)
        workspace.beginChunk()
        for index in chunk * Self.imagesPerChunk..<min((chunk + 1) * Self.imagesPerChunk, batch) {
          workspace.forward(images[index], next: index + 1 < batch ? images[index + 1] : nil, saving: true)
          let part = derivative(workspace, index, objective, batch)
          losses.base[chunk] += part.loss
          hits.base[chunk] += part.correct ? 1 : 0
          workspace.backward(images[index], dLogits: part.dLogits, dPenultimate: part.dPenultimate)
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
    }
    return (losses.elements.reduce(0, +), hits.elements.reduce(0, +))
  }

  /// An image's share of the loss and what the backward pass starts from.
  private func derivative(
    _ workspace: StudentWorkspace, _ index: Int, _ objective: Objective, _ batch: Int
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
    let (q, k) = (architecture.qubits, architecture.classes)
    let perChunk = 4 * Self.imagesPerChunk
    let logits = AlignedMemory<Float>(count: max(images.count * k, 1))
    let penultimate = AlignedMemory<Float>(count: max(images.count * q, 1))
    step += 1
    let step = step
    parameters.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      pool.run(chunks: (images.count + perChunk - 1) / perChunk) { chunk, thread in
        let workspace = workspaces[thread]
        workspace.bind(values, step: step)
        for index in chunk * perChunk..<min((chunk + 1) * perChunk, images.count) {
          workspace.forward(images[index], next: index + 1 < images.count ? images[index + 1] : nil, saving: false)
          for c in 0..<k { logits.base[index * k + c] = workspace.logits[c] }
          for c in 0..<q { penultimate.base[index * q + c] = workspace.penultimate[c] }
        }
      }
    }
    return (Array(logits.elements.prefix(images.count * k)), Array(penultimate.elements.prefix(images.count * q)))
  }
}
