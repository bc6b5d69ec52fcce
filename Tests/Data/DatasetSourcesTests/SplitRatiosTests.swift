import Datasets
import Testing

@testable import DatasetSources

@Suite struct SplitRatiosTests {
  /// Shares of val and test are rounded to the nearest, and train takes the rest.
  @Test(arguments: [
    ("70/10/20", 8, [5, 1, 2]), ("70/10/20", 15, [10, 2, 3]), ("65/10/25", 488, [317, 49, 122]),
    ("65/10/25", 86, [55, 9, 22]), ("1/1/1", 10, [4, 3, 3]), ("98/1/1", 3, [1, 1, 1]), ("1/1/98", 5, [1, 1, 3]),
  ])
  func countsAreRoundedShares(text: String, groups: Int, expected: [Int]) throws {
    let ratios = try #require(SplitRatios(text))
    #expect(ratios.description == text)
    let counts = ratios.counts(of: groups)
    #expect(Split.allCases.map { counts[$0, default: 0] } == expected)
  }
}
