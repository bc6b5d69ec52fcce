/// The mean of the middle half of all values: a mean that no single extraordinary run or dataset moves, and with less noise
/// than a median. A quarter of them, rounded down, is left out at each end.
///
/// Source: R. Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice", arXiv:2108.13264
/// (rliable's `aggregate_iqm`).
public func interquartileMean(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let cut = sorted.count / 4
  return mean(Array(sorted[cut..<(sorted.count - cut)]))
}

/// The probability that a run of X is better than one of Y on the same dataset, ties counting half, the mean over the datasets.
/// - Parameters:
///   - x: values `[dataset][run]`.
///   - y: values `[dataset][run]`, as many datasets.
///
/// Source: arXiv:2108.13264 (rliable's `probability_of_improvement`).
public func probabilityOfImprovement(_ x: [[Double]], over y: [[Double]]) -> Double {
  precondition(x.count == y.count && !x.isEmpty, "\(x.count) and \(y.count) datasets")
  return mean(
    zip(x, y).map { better, worse in
      var doubledWins = 0
      for value in better {
        for other in worse { doubledWins += value > other ? 2 : value == other ? 1 : 0 }
      }
      return Double(doubledWins) / Double(2 * better.count * worse.count)
    })
}
