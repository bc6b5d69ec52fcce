public import QuantumCircuits

extension VisionTransformerArchitecture {
  /// Multiply-adds of a forward pass over one image, circuits by their fastest exact method, attention by its definition.
  public var multiplyAdds: Int { operations().total.multiplyAdds }

  /// The work of a forward pass over one image by parts, in the order of the computation: with T tokens, P patches of p × p
  /// pixels, q channels, H heads, an MLP of m hidden channels, L blocks and K classes
  ///
  ///     patch embedding        P · 3p² · q
  ///     queries, keys, values  L · T · (q² each if linear, q if diagonal, 2q if a bottleneck, a circuit's if circuits)
  ///     attention              L · 2T²q, or L · T²q of uniform attention; H · T² exponentials
  ///     output                 L · T · q² if linear
  ///     MLP                    L · T · 2qm; m · T error functions
  ///     head                   q · K
  ///
  /// Attention is counted as it is defined, whatever method computes it (docs/attention.md).
  /// - Parameter method: how circuits are evaluated; nil for the fastest exact method.
  public func operations(circuits method: CircuitMethod? = nil) -> [PartOperations] {
    let (t, q) = (tokens, qubits)
    let perBlock = [
      ("queries, keys, values", roles.compactMap { $0.map { projection($0, method) } }.reduce(OperationCount(), +)),
      (
        "attention",
        OperationCount(
          multiplyAdds: (uniformAttention ? 1 : 2) * t * t * q,
          elementaryFunctions: uniformAttention ? 0 : heads * t * t)
      ),
      ("output", outputProjection.map { projection($0, method) } ?? OperationCount()),
      ("MLP", OperationCount(multiplyAdds: 2 * t * q * mlpWidth, elementaryFunctions: t * mlpWidth)),
    ]
    let patch = OperationCount(multiplyAdds: patchCount * 3 * patchSize * patchSize * q)
    return [PartOperations(name: "patch embedding", count: patch)]
      + perBlock.map { PartOperations(name: $0.0, count: blocks * $0.1) }
      + [PartOperations(name: "head", count: OperationCount(multiplyAdds: q * classes))]
  }

  /// One projection of all tokens.
  private func projection(_ projection: Projection, _ method: CircuitMethod?) -> OperationCount {
    let (linear, values) = (tokens * qubits * qubits, tokens * qubits)
    switch projection {
    case .linear: return OperationCount(multiplyAdds: linear)
    case .cosine, .tanh: return OperationCount(multiplyAdds: linear, elementaryFunctions: values)
    case .diagonal: return OperationCount(multiplyAdds: values)
    case .bottleneck: return OperationCount(multiplyAdds: 2 * values)
    case .identity: return OperationCount()
    case .circuit:
      let counts = circuits.map { circuit in
        let method = method ?? .fastest(for: circuit)
        guard let count = circuit.multiplyAdds(by: method) else {
          preconditionFailure("the circuit has no form '\(method.rawValue)'")
        }
        return OperationCount(multiplyAdds: count, elementaryFunctions: circuit.qubits)
      }
      return tokens * counts.reduce(OperationCount(), +)
    }
  }
}
