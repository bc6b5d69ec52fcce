import Metrics

/// A difference with its sign and three decimals; what rounds to nothing has no sign.
public func signedThreeDecimals(_ value: Double) -> String {
  let digits = threeDecimals(value.magnitude)
  if digits == "0.000" { return digits }
  return (value < 0 ? "−" : "+") + digits
}

/// A whole number with commas between thousands.
public func grouped(_ value: Int) -> String {
  let digits = String(value)
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
    text.append(digit)
  }
  return text
}

/// Seeds with runs of three or more in short: "1–5, 8, 9".
public func listed(_ seeds: [UInt64]) -> String {
  var runs: [ClosedRange<UInt64>] = []
  for seed in seeds {
    if let last = runs.last, last.upperBound + 1 == seed {
      runs[runs.count - 1] = last.lowerBound...seed
    } else {
      runs.append(seed...seed)
    }
  }
  return runs.map { run in
    run.count > 2 ? "\(run.lowerBound)–\(run.upperBound)" : run.map(String.init).joined(separator: ", ")
  }.joined(separator: ", ")
}
