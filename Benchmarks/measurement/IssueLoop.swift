import VectorMath

/// Fused multiply-adds as fast as they are issued: 8 independent chains, the least that hides a latency of four cycles on
/// two units. Returns the number of operations.
@inline(never)
public func issueLoop() -> Int {
  var chains = InlineArray<8, Lanes>(repeating: splat(1))
  let (factor, addend) = (splat(0.999), splat(0.001))
  for _ in 0..<4096 {
    for index in 0..<8 { chains[index] = multiplyAdd(chains[index], factor, addend) }
  }
  var total = splat(0)
  for index in 0..<8 { total += chains[index] }
  // Never true: the result has to be used.
  return sum(total) < 0 ? 0 : 8 * 4096
}
