import Metrics
public import Statistics

/// What our results say of a claim.
public struct ClaimResult: Sendable, Equatable {
  /// The claim.
  public let claim: ClaimDeclaration
  /// The verdict on the claim: `reproduction`, or `inconsistent` where the paper contradicts itself.
  public let verdict: Verdict
  /// What our results say, whatever the paper's tables do.
  public let reproduction: Verdict
  /// The tests.
  public internal(set) var tests: [TestResult]
  /// The numbers of the text, beside what the paper's tables and our results give.
  public let statements: [StatementResult]
  /// Further numbers; nil where they cannot be computed.
  public let quantities: [QuantityResult]
  /// What is missing, a sentence each, with the command that makes it where there is one.
  public let missing: [Missing]
  /// The files it was judged by.
  public let files: [File]

  /// What the verdict decides, in words, with the number that it rests on; nil where nothing was declared or it is missing.
  public var decision: String? {
    guard let sentence = claim.decides[verdict], let test = tests.first(where: \.test.counts),
      let estimate = test.estimate
    else { return nil }
    let seeds = estimate.seeds.map {
      $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)"
    }
    return "\(sentence) (\(test.title): \(test.text(estimate)), \(seeds ?? "0") seeds)"
  }

  /// Something that is not there.
  public struct Missing: Sendable, Hashable {
    /// What.
    public let what: String
    /// The command that makes it; empty where none does.
    public let command: String
  }

  /// A file that results were read from.
  public struct File: Sendable, Hashable {
    /// Where it is.
    public let path: String
    /// Its `content_sha256`.
    public let contentSHA256: String
  }

  /// A number that is shown beside a verdict.
  public struct QuantityResult: Sendable, Equatable {
    /// What it is.
    public let name: String
    /// Its value.
    public let value: Double?
  }
}

/// A number of the paper's text.
public struct StatementResult: Sendable, Equatable {
  /// The statement.
  public let statement: ClaimDeclaration.Statement
  /// What the paper's tables give for the formula; nil where they do not have its cells.
  public let inside: Double?
  /// What ours do.
  public let ours: Double?
  /// Whether the text can be the rounded value of what the tables give, which are rounded themselves.
  public let isConsistent: Bool
}

/// The outcome of a test.
public struct TestResult: Sendable, Equatable {
  /// The test.
  public let test: TestDeclaration
  /// Its verdict: never `inconsistent`.
  public internal(set) var verdict: Verdict
  /// What is known of its number; nil where a cell is missing.
  public internal(set) var estimate: Estimate?
  /// The number on those of the datasets that are complete, where not all are.
  public internal(set) var partial: Partial?
  /// What the paper's tables give for the formula; nil where they do not have its cells.
  public let inside: Double?
  /// Whether the paper's tables agree with the expectation; nil where they do not have its cells.
  public let isInsideExpected: Bool?
  /// Figures of a comparison of two groups.
  public internal(set) var comparison: ComparisonFigures?
  /// Wilcoxon's p value over all tests of the file by Holm's correction; nil without one.
  public internal(set) var correctedP: Double?

  /// A number with what is known about it.
  public struct Estimate: Sendable, Equatable {
    /// The value.
    public let value: Double
    /// Its 95% interval; nil where no uncertainty is known: single runs.
    public let interval: Interval?
    /// The standard deviation that other seeds would give it; 0 of a count.
    public let seedDeviation: Double?
    /// The standard deviation that other test images would give it.
    public let imageDeviation: Double?
    /// P of a difference from the value expected as large as this or larger; of `near`, P of a difference from the margins.
    public let pValue: Double?
    /// Where a single run would lie on other images; what a published number is compared with.
    public let prediction: Interval?
    /// The smallest and largest number of seeds on a dataset; nil of a count.
    public let seeds: ClosedRange<Int>?
    /// How many seeds would decide the test; nil unless it is open.
    public let seedsNeeded: SeedsNeeded?
  }

  /// What is known before all datasets are there.
  public struct Partial: Sendable, Equatable {
    /// The datasets that are complete.
    public let datasets: [String]
    /// The number on them.
    public let estimate: Estimate
    /// What the verdict would be if there were only they.
    public let verdict: Verdict
  }
}

/// Figures of a comparison of two groups of rows that no assumption of normality enters.
public struct ComparisonFigures: Sendable, Equatable {
  /// The interquartile means of both groups over seeds, datasets and rows, with their bootstrap intervals.
  public let new: Aggregate
  /// Of the rows compared with.
  public let old: Aggregate
  /// P that a new run is better than an old one on the same dataset, with its bootstrap interval.
  public let improvement: Aggregate
  /// Wilcoxon's signed-rank test of the differences of means over the datasets.
  public let wilcoxonP: Double
  /// The number of datasets that differ.
  public let wilcoxonCount: Int
  /// The mean probability over datasets, pairs of rows and seeds that of a pair of runs the one with the higher accuracy is not
  /// the better one, from the images alone; nil of other metrics.
  public let wrongRanking: Double?

  /// A figure with its interval.
  public struct Aggregate: Sendable, Equatable {
    /// The value.
    public let value: Double
    /// Its 95% bootstrap interval; nil of single runs.
    public let interval: Interval?
  }
}
