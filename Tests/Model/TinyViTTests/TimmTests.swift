import _TestSupport
import Architectures
import Threads
import Files
import Glibc
import VectorMath
import Testing

@testable import TinyViT

/// A saved teacher opens in timm, strictly, and gives the same logits there.
@Suite struct TimmTests {
  @Test(
    .enabled(if: pythonHasTimm, "python3 lacks timm, torch or safetensors"),
    .enabled(if: isOptimised, "run it in release"))
  func savedWeightsOpenInTimm() throws {
    var template = Array("/tmp/timm-test-XXXXXX".utf8CString)
    let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    let (weights, image) = (directory + "/weights.safetensors", directory + "/image.bin")
    defer {
      unlink(weights)
      unlink(image)
      rmdir(directory)
    }
    let model = TinyViTModel(.fiveMillion(penultimate: 4, classes: 3), seed: 11)
    // Larger than at the start of a training, so that the logits depend on everything.
    model.parameterValues = zip(model.parameterValues, RandomStream(seed: 1, purpose: "spread").values).map {
      $0 + 0.1 * $1
    }
    try model.save(weights: weights)
    var stream = RandomStream(seed: 2, purpose: "pixels")
    let pixels = (0..<224 * 224 * 3).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
    let file = try PendingFile(path: image)
    try pixels.withUnsafeBytes { try file.write($0) }
    try file.publish()
    let output = TinyViTInference(model, normalisation: .half, pool: WorkerPool(threads: 2))
      .outputs(images: pixels, count: 1, channels: 3)[0]
    let logits = output.logits.map { "\($0)" }.joined(separator: " ")
    #expect(system("'\(python3)' '\(checkScript)' '\(weights)' '\(image)' \(logits) > /dev/null 2>&1") == 0)
  }
}

extension RandomStream {
  /// Normally distributed numbers without end.
  fileprivate var values: some Sequence<Float> {
    sequence(state: self) { stream in Float(stream.normal()) }
  }
}

private let checkScript = Fixtures.path("check_teacher.py")

/// The Python to ask: `PYTHON`, or the one in the path.
private let python3 = getenv("PYTHON").map { String(cString: $0) } ?? "python3"

private let pythonHasTimm = system("'\(python3)' '\(checkScript)' > /dev/null 2>&1") == 0
