import Glibc
public import Drawing
public import QuantumCircuits

/// A circuit drawn as the field draws it: a line for each qubit, the encoding RY(x), for each pair two rotations and a CNOT,
/// and at the end the measured Z. With the angles of a trained student in the gates.
public struct CircuitDiagram {
  private let circuit: Circuit
  private let angles: [Float]?
  private let name: String

  /// At most so many pairs are drawn; a circuit of more ends in dots.
  private static let pairLimit = 12
  private static let (gateWidth, gateHeight, lineDistance) = (26.0, 15.0, 26.0)

  /// The diagram of a circuit called `name`, with its parameters `[parameterRows, 2]` in radians where they are known.
  public init(_ circuit: Circuit, angles: [Float]?, name: String) {
    self.circuit = circuit
    self.angles = angles
    self.name = name
  }

  /// A step in the order of the circuit.
  private enum Step {
    case encoding
    case pair(Int)
  }

  private var steps: [Step] {
    var steps: [Step] = [.encoding]
    for pair in circuit.pairs.indices.prefix(Self.pairLimit) {
      if circuit.uploads(beforePair: pair) { steps.append(.encoding) }
      steps.append(.pair(pair))
    }
    return steps
  }

  /// The first column of each step: as early as its qubits and those between are free.
  private func columns(_ steps: [Step]) -> (first: [Int], count: Int) {
    var free = [Int](repeating: 0, count: circuit.qubits)
    let first = steps.map { step -> Int in
      let (qubits, width): (ClosedRange<Int>, Int)
      switch step {
      case .encoding: (qubits, width) = (0...circuit.qubits - 1, 1)
      case .pair(let index):
        let pair = circuit.pairs[index]
        qubits = min(pair.control, pair.target)...max(pair.control, pair.target)
        width = circuit.entangler == .cnot ? 2 : 1
      }
      let start = qubits.map { free[$0] }.max() ?? 0
      for qubit in qubits { free[qubit] = start + width }
      return start
    }
    return (first, free.max() ?? 0)
  }

  /// The picture.
  public var picture: Picture {
    let steps = steps
    let (first, count) = columns(steps)
    let isCut = circuit.pairs.count > Self.pairLimit
    let columnWidth = max(30, min(44, (Picture.standardWidth - 62) / Double(count + 1)))
    let width = max(Picture.standardWidth, 62 + columnWidth * Double(count + (isCut ? 2 : 1)))
    var picture = Picture(
      width: width, height: 26 + Self.lineDistance * Double(circuit.qubits), title: "Circuit: \(name)",
      description: description)
    picture.text(name, x: 4, y: 11, size: 9, bold: true)
    func x(_ column: Int) -> Double { 34 + columnWidth * (Double(column) + 0.5) }
    func y(_ qubit: Int) -> Double { 32 + Self.lineDistance * Double(qubit) }
    let end = x(count + (isCut ? 1 : 0)) - 8
    for qubit in 0..<circuit.qubits {
      picture.text("q\(qubit)", x: 4, y: y(qubit) + 3, size: 8, colour: .faint)
      picture.line(18, y(qubit), end + 4, y(qubit), .faint)
      if isCut { picture.text("…", x: x(count) - 14, y: y(qubit) - 3, size: 10, colour: .faint) }
      gate("⟨Z⟩", x: end + 14, y: y(qubit), .ink, on: &picture)
    }
    for (step, column) in zip(steps, first) {
      switch step {
      case .encoding:
        for qubit in 0..<circuit.qubits { gate("x\(qubit)", x: x(column), y: y(qubit), .green, on: &picture) }
      case .pair(let index):
        let pair = circuit.pairs[index]
        gate(angle(index, 0), x: x(column), y: y(pair.control), .blue, on: &picture)
        gate(angle(index, 1), x: x(column), y: y(pair.target), .blue, on: &picture)
        guard circuit.entangler == .cnot else { continue }
        cnot(x: x(column + 1), y(pair.control), y(pair.target), on: &picture)
      }
    }
    return picture
  }

  private func gate(_ text: String, x: Double, y: Double, _ colour: Colour, on picture: inout Picture) {
    let (width, height) = (Self.gateWidth, Self.gateHeight)
    picture.rectangle(
      x: x - width / 2, y: y - height / 2, width: width, height: height, fill: .ground, stroke: colour, radius: 2)
    picture.text(text, x: x, y: y + 3, size: 8, anchor: .middle)
  }

  private func cnot(x: Double, _ control: Double, _ target: Double, on picture: inout Picture) {
    picture.line(x, control, x, target + (target > control ? 6 : -6), .ink)
    picture.circle(x, control, radius: 2.6, .ink)
    picture.circle(x, target, radius: 6, .ink, filled: false)
    picture.line(x - 6, target, x + 6, target, .ink)
    picture.line(x, target - 6, x, target + 6, .ink)
  }

  /// An angle in [0, 2π), or its name.
  private func angle(_ pair: Int, _ place: Int) -> String {
    let index = 2 * circuit.parameterRow(ofPair: pair) + place
    guard let angles, angles.indices.contains(index) else { return "θ\(index)" }
    return decimal(wrapped(Double(angles[index])), 2)
  }

  private var description: String {
    let pairs = circuit.pairs.prefix(Self.pairLimit).enumerated().map { index, pair in
      "RY(\(angle(index, 0))) on qubit \(pair.control), RY(\(angle(index, 1))) on \(pair.target)"
        + (circuit.entangler == .cnot ? ", CNOT from \(pair.control) to \(pair.target)" : "")
    }
    return "\(circuit.qubits) qubits, RY(x) on each"
      + (circuit.uploads > 1 ? ", again before each of \(circuit.layers) layers" : "") + "; "
      + (pairs.isEmpty ? "no pairs" : pairs.joined(separator: "; "))
      + (circuit.pairs.count > Self.pairLimit ? " and \(circuit.pairs.count - Self.pairLimit) pairs more" : "")
      + "; Z is measured on each qubit."
  }
}

/// An angle as the equal one in [0, 2π).
func wrapped(_ angle: Double) -> Double {
  guard angle.isFinite else { return 0 }
  let turns = (angle / (2 * .pi)).rounded(.down)
  return min(max(angle - turns * 2 * .pi, 0), 2 * .pi)
}
