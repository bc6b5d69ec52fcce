import Architectures
import JSON
import Measurement
import TinyViT
import TinyViTKernels
import VectorMath

/// The matrix products of a training step, image by image, with weights packed once per batch of 32 images: packing is
/// measured with them.
final class MatrixProducts {
  private static let batch = 32
  private let shapes: [ProductShape]
  private let counts: [Int]
  private let x, dy, weight, packed, result: AlignedMemory<Float>

  init() {
    var counts: [ProductShape: Int] = [:]
    let all = TinyViTModel(.fiveMillion(penultimate: 4, classes: 8), seed: 1).productShapes
    for shape in all { counts[shape, default: 0] += 1 }
    var seen: Set<ProductShape> = []
    let shapes = all.filter { seen.insert($0).inserted }
    self.shapes = shapes
    self.counts = shapes.map { counts[$0] ?? 0 }
    func memory(_ size: (ProductShape) -> Int) -> AlignedMemory<Float> {
      AlignedMemory(count: shapes.map(size).max() ?? 0)
    }
    x = memory { $0.rows * $0.inputs }
    dy = memory { $0.rows * $0.outputs }
    weight = memory { $0.inputs * $0.outputs }
    packed = memory {
      max(panelSize(steps: $0.inputs, columns: $0.outputs), panelSize(steps: $0.outputs, columns: $0.inputs))
    }
    result = memory { max($0.rows * max($0.inputs, $0.outputs), $0.inputs * $0.outputs) }
    var stream = RandomStream(seed: 1, purpose: "benchmark products")
    for memory in [x, dy, weight] {
      for index in memory.elements.indices { memory.base[index] = Float(stream.uniform(in: -1...1)) }
    }
  }

  /// What a product is for.
  private enum Pass: String, CaseIterable {
    case forward
    case inputGradient = "input gradient"
    case weightGradient = "weight gradient"
  }

  private var all: [(shape: ProductShape, count: Int, pass: Pass)] {
    zip(shapes, counts).flatMap { shape, count in
      Pass.allCases.filter { $0 != .inputGradient || shape.hasInputGradient }.map { (shape, count, $0) }
    }
  }

  /// The products in the order of their measurements.
  var description: JSONValue {
    .array(
      all.map { shape, count, pass in
        .object([
          "pass": .string(pass.rawValue), "count": .number(Double(count)), "rows": .number(Double(shape.rows)),
          "inputs": .number(Double(shape.inputs)), "outputs": .number(Double(shape.outputs)),
        ])
      })
  }

  /// GFLOP/s of each product, in windows that take `seconds` altogether, and the most the core can issue.
  func measure(seconds: Double) throws -> [String: JSONValue] {
    let window = seconds / Double(all.count)
    let rates = try all.map { shape, _, pass in
      let flops = 2 * shape.rows * shape.inputs * shape.outputs
      var image = 0
      return try rate(
        of: {
          multiply(shape, pass, isFirst: image % Self.batch == 0)
          image += 1
          return flops
        }, seconds: window) / 1e9
    }
    // An operation is a multiply-add in each of 16 lanes.
    let peak = try rate(of: issueLoop, seconds: window) * 32 / 1e9
    return ["gflops": .array(rates.map { .number($0) }), "peak": .number(peak)]
  }

  /// One product of one image; before the first image of a batch the weight is packed.
  private func multiply(_ shape: ProductShape, _ pass: Pass, isFirst: Bool) {
    let (rows, inputs, outputs) = (shape.rows, shape.inputs, shape.outputs)
    switch pass {
    case .forward:
      if isFirst {
        packPanels(
          steps: inputs, columns: outputs, from: weight.base, stepStride: 1, columnStride: inputs, into: packed.base)
      }
      TinyViTKernels.multiply(
        rows: rows, columns: outputs, steps: inputs, LeftOperand(x.base, rowStride: inputs),
        RightOperand(packed: packed.base, steps: inputs), into: result.base, resultStride: outputs, from: .zero)
    case .inputGradient:
      if isFirst {
        packPanels(
          steps: outputs, columns: inputs, from: weight.base, stepStride: inputs, columnStride: 1, into: packed.base)
      }
      TinyViTKernels.multiply(
        rows: rows, columns: inputs, steps: outputs, LeftOperand(dy.base, rowStride: outputs),
        RightOperand(packed: packed.base, steps: outputs), into: result.base, resultStride: inputs, from: .zero)
    case .weightGradient:
      addWeightGradient(
        rows: rows, outputs: outputs, inputs: inputs, dy: dy.base, x.base, into: result.base)
    }
  }
}
