/// A number with its derivatives by the cells it was computed from: what tells how the uncertainty of the cells becomes that of
/// a formula.
public struct DualNumber: Sendable, Equatable {
  /// The value.
  public var value: Double
  /// ∂value/∂cell; cells that are not there have none.
  public var gradient: [Cell: Double]

  /// A number from its parts.
  public init(_ value: Double, gradient: [Cell: Double] = [:]) {
    self.value = value
    self.gradient = gradient
  }

  /// scale · a + otherScale · b in the derivatives, with a value computed elsewhere.
  private static func combined(
    _ value: Double, _ a: DualNumber, _ scale: Double, _ b: DualNumber, _ otherScale: Double
  ) -> DualNumber {
    var gradient = a.gradient.mapValues { $0 * scale }
    for (cell, slope) in b.gradient { gradient[cell, default: 0] += slope * otherScale }
    return DualNumber(value, gradient: gradient)
  }

  static func + (a: DualNumber, b: DualNumber) -> DualNumber { combined(a.value + b.value, a, 1, b, 1) }
  static func - (a: DualNumber, b: DualNumber) -> DualNumber { combined(a.value - b.value, a, 1, b, -1) }
  static func * (a: DualNumber, b: DualNumber) -> DualNumber { combined(a.value * b.value, a, b.value, b, a.value) }
  static func / (a: DualNumber, b: DualNumber) -> DualNumber {
    combined(a.value / b.value, a, 1 / b.value, b, -a.value / (b.value * b.value))
  }
}

extension Formula {
  /// The value with its derivatives by the cells.
  /// - Parameters:
  ///   - datasets: those that a mean is over where the formula names none.
  ///   - cells: the value of each cell the formula asks for; NaN where it asks for another.
  ///   - facts: everything else.
  /// - Throws: `FormulaFacts.Absence`.
  public func evaluated(
    on datasets: [String], cells: (Cell) -> Double?, facts: FormulaFacts
  ) throws(FormulaFacts.Absence) -> DualNumber {
    func part(_ formula: Formula) throws(FormulaFacts.Absence) -> DualNumber {
      try formula.evaluated(on: datasets, cells: cells, facts: facts)
    }
    switch self {
    case .number(let number): return DualNumber(number)
    case .fact(let name, let words): return DualNumber(try facts(name, words))
    case .mean(let metric, let rows, let named):
      let wanted = rows.flatMap { row in
        (named ?? datasets).map { Cell(row: row, dataset: $0, metric: metric) }
      }
      let weight = 1 / Double(wanted.count)
      var sum = 0.0
      var gradient: [Cell: Double] = [:]
      for cell in wanted {
        sum += cells(cell) ?? .nan
        gradient[cell, default: 0] += weight
      }
      return DualNumber(sum / Double(wanted.count), gradient: gradient)
    case .sum(let a, let b): return try part(a) + part(b)
    case .difference(let a, let b): return try part(a) - part(b)
    case .product(let a, let b): return try part(a) * part(b)
    case .quotient(let a, let b): return try part(a) / part(b)
    case .minimum(let parts): return try extreme(parts.map(part), <)
    case .maximum(let parts): return try extreme(parts.map(part), >)
    }
  }
}

/// The first of the values that no other precedes.
private func extreme(_ values: [DualNumber], _ precedes: (Double, Double) -> Bool) -> DualNumber {
  values.dropFirst().reduce(values[0]) { precedes($1.value, $0.value) ? $1 : $0 }
}
