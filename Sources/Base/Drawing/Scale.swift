import Glibc

/// How numbers become places along an axis.
public struct Scale: Sendable {
  /// Whether equal distances are equal differences or equal ratios.
  public enum Kind: Sendable {
    case linear
    /// Equal ratios, with ticks at powers of ten.
    case logarithmic
    /// Equal ratios, with ticks at powers of two.
    case doubling
  }

  /// A labelled place of an axis.
  public struct Tick: Sendable, Equatable {
    /// The number.
    public let value: Double
    /// As it is written.
    public let label: String
  }

  /// The numbers at both ends.
  public let domain: ClosedRange<Double>
  /// The places of both ends.
  public let start, end: Double
  /// Differences or ratios.
  public let kind: Kind

  /// A scale from `domain` to places from `start` to `end`.
  /// - Precondition: `domain` has an extent; with ratios it is positive.
  public init(_ domain: ClosedRange<Double>, from start: Double, to end: Double, kind: Kind = .linear) {
    precondition(domain.lowerBound < domain.upperBound, "a scale of no extent")
    precondition(kind == .linear || domain.lowerBound > 0, "a logarithmic scale from \(domain.lowerBound)")
    self.domain = domain
    self.start = start
    self.end = end
    self.kind = kind
  }

  /// The place of a number; one outside the domain is at its nearest end.
  public func callAsFunction(_ value: Double) -> Double {
    let inside = min(max(value, domain.lowerBound), domain.upperBound)
    let fraction =
      switch kind {
      case .linear: (inside - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
      case .logarithmic, .doubling:
        (log10(inside) - log10(domain.lowerBound)) / (log10(domain.upperBound) - log10(domain.lowerBound))
      }
    return start + (end - start) * fraction
  }

  /// Round numbers of the domain, at most so many: multiples of 1, 2 or 5 times a power of ten; powers of ten, where
  /// there are two, or else 1, 2 and 5 times such; or powers of two.
  public func ticks(atMost count: Int) -> [Tick] {
    switch kind {
    case .linear: linearTicks(atMost: count)
    case .logarithmic: logarithmicTicks(atMost: count)
    case .doubling: doublingTicks(atMost: count)
    }
  }

  private func linearTicks(atMost count: Int) -> [Tick] {
    let extent = domain.upperBound - domain.lowerBound
    var exponent = Int(log10(extent / Double(max(count, 1))).rounded(.down))
    while true {
      for factor in [1.0, 2, 5] {
        let step = factor * power(exponent)
        let first = Int((domain.lowerBound / step - 1e-9).rounded(.up))
        let last = Int((domain.upperBound / step + 1e-9).rounded(.down))
        guard last - first < count else { continue }
        return first > last
          ? []
          : (first...last).map {
            let value = exponent < 0 ? Double($0) * factor / power(-exponent) : Double($0) * step
            return Tick(value: value, label: Self.label(value, decimals: max(0, -exponent)))
          }
      }
      exponent += 1
    }
  }

  private func logarithmicTicks(atMost count: Int) -> [Tick] {
    let first = Int((log10(domain.lowerBound) - 1e-9).rounded(.up))
    let last = Int((log10(domain.upperBound) + 1e-9).rounded(.down))
    // A short domain has its numbers between powers of ten.
    guard last > first else {
      let ticks = (first - 2...first + 1).flatMap { exponent in
        [1.0, 2, 5].map {
          Tick(value: $0 * power(exponent), label: Self.label($0 * power(exponent), decimals: max(0, -exponent)))
        }
      }
      return Array(ticks.filter { domain.contains($0.value) }.prefix(max(count, 1)))
    }
    let step = (last - first) / max(count, 1) + 1
    return stride(from: first, through: last, by: step).map {
      Tick(value: power($0), label: Self.label(power($0), decimals: max(0, -$0)))
    }
  }

  private func doublingTicks(atMost count: Int) -> [Tick] {
    let first = Int((log2(domain.lowerBound) - 1e-9).rounded(.up))
    let last = Int((log2(domain.upperBound) + 1e-9).rounded(.down))
    guard first <= last else { return [] }
    let step = (last - first) / max(count, 1) + 1
    return stride(from: first, through: last, by: step).map { exponent in
      let value = exp2(Double(exponent))
      return Tick(value: value, label: Self.label(value, decimals: max(0, -exponent)))
    }
  }

  private func power(_ exponent: Int) -> Double {
    var value = 1.0
    for _ in 0..<abs(exponent) { value *= 10 }
    return exponent < 0 ? 1 / value : value
  }

  /// "0.85", "20", "5K", "1M".
  private static func label(_ value: Double, decimals: Int) -> String {
    for (unit, name) in [(1e9, "G"), (1e6, "M"), (1e3, "K")] where value.magnitude >= unit {
      return decimal(value / unit, 1) + name
    }
    let text = decimal(value, decimals)
    guard decimals > 0 else { return text }
    // As many decimals for all labels of an axis.
    let parts = text.split(separator: ".")
    let found = parts.count > 1 ? String(parts[1]) : ""
    return "\(parts[0])." + found + String(repeating: "0", count: max(0, decimals - found.count))
  }
}
