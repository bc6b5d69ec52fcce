/// A number with so many decimals at most, without zeros at its end: "12.5", "-3". Halves are
/// rounded away from zero; what is no number is 0, and what is too large for decimals is written as Swift does, "1e+21".
public func decimal(_ value: Double, _ places: Int = 1) -> String {
  guard value.isFinite else { return "0" }
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  guard value.magnitude * scale < 1e18 else { return "\(value)" }
  var units = Int((value.magnitude * scale).rounded())
  guard units > 0 else { return "0" }
  var places = places
  while places > 0, units.isMultiple(of: 10) {
    units /= 10
    places -= 1
  }
  var digits = String(units)
  if digits.count <= places { digits = String(repeating: "0", count: places + 1 - digits.count) + digits }
  if places > 0 { digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -places)) }
  return (value < 0 ? "-" : "") + digits
}
