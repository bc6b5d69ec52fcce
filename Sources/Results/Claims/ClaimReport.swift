public import Artifacts
import Drawing
import Metrics
import Reporting
import Statistics

/// The verdicts on all claims of a file: a pure model that every format renders.
public struct ClaimReport: Sendable, Equatable {
  /// The phrase that every report on generated data carries.
  public static let sampleWarning = "sample data: these verdicts say nothing about the paper"

  /// What the claims are about: the paper, or the subject of the file.
  public let title: String
  /// Whether they are the paper's claims, so that its own numbers stand beside ours.
  public let isOfPaper: Bool
  /// The datasets that averages are over.
  public let datasets: [String]
  /// The results, in the order of the file.
  public let results: [ClaimResult]
  /// The profile of the artifacts.
  public let profile: Profile
  /// The version of the software.
  public let softwareVersion: String
  /// The command that makes this report.
  public let command: String

  /// A report from its parts.
  public init(
    _ results: [ClaimResult], title: String? = nil, datasets: [String] = [], profile: Profile, softwareVersion: String,
    command: String
  ) {
    self.title = title ?? "Claims of arXiv:2503.07294"
    isOfPaper = title == nil
    self.datasets = datasets
    self.results = results
    self.profile = profile
    self.softwareVersion = softwareVersion
    self.command = command
  }

  /// Whether the results are of generated data.
  public var isSample: Bool { profile == .sample }

  /// How many claims have a verdict.
  public func count(of verdict: Verdict) -> Int { results.count { $0.verdict == verdict } }

  /// "3 confirmed, 2 contradicted, 4 undecided, 2 inconsistent, 21 missing".
  public var summary: String {
    Verdict.allCases.map { "\(count(of: $0)) \($0.rawValue)" }.joined(separator: ", ")
  }

  /// What the words mean, for below the verdicts.
  static let legend = [
    "Confirmed: the 95% interval excludes that there is no effect, and the effect is at least as large as matters. "
      + "Contradicted: an effect as large as matters is excluded. Undecided: neither. Near: the 90% interval lies within "
      + "the margin (two one-sided tests). Inconsistent: the paper's own tables contradict its text; what our runs say is "
      + "beside it.",
    "Intervals hold for other seeds and other test images (Obuchowski and Rockette's analysis of readers and cases, seeds "
      + "and images paired); an effect is that of the rows compared on the same seeds. P values are not corrected but "
      + "Wilcoxon's (Holm). docs/statistics.md has the formulas.",
  ]
}

extension TestResult {
  /// The number in words: differences of measures with their sign and three decimals, others with four digits.
  func text(_ value: Double) -> String {
    test.comparison == nil ? significant(value) : signedThreeDecimals(value)
  }

  /// "+0.012 [-0.003, 0.027]".
  public func text(_ estimate: Estimate) -> String {
    let interval = estimate.interval.flatMap { $0.low == $0.high ? nil : " [\(text($0.low)), \(text($0.high))]" }
    return text(estimate.value) + (interval ?? "")
  }

  /// "above 0 by 0.01 or more".
  public var expectation: String {
    let (target, margin) = (significant(test.target), significant(test.margin))
    switch test.expectation {
    case .above: return "above \(target)" + (test.margin == 0 ? "" : ", by \(margin) or more")
    case .below: return "below \(target)" + (test.margin == 0 ? "" : ", by \(margin) or more")
    case .near: return "\(target), give or take \(margin)"
    }
  }

  /// "AUC" or "AUC on breastmnist".
  public var title: String { test.name + (test.dataset.map { " on \($0)" } ?? "") }

  /// What else is known, phrase by phrase: seeds, P, what would decide it.
  func details(_ estimate: Estimate) -> [String] {
    var details: [String] = []
    if let seeds = estimate.seeds {
      details.append(
        seeds.lowerBound == seeds.upperBound
          ? (seeds.lowerBound == 1 ? "1 seed, so no interval" : "\(seeds.lowerBound) seeds")
          : "\(seeds.lowerBound) to \(seeds.upperBound) seeds")
    }
    if let p = estimate.pValue { details.append("p \(probability(p))") }
    if let seeds = estimate.seedDeviation, let images = estimate.imageDeviation, seeds + images > 0 {
      details.append("sd from seeds \(threeDecimals(seeds)), from images \(threeDecimals(images))")
    }
    switch estimate.seedsNeeded {
    case .count(let count)?: details.append("\(grouped(count)) seeds would decide it (power 80%)")
    case .imagesDoNotSuffice?: details.append("no number of seeds would decide it: the test images are too few")
    case .noEffect?, nil: break
    }
    if let comparison {
      details.append(
        "P(improvement) \(threeDecimals(comparison.improvement.value))\(bracketed(comparison.improvement.interval))")
      details.append(
        "interquartile means \(threeDecimals(comparison.new.value)) and \(threeDecimals(comparison.old.value))")
      if comparison.wilcoxonCount > 1 {
        details.append(
          "Wilcoxon over \(comparison.wilcoxonCount) datasets p \(probability(comparison.wilcoxonP))"
            + (correctedP.map { ", corrected \(probability($0))" } ?? ""))
      }
      if let wrong = comparison.wrongRanking { details.append("wrong ranking \(threeDecimals(wrong))") }
    }
    return details
  }

  private func bracketed(_ interval: Interval?) -> String {
    interval.map { " [\(threeDecimals($0.low)), \(threeDecimals($0.high))]" } ?? ""
  }
}

/// "0.031", "< 0.001".
func probability(_ value: Double) -> String { value < 0.001 ? "< 0.001" : threeDecimals(value) }

/// A number with at most four significant digits, without zeros at its end; whole thousands with commas.
func significant(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "n/a" : value < 0 ? "−∞" : "∞" }
  if value.magnitude >= 1000, value.magnitude < 1e15 {
    let text = grouped(Int(value.magnitude.rounded()))
    return (value < 0 ? "−" : "") + text
  }
  // The decimals that make four digits, at most nine.
  var decimals = 3
  var threshold = 1.0
  while decimals < 9, value.magnitude < threshold, value != 0 {
    decimals += 1
    threshold /= 10
  }
  if value.magnitude >= 10 { decimals = value.magnitude >= 100 ? 1 : 2 }
  let text = decimal(value.magnitude, decimals)
  return (value < 0 && text != "0" ? "−" : "") + text
}
