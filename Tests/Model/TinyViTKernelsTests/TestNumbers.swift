import VectorMath
import Testing

/// `count` numbers, normally distributed, from a stream of their own.
func testNumbers(_ count: Int, _ index: UInt64, scale: Double = 1) -> [Double] {
  var stream = RandomStream(seed: 20_251_121, purpose: "kernel test", index)
  return (0..<count).map { _ in Double(Float(stream.normal() * scale)) }
}

/// Floats at a 64-byte boundary, for kernels that take pointers. The memory lives as long as the test process, so that
/// `Floats(x).base` may be handed on by itself.
struct Floats {
  private let elements: UnsafeMutableBufferPointer<Float>

  init(_ values: [Double]) {
    elements = UnsafeMutableRawBufferPointer.allocate(byteCount: max(values.count, 1) * 4, alignment: 64)
      .bindMemory(to: Float.self)
    _ = elements.initialize(from: values.map { Float($0) })
  }

  init(zeros count: Int) { self.init(Array(repeating: 0, count: count)) }

  var base: UnsafeMutablePointer<Float> { elements.baseAddress.unsafelyUnwrapped }
  var values: [Float] { Array(elements) }
}

/// Every element of `found` within `tolerance` times the largest magnitude of `expected` (at least 10⁻³).
func expectClose(
  _ found: [Float], _ expected: [Double], tolerance: Double, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count, sourceLocation: sourceLocation)
  let size = max(expected.map(abs).max() ?? 0, 1e-3)
  let worst = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? 0
  #expect(worst <= tolerance * size, "off by \(worst / size) of the largest", sourceLocation: sourceLocation)
  #expect(!found.contains { !$0.isFinite }, sourceLocation: sourceLocation)
}

/// The analytic gradient agrees with central differences of `function` at `point`, tried at up to 24 places.
func expectGradient(
  _ gradient: [Double], of function: ([Double]) -> Double, at point: [Double],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(gradient.count == point.count, sourceLocation: sourceLocation)
  let size = max(gradient.map(abs).max() ?? 0, 1e-3)
  for i in stride(from: 0, to: point.count, by: max(1, point.count / 24)) {
    let step = 1e-5
    var above = point
    var below = point
    above[i] += step
    below[i] -= step
    let difference = (function(above) - function(below)) / (2 * step)
    #expect(abs(difference - gradient[i]) <= 1e-7 * size, "element \(i)", sourceLocation: sourceLocation)
  }
}

/// Σ a · b: the scalar whose gradient a backward pass is checked with.
func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
