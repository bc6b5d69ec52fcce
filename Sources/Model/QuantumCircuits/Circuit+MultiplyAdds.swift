extension Circuit {
  /// Multiply-adds of one evaluation for one token: multiplications, each with or without an addition. Cosines and sines of the
  /// inputs (one pair for each qubit) and of the angles (once for all tokens) are not among them.
  ///
  /// By `bloch`, with n qubits, 10 for each pair that joins independent qubits: two rotations of four, and the two products of
  /// the CNOT. A pair that closes a cycle needs 20, two rotations of Bloch pairs and those of four correlations of which two are
  /// used; and what earlier pairs do to the correlations that are followed through them is counted as planned. A chain of n
  /// qubits has 10 (n − 1).
  ///
  /// By `stateVector`, on m = 2, 4, … amplitudes behind each pair: 2m for a pair that brings in a qubit, whose own state takes
  /// 4 more, 4m for one between qubits that are there, m/2 where two qubits come together; 2 · 2ⁿ for each qubit's repeated
  /// upload, and 2ⁿ + n for all read-outs. A chain of n qubits has 5 · 2ⁿ + 5n − 10.
  /// - Returns: nil where the method does not suit the circuit.
  public func multiplyAdds(by method: CircuitMethod) -> Int? {
    guard method.suits(self) else { return nil }
    return switch method {
    case .bloch: BlochPlan(self).map(\.multiplyAdds)
    case .stateVector: multiplyAddsByStateVector
    }
  }

  /// The same on the register that qubits join when a gate first acts on them.
  private var multiplyAddsByStateVector: Int {
    var joined: Set<Int> = []
    var count = 0
    for (index, pair) in pairs.enumerated() {
      if uploads(beforePair: index) { count += joined.count * 2 << joined.count }
      let new = Set([pair.control, pair.target]).subtracting(joined)
      joined.formUnion(new)
      let amplitudes = 1 << joined.count
      if new.count == 2 { count += amplitudes / 2 }
      count += new.isEmpty ? 4 * amplitudes : 4 + 2 * amplitudes
    }
    let idle = qubits - joined.count
    return count + 1 << joined.count + joined.count + idle * (4 * (uploads - 1) + 2)
  }
}

extension BlochPlan {
  /// Of all pairs, see `Circuit.multiplyAdds(by:)`.
  fileprivate var multiplyAdds: Int {
    let (rotations, products, correlations) = (8, 2, 12)
    var count = 0
    for (closes, steps) in zip(closes, steps) {
      count += rotations + (closes ? correlations : entangles ? products : 0)
      for step in steps { count += step.change.multiplyAdds }
    }
    return count
  }
}

extension BlochPlan.Change {
  /// Of the four correlations ⟨PQ⟩: docs/circuits.md has the table.
  fileprivate var multiplyAdds: Int {
    switch self {
    case .joined: 1
    case .product: 4
    // Twice a rotation of four and a product.
    case .control, .target: 10
    // Twice half a rotation and two products.
    case .toTarget, .toControl: 8
    }
  }
}
