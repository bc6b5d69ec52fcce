import Architectures
import QuantumCircuits
import Testing

@Suite struct OperationTests {
  private func student(
    _ size: Int = 28, classes: Int = 2, qubits: Int = 4, layout: PairLayout? = nil
  ) -> VisionTransformerArchitecture {
    var student = VisionTransformerArchitecture(
      imageSize: size, classes: classes, circuit: layout.map { CircuitDesign(layout: $0.pairs(qubits: qubits)) })
    student.qubits = qubits
    return student
  }

  /// 196 tokens of four channels, by hand.
  @Test func viTOfTheTables() {
    let parts = student().operations()
    #expect(
      parts.map(\.name) == ["patch embedding", "queries, keys, values", "attention", "output", "MLP", "head"])
    #expect(parts.map(\.count.multiplyAdds) == [9_408, 9_408, 307_328, 3_136, 12_544, 8])
    #expect(parts.map(\.count.elementaryFunctions) == [0, 0, 76_832, 0, 1_568, 0])
    #expect(student().multiplyAdds == 341_832)
    // 3 · 16 · 16 instead of 3 · 2 · 2 numbers in a patch.
    #expect(student(224).multiplyAdds == 341_832 - 9_408 + 602_112)
  }

  /// Thirty multiply-adds for each of three circuits and 196 tokens, and four sines and cosines.
  @Test func qViTOfTheTables() {
    let student = student(layout: .chain)
    #expect(student.multiplyAdds == 341_832 - 9_408 + 3 * 196 * 30)
    #expect(student.operations()[1].count == OperationCount(multiplyAdds: 17_640, elementaryFunctions: 2_352))
    // 5 · 2⁴ + 10 by state vector.
    #expect(student.operations(circuits: .stateVector)[1].count.multiplyAdds == 3 * 196 * 90)
  }

  /// Every number of a weight is one multiply-add for each token; what is left has no weights.
  @Test func weightsAreUsedOncePerToken() {
    var students = [student(), student(224, classes: 9), student(qubits: 8)]
    for projection in [Projection.cosine, .tanh] {
      var other = student(classes: 3)
      other.projections = Projections(query: projection, key: .linear, value: projection)
      students.append(other)
    }
    var other = student(qubits: 8)
    (other.blocks, other.mlpRatio, other.output, other.pooling) = (3, 0.5, .none, .classToken)
    students.append(other)
    for student in students {
      let weights = ParameterLayout(student).parameters.filter { $0.name.hasSuffix(".weight") && $0.shape.count > 1 }
      var expected = 2 * student.blocks * student.tokens * student.tokens * student.qubits
      for weight in weights {
        let uses = weight.name.hasPrefix("head") ? 1 : weight.name.hasPrefix("patch") ? 196 : student.tokens
        expected += uses * weight.count
      }
      #expect(student.multiplyAdds == expected)
    }
  }

  @Test func variations() {
    var uniform = student()
    uniform.uniformAttention = true
    uniform.projections = Projections(all: .identity)
    #expect(uniform.operations()[1].count == OperationCount())
    #expect(uniform.operations()[2].count == OperationCount(multiplyAdds: 153_664))
    var diagonal = student()
    diagonal.projections = Projections(query: .diagonal, key: .cosine, value: .identity)
    #expect(
      diagonal.operations()[1].count == OperationCount(multiplyAdds: 784 + 3_136, elementaryFunctions: 784))
    // A circuit of two qubits for each of two heads, in the output too.
    var perHead = student(layout: .chain)
    perHead.circuit = CircuitDesign(layout: PairLayout.chain.pairs(qubits: 2))
    perHead.circuit?.scope = .perHead
    perHead.output = .circuit
    let circuits = perHead.operations()
    #expect(circuits[1].count == OperationCount(multiplyAdds: 3 * 196 * 20, elementaryFunctions: 3 * 196 * 4))
    #expect(circuits[3].count == OperationCount(multiplyAdds: 196 * 20, elementaryFunctions: 196 * 4))
  }
}
