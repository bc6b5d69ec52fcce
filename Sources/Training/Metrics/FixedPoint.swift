import VectorMath

/// A number with three decimals, correctly rounded from its exact binary value (ties to even) as C and Python print it;
/// "nan" for NaN. From 1e9 on, which no measure is but a formula's value may be, as Swift writes it, "1e+21".
public func threeDecimals(_ value: Double) -> String {
  if value.isNaN { return "nan" }
  guard abs(value) < 1e9 else { return "\(value)" }
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
