public import Threads
import VectorMath

/// Logistic regression with a squared penalty on the weights: the smallest model that looks at every pixel, and so a floor for
/// any other.
///
///     f(W, b) = (1/N) Σ_n −log p(y_n | x_n) + (λ/2) ‖W‖²,     p = softmax(W x + b)
///
/// W is `[M, D]`. Of two classes only the second has weights (M = 1, the logit of the first is 0), of more each has (M = K).
/// These are the problems that scikit-learn's `LogisticRegression` solves with C = 1/(λ N). f is convex, and strictly so in W:
/// the result is the minimum, whatever the way to it.
///
/// The minimum is found by Newton's method, each step by conjugate gradients on products with the Hessian (never formed), cut
/// back until f falls enough. Everything is in double precision and adds up in a fixed order.
///
/// Source: C.-J. Lin, R. C. Weng, S. S. Keerthi, Trust region Newton method for logistic regression, J. Mach. Learn. Res. 9
/// (2008) 627–650, of which the products with the Hessian are.
public struct LogisticRegression: Sendable {
  /// K.
  public let classes: Int
  /// D.
  public let inputs: Int
  /// W by rows, then b: `[M (D + 1)]`.
  public private(set) var parameters: [Double]

  /// M: 1 for two classes, else K.
  public var outputs: Int { classes == 2 ? 1 : classes }

  /// All zero: every class is as probable as any other.
  /// - Precondition: two classes or more, an input or more.
  public init(classes: Int, inputs: Int) {
    precondition(classes >= 2 && inputs >= 1, "\(classes) classes, \(inputs) inputs")
    self.classes = classes
    self.inputs = inputs
    parameters = [Double](repeating: 0, count: (classes == 2 ? 1 : classes) * (inputs + 1))
  }

  /// Steps of Newton's method at most.
  static let stepLimit = 200
  /// The minimum is found when no derivative is larger.
  static let tolerance = 1e-8

  /// Goes from the present parameters to the minimum for λ = `penalty`.
  /// - Parameters:
  ///   - features: `[N, D]`.
  ///   - labels: `[N]`, each in 0 ..< K.
  /// - Throws: `FloorError.notConverged`.
  public mutating func fit(
    _ features: FeatureMatrix, labels: [Int], penalty: Double, pool: WorkerPool
  ) throws(FloorError) {
    precondition(features.columns == inputs && features.rows == labels.count && penalty > 0, "features of other images")
    let problem = Problem(features: features, labels: labels, classes: classes, penalty: penalty, pool: pool)
    var point = problem.evaluated(at: parameters)
    for _ in 0..<Self.stepLimit {
      let largest = point.gradient.reduce(0) { max($0, $1.magnitude) }
      if largest <= Self.tolerance {
        parameters = point.parameters
        return
      }
      let direction = problem.newtonDirection(from: point)
      let slope = zip(direction, point.gradient).reduce(0) { $0 + $1.0 * $1.1 }
      var step = 1.0
      var next = point
      // f must fall by a part of what its slope promises (Armijo); near the minimum its rounding hides that.
      repeat {
        next = problem.evaluated(at: zip(point.parameters, direction).map { $0 + step * $1 })
        if next.value <= point.value + 1e-4 * step * slope + 1e-14 * point.value.magnitude { break }
        step /= 2
      } while step > 1e-10
      point = next
    }
    throw .notConverged(
      penalty: penalty, steps: Self.stepLimit, gradient: point.gradient.reduce(0) { max($0, $1.magnitude) })
  }

  /// The logits `[N, K]`.
  public func logits(_ features: FeatureMatrix, pool: WorkerPool) -> [Float] {
    let products = features.products(with: parameters, outputs: outputs, pool: pool)
    guard classes == 2 else { return products.map { Float($0) } }
    return products.flatMap { [0, Float($0)] }
  }
}

extension FeatureMatrix {
  /// z[n, m] = Σ_d w[m, d] x[n, d] + b[m]: `[N, M]`.
  func products(with parameters: [Double], outputs: Int, pool: WorkerPool) -> [Double] {
    var products = [Double](repeating: 0, count: rows * outputs)
    let biases = outputs * columns
    products.withUnsafeMutableBufferPointer { results in
      // Invariant: chunks write to rows of their own.
      nonisolated(unsafe) let results = results
      values.withUnsafeBufferPointer { x in
        parameters.withUnsafeBufferPointer { w in
          guard let x = x.baseAddress, let w = w.baseAddress else { return }
          pool.run(chunks: chunks) { chunk in
            for row in range(ofChunk: chunk) {
              for m in 0..<outputs {
                results[row * outputs + m] = Self.dot(x + row * columns, w + m * columns, columns) + w[biases + m]
              }
            }
          }
        }
      }
    }
    return products
  }

  /// (Σ_n r[n, m] x[n, d] by rows, then Σ_n r[n, m]) / N: `[M (D + 1)]`.
  func gradient(of residuals: [Double], outputs: Int, pool: WorkerPool) -> [Double] {
    let (size, biases) = (outputs * (columns + 1), outputs * columns)
    var parts = [Double](repeating: 0, count: chunks * size)
    parts.withUnsafeMutableBufferPointer { parts in
      // Invariant: chunks write to parts of their own.
      nonisolated(unsafe) let parts = parts
      values.withUnsafeBufferPointer { x in
        guard let x = x.baseAddress, let base = parts.baseAddress else { return }
        nonisolated(unsafe) let first = base
        pool.run(chunks: chunks) { chunk in
          let part = first + chunk * size
          for row in range(ofChunk: chunk) {
            for m in 0..<outputs {
              let residual = residuals[row * outputs + m]
              Self.add(residual, x + row * columns, to: part + m * columns, columns)
              part[biases + m] += residual
            }
          }
        }
      }
    }
    var sum = [Double](repeating: 0, count: size)
    for chunk in 0..<chunks { for place in 0..<size { sum[place] += parts[chunk * size + place] } }
    return sum.map { $0 / Double(rows) }
  }
}

/// f with its derivatives.
private struct Problem {
  let features: FeatureMatrix
  let labels: [Int]
  let classes: Int
  let penalty: Double
  let pool: WorkerPool
  var outputs: Int { classes == 2 ? 1 : classes }

  /// f at a point.
  struct Point {
    var parameters: [Double]
    var value: Double
    var gradient: [Double]
    /// p of the classes that have weights, `[N, M]`.
    var probabilities: [Double]
  }

  func evaluated(at parameters: [Double]) -> Point {
    var probabilities = features.products(with: parameters, outputs: outputs, pool: pool)
    var residuals = probabilities
    var loss = 0.0
    for (row, label) in labels.enumerated() {
      // Of two classes the first has the logit 0.
      let (start, own) = (row * outputs, outputs == 1 ? label - 1 : label)
      var largest = outputs == 1 ? 0 : -Double.infinity
      for m in 0..<outputs { largest = max(largest, probabilities[start + m]) }
      var total = outputs == 1 ? Elementary.exp(-largest) : 0
      loss -= (own < 0 ? 0 : probabilities[start + own]) - largest
      for m in 0..<outputs {
        probabilities[start + m] = Elementary.exp(probabilities[start + m] - largest)
        total += probabilities[start + m]
      }
      loss += Elementary.log(total)
      for m in 0..<outputs {
        probabilities[start + m] /= total
        residuals[start + m] = probabilities[start + m] - (m == own ? 1 : 0)
      }
    }
    var gradient = features.gradient(of: residuals, outputs: outputs, pool: pool)
    var square = 0.0
    for place in 0..<outputs * features.columns {
      gradient[place] += penalty * parameters[place]
      square += parameters[place] * parameters[place]
    }
    return Point(
      parameters: parameters, value: loss / Double(labels.count) + 0.5 * penalty * square, gradient: gradient,
      probabilities: probabilities)
  }

  /// H v: with u = X v, the residuals p ∘ (u − Σ_m p_m u_m), then as for the gradient.
  private func hessian(at point: Point, times vector: [Double]) -> [Double] {
    var products = features.products(with: vector, outputs: outputs, pool: pool)
    for row in 0..<labels.count {
      let start = row * outputs
      var mean = 0.0
      for m in 0..<outputs { mean += point.probabilities[start + m] * products[start + m] }
      for m in 0..<outputs { products[start + m] = point.probabilities[start + m] * (products[start + m] - mean) }
    }
    var result = features.gradient(of: products, outputs: outputs, pool: pool)
    for place in 0..<outputs * features.columns { result[place] += penalty * vector[place] }
    return result
  }

  /// Nearly the solution d of H d = −g, by conjugate gradients: the nearer the minimum, the more nearly.
  func newtonDirection(from point: Point) -> [Double] {
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    var direction = [Double](repeating: 0, count: point.gradient.count)
    var residual = point.gradient.map { -$0 }
    var search = residual
    var square = product(residual, residual)
    let norm = square.squareRoot()
    let target = min(0.1, norm.squareRoot()) * norm
    for _ in 0..<500 where square.squareRoot() > target {
      let image = hessian(at: point, times: search)
      let curvature = product(search, image)
      guard curvature > 0 else { break }
      let step = square / curvature
      for place in direction.indices {
        direction[place] += step * search[place]
        residual[place] -= step * image[place]
      }
      let next = product(residual, residual)
      for place in search.indices { search[place] = residual[place] + next / square * search[place] }
      square = next
    }
    return direction
  }
}
