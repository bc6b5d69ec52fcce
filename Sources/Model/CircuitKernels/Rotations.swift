import QuantumCircuits
public import VectorMath

/// Cosines and sines of a circuit's parameters, or of their halves, in the order the rotations are applied: [pairs, 2].
@usableFromInline
struct Rotations<Value: Arithmetic & BitwiseCopyable> {
  private let cosMemory: AlignedMemory<Value>
  private let sinMemory: AlignedMemory<Value>
  @usableFromInline let cos: UnsafeMutablePointer<Value>
  @usableFromInline let sin: UnsafeMutablePointer<Value>

  init(_ circuit: Circuit) {
    cosMemory = AlignedMemory(count: max(2 * circuit.pairs.count, 1))
    sinMemory = AlignedMemory(count: max(2 * circuit.pairs.count, 1))
    cos = cosMemory.base
    sin = sinMemory.base
  }

  /// Takes the parameters θ, `[parameterRows, 2]`, each times `factor`.
  func bind(_ circuit: Circuit, factor: Double, theta: (Int) -> Double) {
    for pair in circuit.pairs.indices {
      let row = circuit.parameterRow(ofPair: pair)
      for which in 0..<2 {
        let (sine, cosine) = Elementary.sinCos(theta(2 * row + which) * factor)
        cos[2 * pair + which] = Value(broadcasting: cosine)
        sin[2 * pair + which] = Value(broadcasting: sine)
      }
    }
  }
}
