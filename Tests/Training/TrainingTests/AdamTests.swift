import Testing
import Training
import _TestSupport

@Suite struct AdamTests {
  /// PyTorch's parameters and moments over ten steps with a schedule.
  @Test func agreesWithPyTorch() throws {
    let golden = try NPZ(path: Fixtures.path("golden/metrics/adam_steps.npz"))
    let p = try golden.doubles("p")
    let g = try golden.doubles("g")
    let count = try golden.shape(of: "g")[1]
    let m = try golden.doubles("m")
    let v = try golden.doubles("v")
    let rates = try golden.doubles("lr")
    #expect(rates.count == 10)
    var parameters = Array(p[0..<count])
    var adam = Adam<Double>(count: count, settings: .init())
    for step in rates.indices {
      let row = step * count..<(step + 1) * count
      adam.step(&parameters, gradient: Array(g[row]), learningRate: rates[step])
      for index in 0..<count {
        #expect((parameters[index] - p[(step + 1) * count + index]).magnitude < 1e-12)
        #expect((adam.firstMoment[index] - m[row.lowerBound + index]).magnitude < 1e-12)
        #expect((adam.secondMoment[index] - v[row.lowerBound + index]).magnitude < 1e-12)
      }
    }
  }

  /// The first step goes by the learning rate against the gradient's sign, whatever its size.
  @Test func firstStepHasTheSizeOfTheLearningRate() {
    var parameters: [Double] = [1, 1, 1]
    var adam = Adam<Double>(count: 3, settings: .init())
    adam.step(&parameters, gradient: [1e-3, -5, 0], learningRate: 0.1)
    #expect((parameters[0] - 0.9).magnitude < 1e-5)
    #expect((parameters[1] - 1.1).magnitude < 1e-5)
    #expect(parameters[2] == 1)
  }

  @Test func aResumedOptimiserGoesOnBitByBit() {
    var through: [Float] = [0.3, -0.2]
    var adam = Adam<Float>(count: 2, settings: .init())
    let gradients: [[Float]] = (0..<40).map { [Float($0 % 7) - 3, 0.01 * Float($0)] }
    for gradient in gradients[0..<20] { adam.step(&through, gradient: gradient, learningRate: 1e-2) }
    var resumed = through
    var copy = Adam<Float>(
      firstMoment: adam.firstMoment, secondMoment: adam.secondMoment, steps: adam.steps, settings: adam.settings)
    for gradient in gradients[20...] {
      adam.step(&through, gradient: gradient, learningRate: 1e-2)
      copy.step(&resumed, gradient: gradient, learningRate: 1e-2)
    }
    #expect(through == resumed)
  }

  @Test func learningRateFollowsTheMilestones() throws {
    let settings = TrainingSettings()
    let rates = (0..<100).map(settings.learningRate)
    for (epochs, rate) in [(0..<50, 1e-3), (50..<75, 1e-4), (75..<100, 1e-5)] {
      #expect(rates[epochs].allSatisfy { ($0 / rate - 1).magnitude < 1e-12 })
    }
    let expected = try NPZ(path: Fixtures.path("golden/metrics/lr_schedule_100.npz")).doubles("lr")
    #expect(expected.count == rates.count)
    for (found, expected) in zip(rates, expected) { #expect((found / expected - 1).magnitude < 1e-12) }
  }
}
