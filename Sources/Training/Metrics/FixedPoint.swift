import VectorMath

/// A number with three decimals, correctly rounded from its exact binary value (ties to even) as C and Python print it;
/// "nan" for NaN.
/// - Precondition: the number is NaN or below 1e9 in magnitude.
public func threeDecimals(_ value: Double) -> String {
  if value.isNaN { return "nan" }
  precondition(abs(value) < 1e9, "\(value) is no measure")
  // value · 1000 = product + rest, exactly. Only a product that seems to be a tie needs the rest.
  let product = abs(value) * 1000
  let rest = multiplyAdd(abs(value), 1000, -product)
  var thousandths = Int(product)
  let fraction = product - Double(thousandths)
  if fraction > 0.5 || (fraction == 0.5 && (rest > 0 || (rest == 0 && !thousandths.isMultiple(of: 2)))) {
    thousandths += 1
  }
  let decimals = String(thousandths % 1000)
  let sign = value.sign == .minus ? "-" : ""
  return "\(sign)\(thousandths / 1000)." + String(repeating: "0", count: 3 - decimals.count) + decimals
}
