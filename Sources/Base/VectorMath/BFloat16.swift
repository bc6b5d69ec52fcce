public import CLanes

// bfloat16: the upper half of a single-precision number, 8 bits of precision and the range of single precision.
//
// Two roundings of the same rule, for 16 lanes and for one number. Pairs, the even number in the lower half of 32 bits, are the
// operands of x86's VDPBF16PS and travel as the bits of `Float`, with which nothing is computed.

/// The number rounded to bfloat16: to nearest, ties to even; denormal numbers become a zero of their sign, what is too large
/// infinity, and a NaN stays one and quiet. The relative error of normal numbers is at most 2⁻⁸.
@inlinable @inline(__always)
public func roundToBFloat16(_ value: Float) -> Float {
  let bits = value.bitPattern
  let magnitude = bits & 0x7FFF_FFFF
  if magnitude < 0x80_0000 { return Float(bitPattern: bits & 0x8000_0000) }
  if magnitude > 0x7F80_0000 { return Float(bitPattern: (bits | 0x40_0000) & 0xFFFF_0000) }
  return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16) & 1) & 0xFFFF_0000)
}

/// The same for 16 lanes.
@inlinable @inline(__always)
public func roundToBFloat16(_ values: Lanes) -> Lanes { lanes_round_bfloat16(values) }

/// The pair of two rounded numbers.
@inlinable @inline(__always)
public func bfloat16Pair(even: Float, odd: Float) -> Float {
  Float(bitPattern: odd.bitPattern | even.bitPattern >> 16)
}

/// The pairs of rounded numbers, lane by lane.
@inlinable @inline(__always)
public func bfloat16Pairs(even: Lanes, odd: Lanes) -> Lanes { lanes_pairs(even, odd) }

/// The pairs of neighbours among 32 rounded numbers.
@inlinable @inline(__always)
public func bfloat16Pairs(ofNeighbours low: Lanes, _ high: Lanes) -> Lanes {
  lanes_pairs(lanes_even_indices(low, high), lanes_odd_indices(low, high))
}

/// Every lane with its neighbour exchanged: 1, 0, 3, 2, …
@inlinable @inline(__always)
public func swapNeighbours(_ values: Lanes) -> Lanes { lanes_swap_neighbours(values) }

/// The pair at an address in every lane.
@inlinable @inline(__always)
public func splatPair(_ from: UnsafePointer<Float>) -> Lanes { lanes_splat_pair(from) }

/// sum + a.odd · b.odd, and that + a.even · b.even, each rounded once: what VDPBF16PS does where `flushingDenormals` is in force.
@inlinable @inline(__always)
public func addPairProducts(_ sum: Lanes, _ a: Lanes, _ b: Lanes) -> Lanes { lanes_add_pair_products(sum, a, b) }

/// The same by VDPBF16PS, if the machine that this is compiled for has it; otherwise `addPairProducts`.
@inlinable @inline(__always)
public func addPairProductsByInstruction(_ sum: Lanes, _ a: Lanes, _ b: Lanes) -> Lanes {
  lanes_pair_instruction(sum, a, b)
}

/// Whether the machine that this is compiled for has VDPBF16PS.
@inlinable @inline(__always)
public var hasPairInstruction: Bool { lanes_have_pair_instruction() }

/// Calls `body` while this thread takes denormal numbers for zeros and makes zeros of denormal results, as VDPBF16PS does by
/// itself. `body` must call a function that is not inlined: the compiler knows nothing of the control register and would move
/// arithmetic across its change.
@inlinable @inline(__always)
public func flushingDenormals(_ body: () -> Void) {
  let control = lanes_flush_denormals()
  body()
  lanes_restore_control(control)
}
