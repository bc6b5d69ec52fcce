import Architectures
import Testing
import TransformerKernels
import VectorMath

/// The bottleneck's reference, against its definition and central differences; the kernel is compared with it in `VariationTests`.
@Suite struct BottleneckTests {
  private let x = [0.3, -1.2, 0.7, 1.9, 0.4, -0.6]
  private let down = [0.5, -0.25, 2]
  private let up = [1.5, 0.75, -3]

  @Test func isALinearMapOfRankOne() {
    // s = 0.15 + 0.3 + 1.4 and 0.95 − 0.1 − 1.2.
    let y = Reference.bottleneck(x, down: down, up: up)
    let expected = [1.85 * 1.5, 1.85 * 0.75, 1.85 * -3, -0.35 * 1.5, -0.35 * 0.75, -0.35 * -3]
    #expect(zip(y, expected).allSatisfy { ($0 - $1).magnitude < 1e-12 })
  }

  @Test func derivativesAreThoseOfTheFunction() {
    let dy = [0.2, -0.5, 1.1, 0.9, -0.3, 0.8]
    func value(_ x: [Double], _ down: [Double], _ up: [Double]) -> Double {
      zip(Reference.bottleneck(x, down: down, up: up), dy).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var (dDown, dUp) = ([1.0, 1, 1], [2.0, 2, 2])
    let dx = Reference.bottleneckBackward(dy, x: x, down: down, up: up, dDown: &dDown, dUp: &dUp)
    let step = 1e-6
    func moved(_ values: [Double], _ index: Int, _ by: Double) -> [Double] {
      var values = values
      values[index] += by
      return values
    }
    for index in x.indices {
      let slope = (value(moved(x, index, step), down, up) - value(moved(x, index, -step), down, up)) / (2 * step)
      #expect((dx[index] - slope).magnitude < 1e-8)
    }
    // Gradients of parameters are added to what is there.
    for index in down.indices {
      let ofDown = (value(x, moved(down, index, step), up) - value(x, moved(down, index, -step), up)) / (2 * step)
      let ofUp = (value(x, down, moved(up, index, step)) - value(x, down, moved(up, index, -step))) / (2 * step)
      #expect((dDown[index] - 1 - ofDown).magnitude < 1e-8)
      #expect((dUp[index] - 2 - ofUp).magnitude < 1e-8)
    }
  }

  @Test func hasTwiceAsManyParametersAsChannels() {
    var architecture = VisionTransformerArchitecture(imageSize: 28, classes: 2)
    let linear = ParameterLayout(architecture).trainedCount
    architecture.projections = Projections(all: .bottleneck)
    #expect(linear - ParameterLayout(architecture).trainedCount == 3 * (20 - 8))
  }
}
