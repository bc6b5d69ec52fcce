import VectorMath

extension ParameterLayout {
  /// The initial parameters under a seed. Each has a random stream of its own, named after it, so that adding a parameter
  /// leaves the others as they were.
  public func initialParameters(seed: UInt64) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for parameter in parameters {
      var stream = RandomStream(seed: seed, purpose: "initial parameters: \(parameter.name)")
      for index in parameter.range {
        switch parameter.initialisation {
        case .constant(let value): values[index] = Float(value)
        case .uniform(let fanIn):
          let bound = 1 / Double(fanIn).squareRoot()
          values[index] = Float(stream.uniform(in: -bound...bound))
        case .normal(let deviation): values[index] = Float(deviation * stream.normal())
        case .angle: values[index] = Float(2 * Double.pi * stream.uniform())
        }
      }
    }
    return values
  }
}
