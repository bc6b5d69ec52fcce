/// The probability that of two classifiers the one that is right more often on the images at hand is not the better one.
///
/// Images are drawn from a population in which only A is right with probability p_A, only B with p_B, both or neither with
/// the rest. With a uniform Dirichlet prior on the three and a and b images on which only one is right, the posterior
/// of p_A/(p_A + p_B) is Beta(a + 1, b + 1) whatever the rest, and P(p_A < p_B) = I_½(a + 1, b + 1).
///
/// It is about images only: that another seed might turn the ranking over is not in it.
///
/// Source: "Confidence intervals uncovered / Claims Reloaded", arXiv:2505.04720.
/// - Parameters:
///   - onlyFirst: the number of images on which only the classifier claimed to be better is right.
///   - onlySecond: the number of images on which only the other is.
public func probabilityOfWrongRanking(onlyFirst: Int, onlySecond: Int) -> Double {
  precondition(onlyFirst >= 0 && onlySecond >= 0)
  return incompleteBeta(0.5, Double(onlyFirst) + 1, Double(onlySecond) + 1)
}
