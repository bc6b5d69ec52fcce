internal import Glibc
internal import VectorMath

// Which way to multiply rounded operands on this machine: the instruction where there is one and it does what is specified.

extension BFloat16Method {
  /// The way of this machine, found once. If the processor's instruction gives other bits than the product in single precision,
  /// it is not used, and a line on standard error says so.
  public static let current = choice(
    hasInstruction: hasPairInstruction, agrees: { bitsAgree(.instruction, .singlePrecision) },
    complain: { line in
      var line = line
      line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    })

  static func choice(hasInstruction: Bool, agrees: () -> Bool, complain: (String) -> Void) -> BFloat16Method {
    guard hasInstruction else { return .singlePrecision }
    if agrees() { return .instruction }
    complain(
      "note: this processor's VDPBF16PS does not round as specified; products in bfloat16 are computed in single precision\n"
    )
    return .singlePrecision
  }

  /// Whether two ways give the same bits of a product that depends on all that is specified: the order of the two products of a
  /// pair, the rounding of each sum, denormal numbers, tiles of all sizes, a last single step.
  static func bitsAgree(_ one: BFloat16Method, _ other: BFloat16Method) -> Bool {
    let (rows, steps, columns) = checked
    let (x, weight) = checkedOperands()
    let panels = AlignedMemory<Float>(count: TinyViTKernels.panelSize(steps: steps, columns: columns))
    packPanels(
      steps: steps, columns: columns, from: weight.base, stepStride: columns, columnStride: 1, into: panels.base)
    func product(_ method: BFloat16Method) -> [UInt32] {
      let packed = AlignedMemory<Float>(count: method.panelSize(steps: steps, columns: columns))
      roundPanels(method, steps: steps, columns: columns, panels.base, into: packed.base)
      let memory = AlignedMemory<Float>(count: roundingMemorySize(method, inputs: steps, outputs: columns))
      let arithmetic = ProductArithmetic.bfloat16(method, memory: memory.base)
      let result = AlignedMemory<Float>(count: rows * columns)
      multiply(
        arithmetic, rows: rows, columns: columns, steps: steps, x.base, stride: steps,
        arithmetic.rightOperand(packed: packed.base, steps: steps), into: result.base, resultStride: columns,
        from: .zero)
      return result.elements.map(\.bitPattern)
    }
    return product(one) == product(other)
  }

  /// The size of the product that is compared.
  static let checked = (rows: 13, steps: 75, columns: 112)

  /// Its operands [rows, steps] and [steps, columns]: a third of the rows and columns of numbers around 1, where each rounding
  /// shows, a third so small that products are denormal, a third so far apart that sums lose terms.
  static func checkedOperands() -> (x: AlignedMemory<Float>, weight: AlignedMemory<Float>) {
    var stream = RandomStream(seed: 0, purpose: "bfloat16 check")
    func fill(_ memory: AlignedMemory<Float>, line: (_ index: Int) -> Int) -> AlignedMemory<Float> {
      for index in memory.elements.indices {
        let exponents = [-2...2, -65 ... -61, -30...30][line(index) % 3]
        let exponent = exponents.lowerBound + stream.index(below: exponents.count)
        let significand = Float(stream.uniform(in: 1...2)) * (stream.index(below: 2) == 0 ? 1 : -1)
        memory.base[index] = Float(sign: .plus, exponent: exponent, significand: significand)
      }
      return memory
    }
    return (
      fill(AlignedMemory(count: checked.rows * checked.steps)) { $0 / checked.steps },
      fill(AlignedMemory(count: checked.steps * checked.columns)) { $0 % checked.columns }
    )
  }
}
