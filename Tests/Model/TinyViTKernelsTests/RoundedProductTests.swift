import Testing
import VectorMath

@testable import TinyViTKernels

/// The chain of a product in bfloat16 as it is specified, number by number.
private struct PlainChain {
  var sum: Float

  init(start: Float) { sum = start }

  private static func flushed(_ value: Float) -> Float {
    value.magnitude < Float.leastNormalMagnitude ? Float(sign: value.sign, exponent: 0, significand: 0) : value
  }

  private mutating func add(_ a: Float, _ b: Float) {
    var next = Self.flushed(sum)
    next.addProduct(roundToBFloat16(a), roundToBFloat16(b))
    sum = Self.flushed(next)
  }

  /// Steps by twos, the second of two first; a last single one after 0 · 0.
  mutating func add(steps: Int, _ a: (Int) -> Float, _ b: (Int) -> Float) {
    for step in stride(from: 0, to: steps, by: 2) {
      if step + 1 < steps { add(a(step + 1), b(step + 1)) } else { add(0, 0) }
      add(a(step), b(step))
    }
  }
}

@Suite struct RoundedProductTests {
  /// Numbers whose products reach from denormal to infinite ones, some of them denormal themselves.
  private static func wideNumbers(_ count: Int, _ index: UInt64) -> [Double] {
    var stream = RandomStream(seed: 3, purpose: "wide numbers", index)
    return (0..<count).map { _ in
      let exponent = [-140, -100, -70, -56, -3, -1, 0, 2, 60][stream.index(below: 9)]
      let number = stream.uniform(in: -2...2) * Double(sign: .plus, exponent: exponent, significand: 1)
      return Double(Float(number))
    }
  }

  private static func numbers(_ wide: Bool, _ count: Int, _ index: UInt64) -> [Float] {
    (wide ? wideNumbers(count, index) : testNumbers(count, index)).map { Float($0) }
  }

  private func arithmetic(_ method: BFloat16Method, _ inputs: Int, _ outputs: Int) -> ProductArithmetic {
    .bfloat16(
      method, memory: Floats(zeros: roundingMemorySize(method, inputs: inputs, outputs: outputs)).base)
  }

  private func packed(
    _ method: BFloat16Method, _ weight: [Float], steps: Int, columns: Int, stepStride: Int, columnStride: Int
  ) -> UnsafeMutablePointer<Float> {
    let panels = Floats(zeros: panelSize(steps: steps, columns: columns))
    packPanels(
      steps: steps, columns: columns, from: Floats(weight.map { Double($0) }).base, stepStride: stepStride,
      columnStride: columnStride, into: panels.base)
    let rounded = Floats(zeros: method.panelSize(steps: steps, columns: columns))
    roundPanels(method, steps: steps, columns: columns, panels.base, into: rounded.base)
    return rounded.base
  }

  private func expectSameBits(
    _ found: [Float], _ expected: [Float], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let wrong = found.indices.filter {
      found[$0].bitPattern != expected[$0].bitPattern && !(found[$0].isNaN && expected[$0].isNaN)
    }
    #expect(
      wrong.isEmpty, "\(what): \(wrong.count) of \(found.count), \(wrong.prefix(3).map { (found[$0], expected[$0]) })",
      sourceLocation: sourceLocation)
  }

  /// Y = b + X · Wᵀ, dX += dY · W and dW += dYᵀ · X, bit by bit: odd numbers of steps, remainders of lanes, panels and blocks.
  @Test(
    arguments: BFloat16Method.allCases,
    [
      (1, 16, 16), (5, 27, 16), (6, 33, 48), (49, 64, 80), (130, 17, 112), (7, 160, 32), (131, 48, 16), (2, 1, 64),
    ])
  func agreesWithTheChainAsSpecified(method: BFloat16Method, shape: (rows: Int, inputs: Int, outputs: Int)) {
    let (rows, inputs, outputs) = shape
    let padded = (inputs + 15) / 16 * 16
    for wide in [false, true] {
      // Columns of padding are zero.
      let dense = Self.numbers(wide, rows * inputs, 1)
      let x = (0..<rows * padded).map { $0 % padded < inputs ? dense[$0 / padded * inputs + $0 % padded] : 0 }
      let weight = Self.numbers(wide, outputs * inputs, 2)
      let dy = Self.numbers(wide, rows * outputs, 3)
      let bias = Self.numbers(wide, outputs, 4)
      let start = Self.numbers(wide, max(rows, outputs) * padded, 5)
      let arithmetic = arithmetic(method, inputs, outputs)
      func floats(_ values: [Float]) -> UnsafeMutablePointer<Float> { Floats(values.map { Double($0) }).base }

      let forward = packed(method, weight, steps: inputs, columns: outputs, stepStride: 1, columnStride: inputs)
      let y = Floats(zeros: rows * outputs)
      multiply(
        arithmetic, rows: rows, columns: outputs, steps: inputs, floats(x), stride: padded,
        arithmetic.rightOperand(packed: forward, steps: inputs), into: y.base, resultStride: outputs,
        from: .bias(floats(bias)))
      expectSameBits(
        y.values,
        (0..<rows * outputs).map { index in
          let (t, o) = (index / outputs, index % outputs)
          var chain = PlainChain(start: bias[o])
          chain.add(steps: inputs, { x[t * padded + $0] }, { weight[o * inputs + $0] })
          return chain.sum
        }, "forward, wide: \(wide)")

      let backward = packed(method, weight, steps: outputs, columns: inputs, stepStride: inputs, columnStride: 1)
      let dx = Floats(start.prefix(rows * padded).map { Double($0) })
      multiply(
        arithmetic, rows: rows, columns: padded, steps: outputs, floats(dy), stride: outputs,
        arithmetic.rightOperand(packed: backward, steps: outputs), into: dx.base, resultStride: padded, from: .result)
      expectSameBits(
        dx.values,
        (0..<rows * padded).map { index in
          let (t, i) = (index / padded, index % padded)
          var chain = PlainChain(start: start[index])
          chain.add(steps: outputs, { dy[t * outputs + $0] }, { i < inputs ? weight[$0 * inputs + i] : 0 })
          return chain.sum
        }, "input gradient, wide: \(wide)")

      let dWeight = Floats(start.prefix(outputs * padded).map { Double($0) })
      addWeightGradient(
        arithmetic, rows: rows, outputs: outputs, inputs: padded, dy: floats(dy), floats(x), into: dWeight.base)
      expectSameBits(
        dWeight.values,
        (0..<outputs * padded).map { index in
          let (o, i) = (index / padded, index % padded)
          var chain = PlainChain(start: start[index])
          // Rows 128 at a time.
          for first in stride(from: 0, to: rows, by: 128) {
            chain.add(
              steps: min(128, rows - first), { dy[(first + $0) * outputs + o] }, { x[(first + $0) * padded + i] })
          }
          return chain.sum
        }, "weight gradient, wide: \(wide)")
    }
  }

  /// Elements here and there of every product of TinyViT-5M.
  @Test(
    arguments: BFloat16Method.allCases,
    [
      (288, 64), (64, 256), (256, 64), (64, 128), (128, 128), (128, 384), (128, 512), (512, 128), (128, 160),
      (160, 160),
      (160, 480), (160, 640), (640, 160), (160, 320), (320, 320), (320, 960), (320, 1280), (1280, 320),
    ])
  func theShapesOfTheTeacher(method: BFloat16Method, shape: (inputs: Int, outputs: Int)) {
    let (rows, inputs, outputs) = (133, shape.inputs, shape.outputs)
    let x = Floats(testNumbers(rows * inputs, 1)).base
    let dy = Floats(testNumbers(rows * outputs, 2)).base
    let weight = testNumbers(inputs * outputs, 3).map { Float($0) }
    let arithmetic = arithmetic(method, inputs, outputs)
    let forward = packed(method, weight, steps: inputs, columns: outputs, stepStride: 1, columnStride: inputs)
    let backward = packed(method, weight, steps: outputs, columns: inputs, stepStride: inputs, columnStride: 1)
    let (y, dx) = (Floats(zeros: rows * outputs), Floats(zeros: rows * inputs))
    let dWeight = Floats(zeros: outputs * inputs)
    multiply(
      arithmetic, rows: rows, columns: outputs, steps: inputs, x, stride: inputs,
      arithmetic.rightOperand(packed: forward, steps: inputs), into: y.base, resultStride: outputs, from: .zero)
    multiply(
      arithmetic, rows: rows, columns: inputs, steps: outputs, dy, stride: outputs,
      arithmetic.rightOperand(packed: backward, steps: outputs), into: dx.base, resultStride: inputs, from: .zero)
    addWeightGradient(arithmetic, rows: rows, outputs: outputs, inputs: inputs, dy: dy, x, into: dWeight.base)
    var stream = RandomStream(seed: 4, purpose: "places")
    for _ in 0..<64 {
      let (t, o, i) = (stream.index(below: rows), stream.index(below: outputs), stream.index(below: inputs))
      var chains = [PlainChain](repeating: PlainChain(start: 0), count: 3)
      chains[0].add(steps: inputs, { x[t * inputs + $0] }, { weight[o * inputs + $0] })
      chains[1].add(steps: outputs, { dy[t * outputs + $0] }, { weight[$0 * inputs + i] })
      chains[2].add(steps: 128, { dy[$0 * outputs + o] }, { x[$0 * inputs + i] })
      chains[2].add(steps: 5, { dy[(128 + $0) * outputs + o] }, { x[(128 + $0) * inputs + i] })
      #expect(y.base[t * outputs + o] == chains[0].sum)
      #expect(dx.base[t * inputs + i] == chains[1].sum)
      #expect(dWeight.base[o * inputs + i] == chains[2].sum)
    }
  }

  /// The order within a pair and the rounding after each product can be seen in the result.
  @Test(arguments: BFloat16Method.allCases) func theOddProductComesFirst(method: BFloat16Method) {
    // 2²⁴ + 1 is lost, 1 − 2²⁴ + 2²⁴ is not.
    func product(_ even: Double, _ odd: Double, from start: Double) -> Float {
      let arithmetic = arithmetic(method, 2, 16)
      let weight = packed(
        method, [Float](repeating: 1, count: 32), steps: 2, columns: 16, stepStride: 16, columnStride: 1)
      let y = Floats(zeros: 16)
      multiply(
        arithmetic, rows: 1, columns: 16, steps: 2, Floats([even, odd]).base, stride: 2,
        arithmetic.rightOperand(packed: weight, steps: 2), into: y.base, resultStride: 16,
        from: .bias(Floats(Array(repeating: start, count: 16)).base))
      return y.values[7]
    }
    let large = 16_777_216.0
    #expect(product(-large, 1, from: large) == 0)
    #expect(product(1, -large, from: large) == 1)
    // 1 + 2⁻²⁴ + 2⁻²⁴, each a tie to even.
    #expect(product(0x1p-24, 0x1p-24, from: 1) == 1)
    // A denormal start, a denormal product.
    #expect(product(0x1p-126, 0, from: 0x1p-130) == 0x1p-126)
    #expect(product(-0x1p-126, 0x1.8p-126, from: 0).bitPattern == 0, "0.5 · 2⁻¹²⁶ becomes 0")
  }

  /// Denormal numbers are flushed inside the products only.
  @Test func leavesTheControlRegisterAsItWas() {
    let arithmetic = arithmetic(.singlePrecision, 16, 16)
    let x = Floats(testNumbers(256, 1)).base
    addWeightGradient(arithmetic, rows: 16, outputs: 16, inputs: 16, dy: x, x, into: Floats(zeros: 256).base)
    var small = Float.leastNormalMagnitude
    for _ in 0..<3 { small /= Float(testNumbers(1, 1)[0].magnitude + 2) }
    #expect(small > 0 && small < Float.leastNormalMagnitude)
  }

  @Test func rowsOfAnOddLastBlockStandAlone() {
    for method in BFloat16Method.allCases {
      #expect(method.words(steps: 4) == (method == .singlePrecision ? 4 : 2))
      #expect(method.words(steps: 5) == (method == .singlePrecision ? 6 : 3))
    }
  }

  // MARK: The choice

  @Test func theInstructionIsTakenOnlyIfItsBitsAreRight() {
    var lines: [String] = []
    func choice(_ hasInstruction: Bool, _ agrees: Bool) -> BFloat16Method {
      .choice(hasInstruction: hasInstruction, agrees: { agrees }, complain: { lines.append($0) })
    }
    #expect(choice(false, true) == .singlePrecision && choice(true, true) == .instruction && lines.isEmpty)
    #expect(choice(true, false) == .singlePrecision)
    #expect(lines.count == 1 && lines[0].hasPrefix("note: ") && lines[0].hasSuffix("\n"))
    #expect(BFloat16Method.current == (hasPairInstruction ? .instruction : .singlePrecision))
  }

  /// The check would notice another order, a fused pair, and numbers that are not flushed.
  @Test func theCheckSeesWhatIsSpecified() {
    #expect(BFloat16Method.bitsAgree(.portablePairs, .singlePrecision))
    let (rows, steps, columns) = BFloat16Method.checked
    let (x, weight) = BFloat16Method.checkedOperands()
    var (otherOrder, fusedPair, denormal) = (0, 0, 0)
    for m in 0..<rows {
      for n in 0..<columns {
        var chain = PlainChain(start: 0)
        var (swapped, fused, kept): (Float, Float, Float) = (0, 0, 0)
        for step in stride(from: 0, to: steps, by: 2) {
          func product(_ step: Int) -> (Float, Float) {
            step < steps
              ? (roundToBFloat16(x.base[m * steps + step]), roundToBFloat16(weight.base[step * columns + n])) : (0, 0)
          }
          let (even, odd) = (product(step), product(step + 1))
          swapped.addProduct(even.0, even.1)
          swapped.addProduct(odd.0, odd.1)
          fused += Float(Double(even.0) * Double(even.1) + Double(odd.0) * Double(odd.1))
          kept.addProduct(odd.0, odd.1)
          if kept != 0, kept.magnitude < Float.leastNormalMagnitude { denormal += 1 }
          kept.addProduct(even.0, even.1)
        }
        chain.add(steps: steps, { x.base[m * steps + $0] }, { weight.base[$0 * columns + n] })
        otherOrder += chain.sum == swapped ? 0 : 1
        fusedPair += chain.sum == fused ? 0 : 1
      }
    }
    #expect(otherOrder > 100 && fusedPair > 100 && denormal > 100, "\((otherOrder, fusedPair, denormal))")
  }
}
