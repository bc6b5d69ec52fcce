public import Datasets

import VectorMath

/// How many images, or groups of images, go to each split, in proportion.
public struct SplitRatios: Sendable, Equatable, CustomStringConvertible {
  /// Parts of train, val, test; each at least 1.
  public let parts: [Split: Int]

  /// 70 to 10 to 20, close to the published splits of MedMNIST.
  public static let standard = SplitRatios(train: 70, val: 10, test: 20)

  /// Ratios from parts.
  /// - Precondition: each is in 1 … 10⁶.
  public init(train: Int, val: Int, test: Int) {
    parts = [.train: train, .val: val, .test: test]
    precondition(parts.values.allSatisfy { (1...1_000_000).contains($0) }, "ratios \(parts)")
  }

  /// Reads `70/10/20`; nil if it is not of this form.
  public init?(_ text: String) {
    guard let match = text.wholeMatch(of: /(\d{1,6})\/(\d{1,6})\/(\d{1,6})/), let train = Int(match.1),
      let val = Int(match.2), let test = Int(match.3), min(train, val, test) > 0
    else { return nil }
    self.init(train: train, val: val, test: test)
  }

  /// As `70/10/20`.
  public var description: String { Split.allCases.map { String(parts[$0, default: 0]) }.joined(separator: "/") }

  /// Cuts `count` ≥ 3 groups: rounded shares for val and test, at least one for every split, the rest for train.
  func counts(of count: Int) -> [Split: Int] {
    let sum = parts.values.reduce(0, +)
    func share(_ split: Split) -> Int { max(1, (2 * count * parts[split, default: 0] + sum) / (2 * sum)) }
    var (val, test) = (share(.val), share(.test))
    while val + test >= count { if val > test { val -= 1 } else { test -= 1 } }
    return [.train: count - val - test, .val: val, .test: test]
  }

  /// The splits of named groups, by chance.
  /// - Parameters:
  ///   - groups: distinct names; their order matters, so sort them.
  ///   - counts: how many groups each split gets.
  static func assign(
    _ groups: [String], counts: [Split: Int], _ stream: inout RandomStream
  ) -> [String: Split] {
    let places = Split.allCases.flatMap { [Split](repeating: $0, count: counts[$0, default: 0]) }
    precondition(places.count == groups.count, "\(places.count) places for \(groups.count) groups")
    let order = stream.permutation(of: groups.count)
    return Dictionary(uniqueKeysWithValues: zip(order.map { groups[$0] }, places))
  }
}
