import Architectures
import Files
import JSON
import Losses
import QuantumCircuits
import TransformerKernels
import VectorMath
import VisionTransformers

extension Benchmark {
  /// Writes a case that other implementations have to reproduce: parameters, a small batch, its logits, the mean
  /// cross-entropy and the gradient of every parameter.
  static func exportCase(_ given: BenchmarkCase, to path: String) throws {
    let benchmark = given.perturbed()
    let (student, count) = (benchmark.student, 4)
    let (images, labels) = benchmark.randomImages(count: count)
    let geometry = student.geometry
    let prepared = AlignedMemory<UInt8>(count: count * geometry.preparedBytes)
    images.withUnsafeBufferPointer { images in
      guard let base = images.baseAddress else { return }
      for index in 0..<count {
        geometry.prepare(base + index * geometry.imageBytes, into: prepared.base + index * geometry.preparedBytes)
      }
    }
    let pointers = (0..<count).map { UnsafePointer(prepared.base + $0 * geometry.preparedBytes) }
    var gradient = [Float](repeating: 0, count: benchmark.parameters.count)
    let result = student.gradient(
      parameters: benchmark.parameters, images: pointers, objective: .labels(labels), into: &gradient)
    let logits = student.outputs(parameters: benchmark.parameters, images: pointers).logits

    var parameters: [String: JSONValue] = [:]
    for parameter in student.layout.parameters {
      parameters[parameter.name] = .object([
        "shape": .numbers(parameter.shape), "values": .numbers(benchmark.parameters[parameter.range]),
        "gradient": .numbers(gradient[parameter.range]),
      ])
    }
    let value = JSONValue.object([
      "model": .string(benchmark.model), "size": .number(Double(geometry.imageSize)),
      "qubits": .number(Double(student.architecture.qubits)), "heads": .number(Double(student.architecture.heads)),
      "pairs": .array(benchmark.pairs.map { .numbers([$0.control, $0.target]) }),
      "images": .numbers(images), "labels": .numbers(labels), "logits": .numbers(logits), "loss": .number(result.loss),
      "parameters": .object(parameters),
    ])
    try writeFile(value.canonicalText, to: path)
  }
}

extension BenchmarkCase {
  /// With every parameter moved a little, so that no gradient is small only because training has not begun.
  fileprivate func perturbed() -> BenchmarkCase {
    var result = self
    var stream = RandomStream(seed: 1, purpose: "benchmark parameters")
    for index in parameters.indices { result.parameters[index] += Float(0.2 * stream.normal()) }
    return result
  }
}

extension JSONValue {
  fileprivate static func numbers(_ values: some Sequence<some BinaryInteger>) -> JSONValue {
    .array(values.map { .number(Double($0)) })
  }

  fileprivate static func numbers(_ values: some Sequence<Float>) -> JSONValue {
    .array(values.map { .number(Double($0)) })
  }
}
